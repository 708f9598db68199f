#[bakend::main]
async fn start() {}

fn main() {}
