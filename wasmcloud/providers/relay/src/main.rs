//! The outbox's events to RabbitMQ or NATS, as a provider of wasmCloud 1.9 that the manifest configures. It has no links: it
//! reads the orders database, and no component calls it. Of several copies one delivers, and the others stand by.

mod nats;
mod provider;
mod settings;

use crate::provider::RelayProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    waybill_provider::run("orders", RelayProvider::start).await
}
