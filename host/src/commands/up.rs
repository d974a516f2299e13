//! `waybill up`: everything in one process.

mod listeners;
mod system;

use listeners::Listeners;
use system::System;
use waybill_telemetry::{KeptTraces, TelemetryConfig, TraceSettings};

use crate::process::Process;
use crate::settings::{AddressOrOff, LogSettings, UpSettings};

/// Runs `waybill up` until it is asked to end.
pub async fn run(settings: UpSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let (mut process, traces) = start(&settings, logs)?;
    let (broker, token) = (settings.broker.config("up")?, settings.events.checked()?);
    // Listeners come first: a port that is in use should be reported at once.
    let listeners = Listeners::bind(&settings, traces.is_some()).await?;
    process.delay_drain(settings.hosting.drain);
    process.limit_connections(&settings.hosting.connections)?;
    process.bind_admin(&settings.hosting.admin).await?;
    let system = System::start(&mut process, &settings, broker, token.as_ref()).await?;
    process.serve_admin(system.delivery.health.clone());
    let keys = listeners.require_keys(settings.hosting.access.key_check, &system).await;
    listeners.announce();
    process.say_ready()?;
    listeners.print_examples(&settings, &keys);
    listeners.serve(&mut process, &settings, &keys, system, traces);
    process.until_asked_to_end().await
}

/// Starts the process. Traces are kept in memory if they are to be shown and no collector takes them.
fn start(settings: &UpSettings, logs: &LogSettings) -> anyhow::Result<(Process, Option<KeptTraces>)> {
    let mut telemetry = TelemetryConfig::from_env(Some(logs.log.clone()), logs.log_format)?;
    let shown = settings.traces.traces_listen != AddressOrOff::Off;
    if shown && telemetry.traces.is_none() {
        telemetry.traces = TraceSettings::kept_from_env()?;
    }
    let process = Process::start_with("waybill", telemetry)?;
    let kept = process.telemetry.kept_traces();
    if process.telemetry.is_exporting() {
        tracing::info!("traces are not shown here: they go where OTEL_EXPORTER_OTLP_ENDPOINT says");
    }
    Ok((process, kept))
}
