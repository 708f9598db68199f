//! Requests that we send: bounded in time and size, and never redirected unasked.

mod client;
mod download;

pub(crate) use self::{
    client::{Asked, Outbound},
    download::Reach,
};
