//! Start and end of logs, traces and metrics.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::export::{Export, resource};
use crate::exporter::Exporter;
use crate::kept::KeptTraces;
use crate::meters::Meters;
use crate::settings::Identity;
use crate::{LogFormat, MetricSettings, Service, TelemetryError, TraceSettings, logs};

/// How long the shutdown waits for spans that are still to be exported.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(3);

/// What [`Telemetry::start`] needs.
#[derive(Clone, Debug, Default)]
pub struct TelemetryConfig {
    /// Which log events are written, such as `info,waybill=debug`. `None` means `info`.
    pub log_filter: Option<String>,
    /// How they are written.
    pub log_format: LogFormat,
    /// Where spans go. `None` means that traces are off.
    pub traces: Option<TraceSettings>,
}

impl TelemetryConfig {
    /// Takes the traces from the `OTEL_*` variables and the filter from `RUST_LOG`, unless one is given.
    pub fn from_env(log_filter: Option<String>, log_format: LogFormat) -> Result<Self, TelemetryError> {
        let from_env = || std::env::var_os("RUST_LOG").map(|filter| filter.to_string_lossy().into_owned());
        let log_filter = log_filter.or_else(from_env).filter(|filter| !filter.trim().is_empty());
        Ok(Self { log_filter, log_format, traces: TraceSettings::from_env()? })
    }
}

/// The logs, traces and metrics of a process.
#[derive(Debug)]
pub struct Telemetry {
    export: Option<Arc<Export>>,
    meters: OnceLock<Arc<Meters>>,
}

impl Telemetry {
    /// Starts logging on standard error, and checks that traces can be exported if that is asked for; it has to be
    /// called inside a Tokio runtime then. A collector that does not answer is not an error: it is logged, at most once a
    /// minute, and delays nothing.
    pub fn start(config: TelemetryConfig) -> Result<Self, TelemetryError> {
        logs::start(config.log_filter.as_deref(), config.log_format)?;
        let Some(settings) = config.traces else {
            return Ok(Self { export: None, meters: OnceLock::new() });
        };
        let runtime = Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
        if let Some(destination) = &settings.destination {
            // Whatever stops an exporter from being built is found now and not when the first service asks for it.
            Exporter::new(destination)?;
            tracing::debug!(endpoint = %destination.endpoint, "traces are exported");
        }
        let export = Arc::new(Export::new(settings, runtime));
        Ok(Self { export: Some(export), meters: OnceLock::new() })
    }

    /// Whether traces are exported to a collector.
    pub fn is_exporting(&self) -> bool {
        self.export.as_ref().is_some_and(|export| export.settings.destination.is_some())
    }

    /// The traces that this process stores; `None` if they are exported, or switched off.
    pub fn kept_traces(&self) -> Option<KeptTraces> {
        let export = self.export.as_ref().filter(|export| export.settings.destination.is_none())?;
        Some(export.kept.clone())
    }

    /// Starts the metrics of this process, which is known as `name` unless `OTEL_SERVICE_NAME` says otherwise; the `OTEL_*`
    /// variables say whether they are exported. To be called once, inside a Tokio runtime.
    pub fn start_metrics(&self, name: &str) -> Result<(), TelemetryError> {
        let export = MetricSettings::from_env()?;
        let meters = Meters::start(resource(&Identity::from_env()?, name), export.as_ref())?;
        // A second call keeps the instruments of the first.
        let _ = self.meters.set(Arc::new(meters));
        Ok(())
    }

    /// All metrics as they are now, in [the text format of Prometheus](crate::PROMETHEUS_TEXT); empty before their start.
    pub fn metrics(&self) -> String {
        self.meters.get().map(|meters| meters.encode()).unwrap_or_default()
    }

    /// The service of this name; the same name gives the same exporter. `OTEL_SERVICE_NAME` takes the name's place.
    pub fn service(&self, name: &str) -> Service {
        let Some(export) = &self.export else {
            return Service::off();
        };
        let Some(provider) = export.provider(name) else {
            return Service::off();
        };
        Service::on(provider.tracer("waybill"), export.clone(), name)
    }

    /// Exports what is left, within three seconds, and ends the export. Spans that end later are lost.
    pub async fn shutdown(&self) {
        let meters = self.meters.get().cloned();
        let last_metrics = tokio::task::spawn_blocking(move || {
            if let Some(meters) = meters {
                meters.shutdown();
            }
        });
        // An unavailable collector has the metrics of a minute ago.
        let _ = tokio::join!(timeout(SHUTDOWN_LIMIT, last_metrics), self.shutdown_traces());
    }

    async fn shutdown_traces(&self) {
        let Some(export) = &self.export else {
            return;
        };
        let shutdowns = export.shutdowns(SHUTDOWN_LIMIT).into_iter();
        let flushes: Vec<_> = shutdowns
            .map(|(service, shutdown)| {
                tokio::task::spawn_blocking(move || {
                    if let Err(error) = shutdown() {
                        tracing::warn!(service, %error, "the last traces may be lost");
                    }
                })
            })
            .collect();
        for flush in flushes {
            // A flush that panicked has lost its spans, and printed the panic.
            let _ = flush.await;
        }
    }
}
