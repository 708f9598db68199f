#[bakend::main]
async fn main() -> bakend::Result<()> {
    tokio::spawn(async {}).await.map_err(bakend::Error::internal)?;
    Ok(())
}

#[test]
fn main_with_a_result() {
    assert_eq!(main(), std::process::ExitCode::SUCCESS);
}
