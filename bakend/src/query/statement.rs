//! A statement ready to run: text, binds, and what is known of its pace.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::schema::Scalar;

/// Whether a statement of this text proved slow; shared by all statements made from one plan.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<AtomicBool>);

impl Pace {
    /// Whether it should not run on an async worker.
    pub fn is_slow(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes that it overran the inline budget.
    pub fn mark_slow(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Notes that it was quick again.
    pub fn mark_quick(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A statement ready to run.
#[derive(Clone, Debug)]
pub struct Statement {
    /// SQL in the dialect's own form; the same text for the same plan, so prepared statements are found again.
    pub sql: Arc<str>,
    /// One a placeholder, in order.
    pub binds: Vec<Scalar>,
    /// Whether it proved slow.
    pub pace: Pace,
}

impl Statement {
    /// A statement outside the planner.
    pub fn new(sql: impl Into<Arc<str>>, binds: Vec<Scalar>) -> Self {
        Self { sql: sql.into(), binds, pace: Pace::default() }
    }
}
