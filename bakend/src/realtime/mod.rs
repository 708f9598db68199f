//! The realtime door: the words that clients and the server exchange, over server-sent events and over WebSockets.
//!
//! It knows no HTTP: the HTTP door lends it streams and sockets.

pub mod socket;
pub mod sse;
