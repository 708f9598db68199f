//! How often something may happen: per client by the settings' rules, per account by fixed bounds.

mod guesses;
pub mod limiter;
pub mod rules;
pub mod window;

pub(crate) use guesses::{Guesses, Known};
pub use limiter::Limiter;
pub use window::Standing;
