//! `wasmcloud:messaging` over RabbitMQ as a provider of wasmCloud 1.9. As the source of a link it delivers the messages of a
//! queue to a component, as the target of one it publishes what a component sends. The README beside it lists the settings.

mod bindings;
mod deliver;
mod link;
mod provider;
mod publish;
mod trace_in_body;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use waybill_provider::sdk::{get_connection, run_provider};

use crate::provider::RabbitMqProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let telemetry = waybill_provider::start()?;
    let stop = CancellationToken::new();
    let provider = RabbitMqProvider::new(telemetry.service("rabbitmq"), stop.clone());
    let ended = run_provider(provider.clone(), "waybill-provider-rabbitmq")
        .await
        .context("the provider did not start")?;
    let connection = get_connection();
    let client = connection.get_wrpc_client(connection.provider_key()).await?;
    let calls = bindings::serve(&client, provider.clone()).await.context("calls cannot be served")?;
    let serving = tokio::spawn(waybill_provider::serve(calls, stop.clone()));
    waybill_provider::until_ended(ended, &provider).await;
    stop.cancel();
    serving.await?;
    telemetry.shutdown().await;
    Ok(())
}
