//! Taking over the data of another backend.

mod order;
mod pocketbase;
mod records;
mod report;
mod rows;
mod target;
#[cfg(test)]
mod tests;

pub use self::{
    pocketbase::{Progress, pocketbase},
    report::{Dangling, ImportReport, LeftOut, Refused},
};
