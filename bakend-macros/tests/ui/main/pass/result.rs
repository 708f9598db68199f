#[bakend::main]
async fn main() -> bakend::Result<()> {
    tokio::spawn(async {}).await.map_err(bakend::Error::internal)?;
    Ok(())
}
