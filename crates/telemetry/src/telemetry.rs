//! Start and end of logs and traces.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use tokio::runtime::Handle;

use crate::exporter::Exporter;
use crate::{LogFormat, Service, TelemetryError, TraceSettings, logs};

/// How long the shutdown waits for spans that are still to be exported.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(3);

/// What [`Telemetry::start`] needs.
#[derive(Clone, Debug, Default)]
pub struct TelemetryConfig {
    /// Which log events are written, such as `info,waybill=debug`. None means `info`.
    pub log_filter: Option<String>,
    /// How they are written.
    pub log_format: LogFormat,
    /// Where spans go. None means that traces are off.
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

/// The logs and traces of a process.
#[derive(Debug)]
pub struct Telemetry {
    export: Option<Export>,
}

#[derive(Debug)]
struct Export {
    settings: TraceSettings,
    runtime: Handle,
    /// One for each service, since the service's name belongs to the provider's resource.
    providers: Mutex<HashMap<String, SdkTracerProvider>>,
}

impl Telemetry {
    /// Starts logging on standard error, and checks that traces can be exported if that is asked for; it has to be
    /// called inside a Tokio runtime then. A collector that does not answer is no error: it is logged, at most once a
    /// minute, and nobody waits for it.
    pub fn start(config: TelemetryConfig) -> Result<Self, TelemetryError> {
        logs::start(config.log_filter.as_deref(), config.log_format)?;
        let Some(settings) = config.traces else {
            return Ok(Self { export: None });
        };
        // Whatever stops an exporter from being built is found now and not when the first service asks for it.
        Exporter::new(&settings)?;
        let runtime = Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
        tracing::debug!(endpoint = %settings.endpoint, "traces are exported");
        Ok(Self { export: Some(Export { settings, runtime, providers: Mutex::default() }) })
    }

    /// Whether traces are exported.
    pub fn is_exporting(&self) -> bool {
        self.export.is_some()
    }

    /// The service of this name; the same name gives the same exporter. `OTEL_SERVICE_NAME` takes the name's place.
    pub fn service(&self, name: &str) -> Service {
        let Some(export) = &self.export else {
            return Service::off();
        };
        let mut providers = export.providers.lock().unwrap_or_else(PoisonError::into_inner);
        let provider = match providers.entry(name.to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => match export.provider(name) {
                Ok(provider) => entry.insert(provider),
                Err(error) => {
                    tracing::error!(service = name, %error, "this service has no traces");
                    return Service::off();
                }
            },
        };
        Service::on(provider.tracer("waybill"))
    }

    /// Exports what is left, within three seconds, and ends the export. Spans that end later are lost.
    pub async fn shutdown(&self) {
        let Some(export) = &self.export else {
            return;
        };
        let providers: Vec<_> = {
            let mut providers = export.providers.lock().unwrap_or_else(PoisonError::into_inner);
            providers.drain().collect()
        };
        let flushes: Vec<_> = providers
            .into_iter()
            .map(|(name, provider)| {
                tokio::task::spawn_blocking(move || {
                    if let Err(error) = provider.shutdown_with_timeout(SHUTDOWN_LIMIT) {
                        tracing::warn!(service = name, %error, "the last traces may be lost");
                    }
                })
            })
            .collect();
        for flush in flushes {
            // A flush that panicked has lost its spans; there is nobody left to tell but the panic's own message.
            let _ = flush.await;
        }
    }
}

impl Export {
    fn provider(&self, name: &str) -> Result<SdkTracerProvider, TelemetryError> {
        let _runtime = self.runtime.enter();
        let exporter = Exporter::new(&self.settings)?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(self.settings.queue_size)
            .with_max_export_batch_size(self.settings.batch_size)
            .with_scheduled_delay(self.settings.schedule_delay)
            .build();
        Ok(SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::new(exporter, batches))
            .with_sampler(self.settings.sampler.clone())
            .with_resource(self.resource(name))
            .build())
    }

    fn resource(&self, name: &str) -> Resource {
        let attributes = self.settings.resource_attributes.iter();
        let resource = Resource::builder_empty()
            .with_detector(Box::new(TelemetryResourceDetector))
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attribute(KeyValue::new("service.name", name.to_owned()))
            .with_attributes(attributes.map(|(key, value)| KeyValue::new(key.clone(), value.clone())));
        match &self.settings.service_name {
            Some(name) => resource.with_attribute(KeyValue::new("service.name", name.clone())).build(),
            None => resource.build(),
        }
    }
}
