//! `lattice up`.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use wadm::config::WadmConfig;
use wadm::start_wadm;
use wasmcloud_core::OtelConfig;
use wasmcloud_core::logging::Level;
use wasmcloud_host::wasmbus::{Features, Host, HostConfig};
use wasmcloud_tracing::configure_observability;

use crate::lattice::Lattice;
use crate::{deploy, nats, secrets};

/// wadm can miss that a host has started, and learns it from the next heartbeat; the default is 30 s.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(2);

/// How long a host may be silent until wadm takes it for gone; the default of 70 s suits heartbeats of 30 s.
const CLEANUP_INTERVAL_S: u64 = 10;

/// How long a provider may take to end its work.
const PROVIDER_SHUTDOWN_DELAY: Duration = Duration::from_secs(15);

/// How long a call between components and providers may take to be accepted.
const RPC_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a component may take for a request or a message, and so how long it waits for an answer that never comes; the
/// default of 10 minutes is longer than anybody waits.
const MAX_EXECUTION_TIME: Duration = Duration::from_secs(15);

/// Of components: 256 MiB.
const MAX_LINEAR_MEMORY: u32 = 256 << 20;

/// `lattice up`.
#[derive(Args, Debug)]
pub struct UpSettings {
    #[command(flatten)]
    lattice: Lattice,
    /// Start this nats-server (2.10 or later) at that address; without it, one runs there already.
    #[arg(long, env = "NATS_SERVER_BIN", value_name = "FILE")]
    nats_server: Option<PathBuf>,
    /// Variables of the environment that manifests may name as secrets of the backend `env`.
    #[arg(
        long = "secret",
        value_name = "NAME",
        default_values = ["ORDERS_DATABASE_URL", "INVOICES_DATABASE_URL", "INVOICES_SESSION_SETTINGS", "BROKER_URL"]
    )]
    secrets: Vec<String>,
    /// Start a host only: NATS, wadm and the secrets are another's.
    #[arg(long, conflicts_with = "control_only")]
    host_only: bool,
    /// Start no host.
    #[arg(long)]
    control_only: bool,
}

/// Runs everything until it is asked to end.
pub async fn run(settings: UpSettings) -> Result<()> {
    let otel = otel_config();
    let (dispatch, _flush) = configure_observability(
        "wasmcloud-host",
        &otel,
        false,
        None::<&str>,
        Some(&Level::Info),
        Some(&Level::Info),
    )?;
    tracing::dispatcher::set_global_default(dispatch)?;

    let folder = tempfile::tempdir()?;
    let url = &settings.lattice.nats_url;
    let mut server = match &settings.nats_server {
        Some(program) => Some(nats::start(program, url, folder.path()).await?),
        None => None,
    };
    let client =
        async_nats::connect(url.as_str()).await.with_context(|| format!("NATS does not answer at {url}"))?;
    println!("nats      {url}");

    let mut wadm = None;
    if !settings.host_only {
        tokio::spawn(secrets::serve(client.clone(), settings.secrets.clone()));
        let address = format!("{}:{}", url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(4222));
        wadm = Some(
            start_wadm(WadmConfig {
                nats_server: address,
                cleanup_interval: CLEANUP_INTERVAL_S,
                ..WadmConfig::default()
            })
            .await?,
        );
        println!("wadm      runs");
    }

    let shutdown = match settings.control_only {
        true => None,
        false => {
            let (host, shutdown) =
                Host::new(host_config(&settings, otel)).await.context("the host did not start")?;
            println!("host      1.9.2 runs");
            Some((host, shutdown))
        }
    };
    println!("ready");
    println!("Next: cargo xtask lattice deploy deploy/wadm.local.yaml");

    tokio::select! {
        asked = asked_to_end() => asked?,
        // Nothing can be undeployed without it; the host's end kills its providers.
        ended = nats::ended(&mut server) => {
            bail!(
                "NATS at {url} ended ({ended}), and nothing of the lattice works without it; start everything again: \
                 cargo xtask lattice up"
            );
        }
    }
    // Only an application that is undeployed has its providers asked to end; the host by itself kills them.
    if !settings.host_only {
        deploy::undeploy_all(&settings.lattice).await;
    }
    if let Some((_host, shutdown)) = shutdown {
        shutdown.await?;
    }
    if let Some(mut wadm) = wadm {
        wadm.abort_all();
    }
    drop(server);
    Ok(())
}

fn host_config(settings: &UpSettings, otel: OtelConfig) -> HostConfig {
    let url = &settings.lattice.nats_url;
    HostConfig {
        ctl_nats_url: url.clone(),
        rpc_nats_url: url.clone(),
        lattice: settings.lattice.lattice.as_str().into(),
        allow_file_load: true,
        provider_shutdown_delay: Some(PROVIDER_SHUTDOWN_DELAY),
        rpc_timeout: RPC_TIMEOUT,
        max_execution_time: MAX_EXECUTION_TIME,
        heartbeat_interval: Some(HEARTBEAT_INTERVAL),
        secrets_topic_prefix: Some(secrets::TOPIC_PREFIX.to_owned()),
        max_linear_memory: MAX_LINEAR_MEMORY,
        version: "1.9.2".to_owned(),
        otel_config: otel,
        experimental_features: Features::new()
            .enable_builtin_http_server()
            .enable_builtin_http_client()
            .enable_builtin_messaging_nats(),
        ..HostConfig::default()
    }
}

async fn asked_to_end() -> Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = term.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

/// Traces of the host itself go where the standard variables say.
fn otel_config() -> OtelConfig {
    let traces = env::var("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").ok();
    let all = env::var("OTEL_EXPORTER_OTLP_ENDPOINT").ok();
    OtelConfig {
        enable_traces: Some(traces.is_some() || all.is_some()),
        observability_endpoint: all,
        traces_endpoint: traces,
        ..OtelConfig::default()
    }
}
