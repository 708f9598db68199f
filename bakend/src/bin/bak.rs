//! The `bak` program.
fn main() {}
