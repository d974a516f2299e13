//! The collector of a signal.

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::variables::{Variables, parse_bool, parse_exporter, parse_milliseconds};
use crate::{TelemetryError, list};

/// How a signal travels to the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Protobuf in the body of an HTTP POST; the default.
    HttpProtobuf,
    /// gRPC.
    Grpc,
}

/// A collector.
#[derive(Clone)]
pub(crate) struct Destination {
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: Url,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
}

impl Destination {
    /// The signal's collector; none where the signal is off or goes nowhere.
    pub(super) fn wanted(variables: &Variables<'_>, signal: &Signal) -> Result<Option<Self>, TelemetryError> {
        let named = signal.endpoint.iter().any(|name| variables.value(name).is_some());
        let asked = variables.parse(signal.exporter, "otlp", parse_exporter)? == Some(true);
        let wanted = !signal.is_off(variables)? && (named || asked);
        wanted.then(|| Self::read(variables, signal)).transpose()
    }

    fn read(variables: &Variables<'_>, signal: &Signal) -> Result<Self, TelemetryError> {
        let protocol = variables
            .signal(signal.protocol, "http/protobuf", parse_protocol)?
            .unwrap_or(Protocol::HttpProtobuf);
        let headers =
            variables.signal(signal.headers, "x-api-key=abc123", parse_headers)?.unwrap_or_default();
        let timeout = variables.signal(signal.timeout, "10000", parse_milliseconds)?;
        let gzip = variables.signal(signal.compression, "gzip", parse_compression)?.unwrap_or(false);
        Ok(Self {
            protocol,
            endpoint: read_endpoint(variables, signal, protocol)?,
            headers,
            timeout: timeout.unwrap_or(Duration::from_secs(10)),
            gzip,
        })
    }
}

impl fmt::Debug for Destination {
    /// Leaves the headers out, because they carry credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Destination")
            .field("protocol", &self.protocol)
            .field("endpoint", &self.endpoint.as_str())
            .finish_non_exhaustive()
    }
}

/// The two names of a setting: the one for its signal, which wins, and the general one.
type SignalNames = [&'static str; 2];

/// What is different between the signals.
pub(super) struct Signal {
    /// The path below a general OTLP endpoint.
    path: &'static str,
    /// The variable that says where it goes: `otlp` or `none`.
    exporter: &'static str,
    endpoint: SignalNames,
    protocol: SignalNames,
    headers: SignalNames,
    timeout: SignalNames,
    compression: SignalNames,
}

impl Signal {
    /// Whether nobody wants it.
    pub(super) fn is_off(&self, variables: &Variables<'_>) -> Result<bool, TelemetryError> {
        let disabled = variables.parse("OTEL_SDK_DISABLED", "true", parse_bool)?.unwrap_or(false);
        Ok(disabled || variables.parse(self.exporter, "otlp", parse_exporter)? == Some(false))
    }
}

pub(super) const TRACES: Signal = Signal {
    path: "/v1/traces",
    exporter: "OTEL_TRACES_EXPORTER",
    endpoint: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"],
    protocol: ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
    headers: ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout: ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
    compression: ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"],
};

pub(super) const METRICS: Signal = Signal {
    path: "/v1/metrics",
    exporter: "OTEL_METRICS_EXPORTER",
    endpoint: ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"],
    protocol: ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
    headers: ["OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout: ["OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
    compression: ["OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"],
};

fn read_endpoint(
    variables: &Variables<'_>,
    signal: &Signal,
    protocol: Protocol,
) -> Result<Url, TelemetryError> {
    let base = match protocol {
        Protocol::HttpProtobuf => "http://localhost:4318",
        Protocol::Grpc => "http://localhost:4317",
    };
    if let Some(endpoint) = variables.parse(signal.endpoint[0], base, parse_url)? {
        return Ok(endpoint);
    }
    let given = variables.parse(signal.endpoint[1], base, parse_url)?;
    let mut endpoint = match given {
        Some(endpoint) => endpoint,
        None => Url::parse(base).expect("the default endpoint is a URL"),
    };
    if protocol == Protocol::HttpProtobuf {
        // Somebody may have given the path of the traces; then the other signals are beside it.
        let path = endpoint.path().trim_end_matches('/');
        let base = path.strip_suffix(signal.path).or_else(|| path.strip_suffix(TRACES.path)).unwrap_or(path);
        let path = format!("{base}{}", signal.path);
        endpoint.set_path(&path);
    }
    Ok(endpoint)
}

/// Parses an endpoint. Credentials in the URL are refused, because they would neither be sent nor kept out of logs.
fn parse_url(value: &str) -> Result<Url, String> {
    let url = Url::parse(value).map_err(|error| format!("is no URL ({error})"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("must begin with http:// or https:// and name a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("contains a user or password, which belong into OTEL_EXPORTER_OTLP_HEADERS".to_owned());
    }
    Ok(url)
}

fn parse_protocol(value: &str) -> Result<Protocol, String> {
    match value {
        "http/protobuf" => Ok(Protocol::HttpProtobuf),
        "grpc" => Ok(Protocol::Grpc),
        _ => Err(format!("is `{value}`, not `http/protobuf` or `grpc`")),
    }
}

fn parse_compression(value: &str) -> Result<bool, String> {
    match value {
        "gzip" => Ok(true),
        "none" => Ok(false),
        _ => Err(format!("is `{value}`, not `gzip` or `none`")),
    }
}

fn parse_headers(value: &str) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let header = |(name, value): (String, String)| {
        let parsed = name.parse().map_err(|_| format!("has `{name}`, which is no header name"))?;
        let mut value = HeaderValue::try_from(value)
            .map_err(|_| format!("has a value for `{name}` that no header can carry"))?;
        value.set_sensitive(true);
        Ok((parsed, value))
    };
    list::pairs(value)?.into_iter().map(header).collect()
}
