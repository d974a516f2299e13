//! `wasmcloud:messaging` over RabbitMQ as a provider of wasmCloud 1.9. As the source of a link it delivers the messages of a
//! queue to a component, as the target of one it publishes what a component sends. The README beside it lists the settings.

mod bindings;
mod component_handler;
mod link;
mod provider;
mod publish;

use crate::provider::RabbitMqProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    waybill_provider::run("rabbitmq", |at| Ok(RabbitMqProvider::new(at.lattice, at.service))).await
}
