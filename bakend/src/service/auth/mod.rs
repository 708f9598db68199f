//! Who asks: tokens, passwords, sign-in, and the rules of account forms.

pub mod cache;
pub mod finish;
pub mod form;
pub mod methods;
pub mod password;
pub mod sign_in;
pub mod superusers;
pub mod token;
pub mod who;

pub use self::{cache::AuthCache, token::TokenKind};
