use std::os::unix::process::parent_id;
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use waybill_telemetry::{LogFormat, Telemetry, TelemetryConfig};

use crate::commands::{AskedToEnd, Commands};
use crate::host_data::HostData;
use crate::missed_links::missed;
use crate::serving::serve;
use crate::wrpc::Server;
use crate::{Lattice, Provider, Surroundings};

/// How often a provider looks whether its host is still there.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Runs a provider from its start to its end. `service` is its name in traces.
pub async fn run<P: Provider>(
    service: &str,
    start: impl FnOnce(Surroundings) -> anyhow::Result<P>,
) -> anyhow::Result<()> {
    let mut host_data = HostData::read(std::io::stdin().lock())?;
    let telemetry = start_telemetry(&host_data)?;
    let lattice = Lattice::connect(&host_data, &format!("waybill-provider-{service}")).await?;
    // Before anything else, so that as few messages as possible are lost.
    let mut commands = Commands::listen(&lattice).await?;
    let stop = CancellationToken::new();
    let surroundings = Surroundings {
        lattice: lattice.clone(),
        settings: host_data.settings(),
        service: telemetry.service(service),
        stop: stop.clone(),
    };
    let provider = start(surroundings).inspect_err(|error| tracing::error!("it cannot start: {error:#}"))?;
    for link in std::mem::take(&mut host_data.links) {
        commands.link(&provider, link).await;
    }
    let server = Server::new(&lattice).await?;
    let calls = provider.serve(&server).await.context("calls cannot be served")?;
    let serving = tokio::spawn(serve(calls, stop.clone()));

    let asked = until_ended(&lattice, &mut commands, &provider).await;
    stop.cancel();
    // Calls in flight need what the provider closes.
    serving.await?;
    provider.shutdown().await;
    telemetry.shutdown().await;
    if let Some(reply) = asked.reply {
        lattice.nats.publish(reply, "shutting down".into()).await?;
        lattice.nats.flush().await?;
    }
    Ok(())
}

/// Logs to standard error, which the host shows with its own, and traces to where the host says: it clears the environment
/// but for `RUST_LOG` and `OTEL_*`.
fn start_telemetry(host_data: &HostData) -> anyhow::Result<Telemetry> {
    let format = if host_data.logs_are_json { LogFormat::Json } else { LogFormat::Human };
    let config = TelemetryConfig::from_env(std::env::var("RUST_LOG").ok(), format)?;
    Ok(Telemetry::start(config)?)
}

/// Waits until the host has asked the provider to end, or is gone, or has to start the provider anew.
///
/// The providers of a killed host go on. They would hold ports and consume queues beside those of the next host.
async fn until_ended(lattice: &Lattice, commands: &mut Commands, provider: &impl Provider) -> AskedToEnd {
    let known = commands.known_links();
    let why = tokio::select! {
        asked = commands.follow(provider) => return asked,
        () = orphaned() => "the host is gone, so this provider ends",
        () = missed(lattice, known) => {
            "the lattice has other links than this provider knows, so it ends and is restarted with all of them"
        }
    };
    tracing::warn!("{why}");
    AskedToEnd { reply: None }
}

async fn orphaned() {
    let host = parent_id();
    while parent_id() == host {
        sleep(LOOK_INTERVAL).await;
    }
}
