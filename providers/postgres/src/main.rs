//! `wasmcloud:postgres` as a provider of wasmCloud 1.9: what `crates/postgres` does, for the components that are linked to
//! it. The README beside it lists the settings of a link.

mod convert;
mod link;
mod provider;
mod trace_comment;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use waybill_provider::sdk::{get_connection, run_provider};

use crate::provider::PostgresProvider;

/// The interfaces in Rust, as `wit-bindgen-wrpc` writes them.
#[allow(missing_docs, clippy::all, clippy::pedantic)]
mod bindings {
    wit_bindgen_wrpc::generate!({ path: "../../wit", world: "postgres-provider", generate_all });
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let telemetry = waybill_provider::start()?;
    let stop = CancellationToken::new();
    let provider = PostgresProvider::new(telemetry.service("postgres"), stop.clone());
    let ended = run_provider(provider.clone(), "waybill-provider-postgres")
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
