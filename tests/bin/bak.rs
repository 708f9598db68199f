//! The `bak` program, for scenarios that start it: Cargo builds it with them.

use std::process::ExitCode;

fn main() -> ExitCode {
    bakend::block_on(bakend::Bakend::builder().run())
}
