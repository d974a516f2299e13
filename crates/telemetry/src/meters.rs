//! Metrics: one set of instruments, which Prometheus reads and OTLP sends.
//!
//! [`meter`] makes the instruments. Before [`Telemetry::start_metrics`](crate::Telemetry) they count nothing, so libraries and their
//! tests need no set-up.

use std::fmt;
use std::time::Duration;

use opentelemetry::metrics::Meter;
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::MetricExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use prometheus::{Registry, TextEncoder};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::TelemetryError;
use crate::exporter::{over_grpc, over_http};
use crate::settings::{MetricSettings, Protocol};

/// The media type of [`Meters::encode`].
pub const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The most time for the last export, which the end of the process waits for.
const LAST_EXPORT: Duration = Duration::from_secs(2);

/// Where instruments are made: their names begin with `waybill`, for example `waybill.http.requests`.
pub fn meter() -> Meter {
    global::meter("waybill")
}

/// The metrics of a process.
pub(crate) struct Meters {
    provider: SdkMeterProvider,
    registry: Registry,
}

impl Meters {
    /// Starts to count, and to export if `export` is set; then it has to be called inside a Tokio runtime.
    pub(crate) fn start(resource: Resource, export: Option<&MetricSettings>) -> Result<Self, TelemetryError> {
        let registry = Registry::new();
        let process = prometheus::process_collector::ProcessCollector::for_self();
        registry.register(Box::new(process)).map_err(|error| TelemetryError::Exporter(error.into()))?;
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_target_info()
            .scope_info_enabled(false)
            .build()
            .map_err(|error| TelemetryError::Exporter(error.into()))?;
        let mut provider = SdkMeterProvider::builder().with_resource(resource).with_reader(reader);
        if let Some(settings) = export {
            let exporter = Exporter::new(settings)?;
            provider = provider
                .with_reader(PeriodicReader::builder(exporter).with_interval(settings.interval).build());
        }
        let provider = provider.build();
        global::set_meter_provider(provider.clone());
        Ok(Self { provider, registry })
    }

    /// All metrics now, as [`PROMETHEUS_TEXT`].
    pub(crate) fn encode(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_else(|error| {
            tracing::warn!(%error, "metrics cannot be written");
            String::new()
        })
    }

    /// Exports once more, and ends.
    pub(crate) fn shutdown(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::debug!(%error, "the last metrics may be lost");
        }
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Meters")
    }
}

/// Exports on the runtime, from the thread that the SDK keeps for it.
struct Exporter {
    inner: MetricExporter,
    runtime: Handle,
    limit: Duration,
}

impl Exporter {
    fn new(settings: &MetricSettings) -> Result<Self, TelemetryError> {
        let runtime = Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
        let (to, builder) = (&settings.destination, MetricExporter::builder());
        let inner = match to.protocol {
            Protocol::HttpProtobuf => over_http(builder.with_http(), to)?.build(),
            Protocol::Grpc => over_grpc(builder.with_tonic(), to).build(),
        };
        let inner = inner.map_err(|error| TelemetryError::Exporter(error.into()))?;
        Ok(Self { inner, runtime, limit: to.timeout.min(settings.interval).max(LAST_EXPORT) })
    }
}

impl PushMetricExporter for Exporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        // Sockets and timers of Tokio work only where its runtime is entered, and the SDK's thread is not.
        let exported = self.runtime.block_on(async { timeout(self.limit, self.inner.export(metrics)).await });
        let result = exported.unwrap_or(Err(OTelSdkError::Timeout(self.limit)));
        if let Err(error) = &result {
            tracing::warn!(%error, "metrics cannot be exported");
        }
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.inner.temporality()
    }
}

/// An attribute of an instrument. It must have few values.
pub fn label(key: &'static str, value: &'static str) -> KeyValue {
    KeyValue::new(key, value)
}
