//! Where and how traces are exported: the standard environment variables, read strictly.
//!
//! The SDK reads most of them too, but replaces a bad value by a default and says so in a log at best. Here a bad value
//! ends the start, and everything is handed to the SDK explicitly.

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use opentelemetry_sdk::trace::Sampler;
use url::Url;

use crate::{TelemetryError, list};

/// The path of the traces signal below a general OTLP endpoint.
const SIGNAL_PATH: &str = "/v1/traces";

/// How spans travel to the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Protobuf in the body of an HTTP POST; the default.
    HttpProtobuf,
    /// gRPC.
    Grpc,
}

/// Settings of the trace exporter, from the variables of the OpenTelemetry specification. An empty value means unset,
/// and a variable for traces comes before the general one.
///
/// | Variable | Meaning |
/// | --- | --- |
/// | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` | URL that is used as it is |
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` | base URL; with http/protobuf `/v1/traces` is appended, unless it is there already |
/// | `OTEL_EXPORTER_OTLP[_TRACES]_PROTOCOL` | `http/protobuf` (default) or `grpc` |
/// | `OTEL_EXPORTER_OTLP[_TRACES]_HEADERS` | `key=value,…`, values percent-encoded |
/// | `OTEL_EXPORTER_OTLP[_TRACES]_TIMEOUT` | limit for one export in milliseconds, default 10000 |
/// | `OTEL_EXPORTER_OTLP[_TRACES]_COMPRESSION` | `none` (default) or `gzip` |
/// | `OTEL_TRACES_EXPORTER` | `otlp` or `none`; `otlp` without an endpoint means the one on this machine |
/// | `OTEL_SDK_DISABLED` | `true` turns traces off |
/// | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | default `parentbased_always_on` |
/// | `OTEL_SERVICE_NAME` | takes the place of every service's own name |
/// | `OTEL_RESOURCE_ATTRIBUTES` | `key=value,…`; its `service.name` counts when `OTEL_SERVICE_NAME` is unset |
/// | `OTEL_BSP_SCHEDULE_DELAY` | longest time before a span is exported, in milliseconds, default 5000 |
/// | `OTEL_BSP_MAX_QUEUE_SIZE` | spans that wait at most, default 2048; more are dropped |
/// | `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` | spans in one export at most, default 512 |
///
/// Not to append the path twice goes beyond the specification: the system that this one replaces was configured with
/// `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318/v1/traces`, and no collector listens on `/v1/traces/v1/traces`.
/// A URL is `http` or `https`; certificates are checked against the system's (`SSL_CERT_FILE` names others).
#[derive(Clone)]
pub struct TraceSettings {
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: Url,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
    pub(crate) sampler: Sampler,
    pub(crate) service_name: Option<String>,
    pub(crate) resource_attributes: Vec<(String, String)>,
    pub(crate) schedule_delay: Duration,
    pub(crate) queue_size: usize,
    pub(crate) batch_size: usize,
}

impl TraceSettings {
    /// Reads the process's environment. None when traces are off.
    pub fn from_env() -> Result<Option<Self>, TelemetryError> {
        // A value that is not UTF-8 keeps its readable part and fails as the bad value that it is.
        Self::from_variables(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads the variables by `get`. None when traces are off: no endpoint is set, or they are disabled.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, TelemetryError> {
        let variables = Variables(&get);
        let disabled = variables.parse("OTEL_SDK_DISABLED", "true", parse_bool)?.unwrap_or(false);
        let exporter = variables.parse("OTEL_TRACES_EXPORTER", "otlp", parse_exporter)?;
        let endpoint_is_set =
            ENDPOINT.iter().any(|name| variables.value(name).is_some()) || exporter == Some(true);
        if disabled || exporter == Some(false) || !endpoint_is_set {
            return Ok(None);
        }
        Self::read(&variables).map(Some)
    }

    fn read(variables: &Variables<'_>) -> Result<Self, TelemetryError> {
        let protocol =
            variables.signal(PROTOCOL, "http/protobuf", parse_protocol)?.unwrap_or(Protocol::HttpProtobuf);
        let headers = variables.signal(HEADERS, "x-api-key=abc123", parse_headers)?.unwrap_or_default();
        let timeout = variables.signal(TIMEOUT, "10000", parse_milliseconds)?;
        let gzip = variables.signal(COMPRESSION, "gzip", parse_compression)?.unwrap_or(false);
        let resource_attributes = variables
            .parse("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging", list::pairs)?
            .unwrap_or_default();
        let delay = variables.parse("OTEL_BSP_SCHEDULE_DELAY", "5000", parse_milliseconds)?;
        let queue_size = variables.parse("OTEL_BSP_MAX_QUEUE_SIZE", "2048", parse_count)?.unwrap_or(2048);
        let batch_size = variables.parse("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512", parse_count)?;
        Ok(Self {
            protocol,
            endpoint: read_endpoint(variables, protocol)?,
            headers,
            timeout: timeout.unwrap_or(Duration::from_secs(10)),
            gzip,
            sampler: read_sampler(variables)?,
            service_name: variables.value("OTEL_SERVICE_NAME"),
            resource_attributes,
            schedule_delay: delay.unwrap_or(Duration::from_secs(5)),
            queue_size,
            // The specification wants a batch to fit into the queue.
            batch_size: batch_size.unwrap_or(512).min(queue_size),
        })
    }
}

impl fmt::Debug for TraceSettings {
    /// Leaves the headers out, because they carry credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TraceSettings")
            .field("protocol", &self.protocol)
            .field("endpoint", &self.endpoint.as_str())
            .finish_non_exhaustive()
    }
}

/// The two names of a setting: the one for traces, which wins, and the general one.
type SignalNames = [&'static str; 2];
const ENDPOINT: SignalNames = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
const PROTOCOL: SignalNames = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const HEADERS: SignalNames = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
const TIMEOUT: SignalNames = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
const COMPRESSION: SignalNames = ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];

struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn value(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn parse<T>(
        &self,
        name: &'static str,
        example: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, TelemetryError> {
        let value = self.value(name).map(|value| parse(&value)).transpose();
        value.map_err(|fault| TelemetryError::Setting { name, fault, example })
    }

    fn signal<T>(
        &self,
        names: SignalNames,
        example: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, TelemetryError> {
        match self.parse(names[0], example, &parse)? {
            Some(value) => Ok(Some(value)),
            None => self.parse(names[1], example, parse),
        }
    }
}

fn read_endpoint(variables: &Variables<'_>, protocol: Protocol) -> Result<Url, TelemetryError> {
    let (default, example) = match protocol {
        Protocol::HttpProtobuf => ("http://localhost:4318/v1/traces", "http://localhost:4318"),
        Protocol::Grpc => ("http://localhost:4317", "http://localhost:4317"),
    };
    if let Some(endpoint) = variables.parse(ENDPOINT[0], example, parse_url)? {
        return Ok(endpoint);
    }
    let Some(mut endpoint) = variables.parse(ENDPOINT[1], example, parse_url)? else {
        return Ok(Url::parse(default).expect("the default endpoint is a URL"));
    };
    if protocol == Protocol::HttpProtobuf {
        let base = endpoint.path().trim_end_matches('/');
        let path = if base.ends_with(SIGNAL_PATH) { base.to_owned() } else { format!("{base}{SIGNAL_PATH}") };
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

fn read_sampler(variables: &Variables<'_>) -> Result<Sampler, TelemetryError> {
    let ratio = || {
        let ratio = variables.parse("OTEL_TRACES_SAMPLER_ARG", "0.25", parse_ratio)?;
        Ok(Sampler::TraceIdRatioBased(ratio.unwrap_or(1.0)))
    };
    let example = "parentbased_traceidratio";
    let name = variables.parse("OTEL_TRACES_SAMPLER", example, parse_sampler_name)?;
    let name = name.as_deref().unwrap_or("parentbased_always_on");
    let root = match name.trim_start_matches("parentbased_") {
        "always_on" => Sampler::AlwaysOn,
        "always_off" => Sampler::AlwaysOff,
        _ => ratio()?,
    };
    Ok(if name.starts_with("parentbased_") { Sampler::ParentBased(Box::new(root)) } else { root })
}

fn parse_sampler_name(value: &str) -> Result<String, String> {
    let root = value.strip_prefix("parentbased_").unwrap_or(value);
    if ["always_on", "always_off", "traceidratio"].contains(&root) {
        return Ok(value.to_owned());
    }
    Err(format!("is `{value}`, not always_on, always_off, traceidratio or one of these after parentbased_"))
}

fn parse_ratio(value: &str) -> Result<f64, String> {
    let ratio = value.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| format!("is `{value}`, not a number from 0 to 1"))
}

fn parse_bool(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("is `{value}`, not `true` or `false`")),
    }
}

fn parse_exporter(value: &str) -> Result<bool, String> {
    match value {
        "otlp" => Ok(true),
        "none" => Ok(false),
        _ => Err(format!("is `{value}`, not `otlp` or `none`")),
    }
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

fn parse_milliseconds(value: &str) -> Result<Duration, String> {
    parse_number(value, 1..=3_600_000, "milliseconds").map(Duration::from_millis)
}

fn parse_count(value: &str) -> Result<usize, String> {
    let count = parse_number(value, 1..=1_000_000, "spans")?;
    usize::try_from(count).map_err(|error| error.to_string())
}

fn parse_number(value: &str, range: std::ops::RangeInclusive<u64>, unit: &str) -> Result<u64, String> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    let (least, most) = (range.start(), range.end());
    number.ok_or_else(|| format!("is `{value}`, not a number of {unit} from {least} to {most}"))
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

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
