use std::process::ExitCode;

#[bakend::main]
async fn main() -> ExitCode {
    tokio::task::yield_now().await;
    ExitCode::SUCCESS
}
