//! Who asks: tokens, passwords, sign-in, and the rules of account forms.

pub mod api_keys;
pub mod cache;
pub mod credential;
pub(crate) mod decoys;
mod digest;
pub mod email_change;
pub mod expiry;
pub mod finish;
pub mod form;
mod hashing;
pub mod hooks;
pub mod installer;
pub mod mail_token;
pub mod methods;
mod mfa;
pub mod oauth2;
mod origins;
pub mod otp;
mod owned;
pub mod passkeys;
pub mod password;
pub mod password_reset;
mod requests;
pub mod sessions;
pub mod sign_in;
mod spend;
pub mod superusers;
pub mod token;
pub mod totp;
pub(crate) mod tries;
pub mod upkeep;
pub mod verification;
pub mod who;

pub use self::{cache::AuthCache, token::TokenKind};
