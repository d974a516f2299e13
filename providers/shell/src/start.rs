use anyhow::Context as _;
use wasmcloud_provider_sdk::load_host_data;
use waybill_telemetry::{LogFormat, Telemetry, TelemetryConfig};

/// Logs to standard error, which the host shows with its own, and traces to where the host says.
///
/// The host clears the environment but for `RUST_LOG` and `OTEL_*`, which is what this reads.
pub fn start() -> anyhow::Result<Telemetry> {
    let host = load_host_data()
        .context("the host's data cannot be read; this program is started by a wasmCloud host")?;
    let format = if host.structured_logging { LogFormat::Json } else { LogFormat::Human };
    let config = TelemetryConfig::from_env(std::env::var("RUST_LOG").ok(), format)?;
    Ok(Telemetry::start(config)?)
}
