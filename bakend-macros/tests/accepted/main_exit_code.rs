use std::process::ExitCode;

#[bakend::main]
async fn main() -> ExitCode {
    tokio::task::yield_now().await;
    ExitCode::SUCCESS
}

#[test]
fn main_with_an_exit_code() {
    assert_eq!(main(), ExitCode::SUCCESS);
}
