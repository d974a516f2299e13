//! The outbox's events to RabbitMQ or NATS, as a provider of wasmCloud 1.9 that the manifest configures. It has no links: it
//! reads the orders database and nobody calls it. Of several copies one delivers, the others stand by.

mod provider;
mod settings;
mod to_nats;

use crate::provider::RelayProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    waybill_provider::run("orders", RelayProvider::start).await
}
