//! The OTLP exporter of spans. It runs on the Tokio runtime, and logs little while the collector is unavailable.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_otlp::tonic_types::transport::ClientTlsConfig;
use opentelemetry_otlp::{Compression, WithExportConfig, WithHttpConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::TelemetryError;
use crate::settings::{Destination, Protocol};

/// Failed exports are logged no more often than this.
const LOG_INTERVAL: Duration = Duration::from_mins(1);

/// Exports on the runtime. The SDK's batch processor calls it from a thread of its own, where neither timers nor
/// sockets of Tokio work; and an export that still runs when the runtime ends is cancelled, where it would panic there.
#[derive(Debug)]
pub(crate) struct Exporter {
    inner: Arc<opentelemetry_otlp::SpanExporter>,
    runtime: Handle,
    failures: Mutex<Failures>,
}

/// Failures since the last time that one was logged.
#[derive(Debug, Default)]
struct Failures {
    logged_at: Option<Instant>,
    spans_since: usize,
}

impl Exporter {
    /// Must be called inside the runtime that is going to export.
    pub(crate) fn new(to: &Destination) -> Result<Self, TelemetryError> {
        let runtime = Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
        let builder = opentelemetry_otlp::SpanExporter::builder();
        let inner = match to.protocol {
            Protocol::HttpProtobuf => over_http(builder.with_http(), to)?.build(),
            Protocol::Grpc => over_grpc(builder.with_tonic(), to).build(),
        };
        let inner = inner.map_err(|error| TelemetryError::Exporter(error.into()))?;
        Ok(Self { inner: Arc::new(inner), runtime, failures: Mutex::default() })
    }

    fn log_failure(&self, error: &OTelSdkError, spans: usize) {
        let mut failures = self.failures.lock();
        failures.spans_since += spans;
        if failures.logged_at.is_none_or(|logged_at| logged_at.elapsed() >= LOG_INTERVAL) {
            tracing::warn!(lost_spans = failures.spans_since, %error, "traces cannot be exported");
            *failures = Failures { logged_at: Some(Instant::now()), spans_since: 0 };
        }
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let inner = Arc::clone(&self.inner);
        let export = self.runtime.spawn(async move { inner.export(batch).await });
        let result =
            export.await.unwrap_or_else(|error| Err(OTelSdkError::InternalFailure(error.to_string())));
        if let Err(error) = &result {
            self.log_failure(error, spans);
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        // The provider sets it once, before the first export, so there is no other reference to the exporter yet.
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.set_resource(resource);
        }
    }
}

/// Configures the exporter of either signal.
pub(crate) fn over_http<B: WithExportConfig + WithHttpConfig>(
    builder: B,
    to: &Destination,
) -> Result<B, TelemetryError> {
    let headers = to.headers.iter().filter_map(|(name, value)| {
        // The settings refuse a value that is not a `str`.
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    });
    let mut builder = builder
        .with_endpoint(to.endpoint.as_str())
        .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
        .with_timeout(to.timeout)
        .with_headers(headers.collect());
    if to.gzip {
        builder = builder.with_compression(Compression::Gzip);
    }
    // The root certificates are read only when they are needed: some systems have none.
    Ok(if to.endpoint.scheme() == "https" {
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)
            .map_err(|error| TelemetryError::Exporter(error.into()))?
            .https_only()
            .enable_http1()
            .build();
        builder.with_http_client(HyperClient::new(connector, to.timeout, None))
    } else {
        builder.with_http_client(HyperClient::with_default_connector(to.timeout, None))
    })
}

/// Configures the exporter of either signal for gRPC.
pub(crate) fn over_grpc<B: WithExportConfig + WithTonicConfig>(builder: B, to: &Destination) -> B {
    let headers = to.headers.clone();
    // The library adds the headers of the environment by itself; to replace them avoids that one is sent twice.
    let add_headers = move |request: tonic::Request<()>| {
        let (mut metadata, extensions, message) = request.into_parts();
        let mut map = std::mem::take(&mut metadata).into_headers();
        for (name, value) in &headers {
            map.insert(name.clone(), value.clone());
        }
        Ok(tonic::Request::from_parts(tonic::metadata::MetadataMap::from_headers(map), extensions, message))
    };
    let mut builder =
        builder.with_endpoint(to.endpoint.as_str()).with_timeout(to.timeout).with_interceptor(add_headers);
    if to.gzip {
        builder = builder.with_compression(Compression::Gzip);
    }
    if to.endpoint.scheme() == "https" {
        builder = builder.with_tls_config(ClientTlsConfig::new().with_native_roots());
    }
    builder
}
