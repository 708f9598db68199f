#[bakend::main]
fn main() {}
