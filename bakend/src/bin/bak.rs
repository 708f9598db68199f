//! The `bak` program: the command line, on an allocator that keeps many small answers cheap.

use std::process::ExitCode;

use bakend::Bakend;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bakend::block_on(Bakend::builder().run())
}
