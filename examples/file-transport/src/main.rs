//! `ORDERS_DATABASE_URL=… cargo run --package waybill-example-file-transport -- events.jsonl`: a relay with this transport.

use anyhow::{Context as _, Result};
use tokio_util::sync::CancellationToken;
use waybill_example_file_transport::ToFile;
use waybill_postgres::{Database, ServerConfig};
use waybill_relay::{Relay, RelayConfig};
use waybill_telemetry::Service;

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("ORDERS_DATABASE_URL").context("ORDERS_DATABASE_URL is not set")?;
    let path = std::env::args_os().nth(1).context("name the file to append to")?;
    let database = Database::connect(ServerConfig::new(&url)?).await?;
    let relay = Relay::new(database.clone(), ToFile(path.into()), RelayConfig::default(), Service::off());
    let stop = CancellationToken::new();
    let running = tokio::spawn(relay.run(stop.clone()));
    tokio::signal::ctrl_c().await?;
    // The relay finishes its batch. An event that is not confirmed by then stays in the outbox.
    stop.cancel();
    running.await?;
    database.close().await;
    Ok(())
}
