use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use wasmcloud_provider_sdk::provider::WrpcClient;
use wasmcloud_provider_sdk::{Provider, get_connection, run_provider};
use waybill_telemetry::Service;

use crate::serving::serve;
use crate::{Calls, start, until_ended};

/// Runs a provider that components call, from its start to its end: `make` makes it of where its spans go and of what it
/// cancels when it ends, `bind` is `serve` of its generated bindings.
pub async fn run<P: Provider + Clone>(
    service: &str,
    make: impl FnOnce(Service, CancellationToken) -> P,
    bind: impl AsyncFnOnce(&WrpcClient, P) -> anyhow::Result<Calls>,
) -> anyhow::Result<()> {
    let telemetry = start()?;
    let stop = CancellationToken::new();
    let provider = make(telemetry.service(service), stop.clone());
    let name = format!("waybill-provider-{service}");
    let ended = run_provider(provider.clone(), &name).await.context("the provider did not start")?;
    let connection = get_connection();
    let client = connection.get_wrpc_client(connection.provider_key()).await?;
    let calls = bind(&client, provider.clone()).await.context("calls cannot be served")?;
    let serving = tokio::spawn(serve(calls, stop.clone()));
    until_ended(ended, &provider).await;
    stop.cancel();
    serving.await?;
    telemetry.shutdown().await;
    Ok(())
}
