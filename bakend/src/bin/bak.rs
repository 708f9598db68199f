//! The `bak` program: the command line, on an allocator that keeps many small answers cheap.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bakend::cli::main()
}
