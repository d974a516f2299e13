//! The exporters of one process: for each service one for the host's spans, and one for those that its component reports.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanProcessor as _,
};
use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::exporter::Exporter;
use crate::kept::{KeptTraces, SpanStore};
use crate::reported::{QUEUED_SPANS, ReportedSpans};
use crate::settings::Identity;
use crate::{TelemetryError, TraceSettings, with_causes};

pub(crate) type Shutdown = Box<dyn FnOnce() -> OTelSdkResult + Send>;

#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) settings: TraceSettings,
    /// Stores spans that are not exported.
    pub(crate) kept: KeptTraces,
    runtime: Handle,
    /// One for each service, since the service's name belongs to the provider's resource.
    providers: Mutex<HashMap<String, SdkTracerProvider>>,
    reported: Mutex<HashMap<String, ReportedSpans>>,
}

impl Export {
    pub(crate) fn new(settings: TraceSettings, runtime: Handle) -> Self {
        Self {
            settings,
            kept: KeptTraces::default(),
            runtime,
            providers: Mutex::default(),
            reported: Mutex::default(),
        }
    }

    /// What makes the spans of the service of this name; `None`, with a log event, if it cannot be made.
    pub(crate) fn provider(&self, name: &str) -> Option<SdkTracerProvider> {
        of_service(&self.providers, name, || {
            let processor = self.processor(self.settings.queue_size)?;
            Ok(SdkTracerProvider::builder()
                .with_span_processor(processor)
                .with_sampler(self.settings.sampler.clone())
                .with_resource(resource(&self.settings.identity, name))
                .build())
        })
    }

    /// What takes the spans that the component of this service reports. It has a queue of its own, so that a component that floods it
    /// loses its own spans and none of the host's.
    pub(crate) fn reported(&self, name: &str) -> Option<ReportedSpans> {
        of_service(&self.reported, name, || {
            let mut processor = self.processor(self.settings.queue_size.min(QUEUED_SPANS))?;
            processor.set_resource(&resource(&self.settings.identity, name));
            Ok(ReportedSpans::new(processor))
        })
    }

    fn processor(&self, queue_size: usize) -> Result<BatchSpanProcessor, TelemetryError> {
        let _runtime = self.runtime.enter();
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(queue_size)
            .with_max_export_batch_size(self.settings.batch_size.min(queue_size))
            .with_scheduled_delay(self.settings.schedule_delay)
            .build();
        Ok(match &self.settings.destination {
            Some(destination) => BatchSpanProcessor::new(Exporter::new(destination)?, batches),
            None => BatchSpanProcessor::new(SpanStore::new(self.kept.clone()), batches),
        })
    }

    /// What exports what is left and ends the export, each within `limit`, with the name of its service. Each of them blocks.
    pub(crate) fn shutdowns(&self, limit: Duration) -> Vec<(String, Shutdown)> {
        let mut shutdowns: Vec<(String, Shutdown)> = Vec::new();
        for (name, provider) in self.providers.lock().drain() {
            shutdowns.push((name, Box::new(move || provider.shutdown_with_timeout(limit))));
        }
        for (name, spans) in self.reported.lock().drain() {
            shutdowns.push((name, Box::new(move || spans.shutdown_with_timeout(limit))));
        }
        shutdowns
    }
}

fn of_service<T: Clone>(
    known: &Mutex<HashMap<String, T>>,
    name: &str,
    make: impl FnOnce() -> Result<T, TelemetryError>,
) -> Option<T> {
    match known.lock().entry(name.to_owned()) {
        Entry::Occupied(entry) => Some(entry.get().clone()),
        Entry::Vacant(entry) => match make() {
            Ok(new) => Some(entry.insert(new).clone()),
            Err(error) => {
                tracing::error!(service = name, error = with_causes(&error), "this service has no traces");
                None
            }
        },
    }
}

/// The resource of the process, or of one service in it.
pub(crate) fn resource(identity: &Identity, name: &str) -> Resource {
    let attributes = identity.resource_attributes.iter();
    let resource = Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.name", name.to_owned()))
        .with_attributes(attributes.map(|(key, value)| KeyValue::new(key.clone(), value.clone())));
    match &identity.service_name {
        Some(name) => resource.with_attribute(KeyValue::new("service.name", name.clone())).build(),
        None => resource.build(),
    }
}
