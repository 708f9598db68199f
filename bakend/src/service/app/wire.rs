//! Records as the API answers them, for routes of a program's own.

use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// JSON that is ready to be sent: a handler may return it.
#[derive(Clone, Debug)]
pub struct Wire(Vec<u8>);

impl Wire {
    pub(super) fn new(json: Vec<u8>) -> Self {
        Self(json)
    }

    /// The bytes of the JSON text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The JSON, read.
    ///
    /// # Errors
    /// `Internal`: it does not fit `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.0).map_err(Error::internal)
    }
}
