//! The collector of a signal.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::variables::Variables;
use crate::{TelemetryError, list};

/// The path of the traces below a general OTLP endpoint.
const TRACES_PATH: &str = "/v1/traces";

/// How a signal travels to the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Protobuf in the body of an HTTP POST; the default.
    HttpProtobuf,
    /// gRPC.
    Grpc,
}

/// A collector. `Debug` hides the values of the headers, which are marked as sensitive.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: Url,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
}

/// What is exported.
#[derive(Clone, Copy)]
pub(super) enum Signal {
    Traces,
    Metrics,
}

impl Signal {
    fn path(self) -> &'static str {
        match self {
            Self::Traces => TRACES_PATH,
            Self::Metrics => "/v1/metrics",
        }
    }

    /// The variable that says whether it is exported: `otlp` or `none`.
    fn exporter(self) -> &'static str {
        match self {
            Self::Traces => "OTEL_TRACES_EXPORTER",
            Self::Metrics => "OTEL_METRICS_EXPORTER",
        }
    }

    /// The variable of a setting for this signal, which wins, and the general one.
    fn variables(self, setting: &str) -> [String; 2] {
        let signal = match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
        };
        [format!("OTEL_EXPORTER_OTLP_{signal}_{setting}"), format!("OTEL_EXPORTER_OTLP_{setting}")]
    }

    fn is_asked_for(self, variables: &Variables<'_>) -> Result<Option<bool>, TelemetryError> {
        variables.word(self.exporter(), [("none", false), ("otlp", true)])
    }

    /// Whether it is switched off.
    pub(super) fn is_off(self, variables: &Variables<'_>) -> Result<bool, TelemetryError> {
        let disabled = variables.word("OTEL_SDK_DISABLED", [("false", false), ("true", true)])?;
        Ok(disabled == Some(true) || self.is_asked_for(variables)? == Some(false))
    }

    /// A setting by the function that reads one variable.
    fn setting<T>(
        self,
        setting: &str,
        read: impl Fn(&str) -> Result<Option<T>, TelemetryError>,
    ) -> Result<Option<T>, TelemetryError> {
        let [own, general] = self.variables(setting);
        Ok(match read(&own)? {
            None => read(&general)?,
            found => found,
        })
    }
}

impl Destination {
    /// The signal's collector; `None` if the signal is switched off or no endpoint is named.
    pub(super) fn read(variables: &Variables<'_>, signal: Signal) -> Result<Option<Self>, TelemetryError> {
        let named = signal.variables("ENDPOINT").iter().any(|name| variables.value(name).is_some());
        let asked = signal.is_asked_for(variables)? == Some(true);
        if signal.is_off(variables)? || !(named || asked) {
            return Ok(None);
        }
        let protocols = [("grpc", Protocol::Grpc), ("http/protobuf", Protocol::HttpProtobuf)];
        let protocol = signal.setting("PROTOCOL", |name| variables.word(name, protocols))?;
        let protocol = protocol.unwrap_or(Protocol::HttpProtobuf);
        let headers =
            signal.setting("HEADERS", |name| variables.parse(name, "x-api-key=abc123", parse_headers))?;
        let timeout = signal.setting("TIMEOUT", |name| variables.milliseconds(name, "10000"))?;
        let gzip =
            signal.setting("COMPRESSION", |name| variables.word(name, [("none", false), ("gzip", true)]))?;
        Ok(Some(Self {
            protocol,
            endpoint: endpoint(variables, signal, protocol)?,
            headers: headers.unwrap_or_default(),
            timeout: timeout.unwrap_or(Duration::from_secs(10)),
            gzip: gzip.unwrap_or(false),
        }))
    }
}

fn endpoint(variables: &Variables<'_>, signal: Signal, protocol: Protocol) -> Result<Url, TelemetryError> {
    let default = match protocol {
        Protocol::HttpProtobuf => "http://localhost:4318",
        Protocol::Grpc => "http://localhost:4317",
    };
    let [own, general] = signal.variables("ENDPOINT");
    if let Some(endpoint) = variables.parse(&own, default, parse_url)? {
        return Ok(endpoint);
    }
    let mut endpoint = match variables.parse(&general, default, parse_url)? {
        Some(endpoint) => endpoint,
        None => Url::parse(default).expect("the default endpoint is a URL"),
    };
    if protocol == Protocol::HttpProtobuf {
        // The path of the traces may be given already; then the other signals are beside it.
        let path = endpoint.path().trim_end_matches('/');
        let base =
            path.strip_suffix(signal.path()).or_else(|| path.strip_suffix(TRACES_PATH)).unwrap_or(path);
        let path = format!("{base}{}", signal.path());
        endpoint.set_path(&path);
    }
    Ok(endpoint)
}

/// Parses an endpoint. Credentials in the URL are refused, because they would neither be sent nor kept out of logs.
fn parse_url(value: &str) -> Result<Url, String> {
    let url = Url::parse(value).map_err(|error| format!("is not a URL ({error})"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("must begin with http:// or https:// and name a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("contains a user or password, which belong into OTEL_EXPORTER_OTLP_HEADERS".to_owned());
    }
    Ok(url)
}

fn parse_headers(value: &str) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let header = |(name, value): (String, String)| {
        let parsed = name.parse().map_err(|_| format!("has `{name}`, which is not a header name"))?;
        let mut value = HeaderValue::try_from(value)
            .map_err(|_| format!("has a value for `{name}` that no header can carry"))?;
        value.set_sensitive(true);
        Ok((parsed, value))
    };
    list::pairs(value)?.into_iter().map(header).collect()
}
