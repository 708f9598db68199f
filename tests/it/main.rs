//! Scenarios against a served app, and the layering of the source.

mod client;
mod world;

mod builder;
mod hooks;
mod hostile;
mod http;
mod layers;
mod records;
mod rules;
mod typed;
