//! Scenarios against a served app, and the layering of the source.

mod client;
mod mailing;
mod world;

mod api_keys;
mod auth_events;
mod auth_factors;
mod auth_mails;
mod auth_matrix;
mod auth_mfa;
mod auth_origins;
mod auth_otp;
mod auth_pages;
mod builder;
mod files;
mod hooks;
mod hostile;
mod http;
mod kit;
mod layers;
mod passwords;
mod rate_limits;
mod realtime;
mod records;
mod rules;
mod s3;
mod sessions;
mod superusers;
mod typed;
