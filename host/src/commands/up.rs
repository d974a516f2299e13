//! `waybill up`: everything in one process.

mod listeners;
mod system;

use listeners::Listeners;
use system::System;
use waybill_telemetry::{KeptTraces, TelemetryConfig, TraceSettings};

use crate::dev::{Live, Rebuilder};
use crate::process::Process;
use crate::settings::{AddressOrOff, ComponentName, LogSettings, UpSettings};

/// Runs `waybill up` until it is asked to end.
pub async fn run(settings: UpSettings, logs: &LogSettings) -> anyhow::Result<()> {
    Box::pin(run_with(settings, logs, || Ok(None))).await
}

/// The same, with what rebuilds the components, if there is something. It is started once the addresses are free.
pub(super) async fn run_with(
    mut settings: UpSettings,
    logs: &LogSettings,
    rebuilder: impl FnOnce() -> anyhow::Result<Option<Rebuilder>>,
) -> anyhow::Result<()> {
    let (mut process, traces) = start(&settings, logs)?;
    let (broker, token) = (settings.broker.config("up")?, settings.events.checked()?);
    // Listeners come first: a port that is in use should be reported at once.
    let listeners = Listeners::bind(&settings, traces.is_some()).await?;
    process.delay_drain(settings.hosting.drain);
    process.limit_connections(&settings.hosting.connections)?;
    process.bind_admin(&settings.hosting.admin).await?;
    let mut rebuilder = rebuilder()?;
    if let Some(rebuilder) = &mut rebuilder {
        let components = &mut settings.hosting.components;
        let first = process.unless_asked_to_end(async |_| rebuilder.first_build(components).await);
        let Some(built) = first.await? else {
            process.end().await;
            return Ok(());
        };
        built?;
    }
    // This may take long too: a new data folder, migrations that wait for a lock, a server that does not answer.
    let started = process.unless_asked_to_end(async |process| {
        let system = System::start(process, &settings, broker, token.as_ref()).await?;
        process.serve_admin(system.delivery.health.clone());
        let keys = listeners.require_keys(settings.hosting.access.key_check, &system).await;
        anyhow::Ok((system, keys))
    });
    let Some(started) = started.await? else {
        process.end().await;
        return Ok(());
    };
    let (system, keys) = started?;
    listeners.announce();
    let builds = rebuilder.as_ref().map(Rebuilder::builds);
    if let Some(rebuilder) = rebuilder {
        let live = live(&system, &settings);
        // A build is not worth waiting for: it is killed at the signal, before the drain.
        let stop = process.ending();
        process.intake(rebuilder.run(live, stop));
    }
    process.say_ready()?;
    listeners.print_examples(&settings, &keys);
    listeners.serve(&mut process, &settings, &keys, system, traces, builds);
    process.until_asked_to_end().await
}

/// The components that serve, for newer ones to take their place.
fn live(system: &System, settings: &UpSettings) -> Live {
    let hosting = &settings.hosting;
    let [orders, invoices] = system.sums;
    let mut live = Live::new(&system.engine, hosting.components.compiled_in(&hosting.databases.data));
    live.add(ComponentName::Orders, orders, system.orders.component(), None);
    live.add(ComponentName::Invoices, invoices, system.invoices.component(), Some(&system.messages));
    live
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
