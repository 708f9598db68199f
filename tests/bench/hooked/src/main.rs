//! `bak` with one hook, to be measured beside PocketBase with the same hook in its JavaScript runtime.

use std::process::ExitCode;

use bakend::{Bakend, schema::Value};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let backend = Bakend::builder().before_create_of("posts", async |e| {
        let title = format!("hooked {}", e.record.text("title").to_uppercase());
        e.record.set("title", Value::Text(title));
        Ok(())
    });
    bakend::block_on(backend.run())
}
