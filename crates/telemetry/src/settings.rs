//! Where and how traces and metrics are exported: the standard environment variables, read strictly.
//!
//! The SDK reads most of them too, but replaces a bad value by a default and says so in a log at best. Here a bad value ends the
//! program with the variable's name, and the SDK gets every setting explicitly.

use std::time::Duration;

use opentelemetry_sdk::trace::Sampler;

use crate::{TelemetryError, list};

mod destination;
mod variables;

use destination::Signal;
pub(crate) use destination::{Destination, Protocol};
use variables::{Variables, environment};

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
/// | `OTEL_BSP_MAX_QUEUE_SIZE` | most spans in the queue, default 2048; more are dropped |
/// | `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` | most spans in one export, default 512 |
///
/// Not to append the path twice goes beyond the specification: the system that this one replaces was configured with
/// `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318/v1/traces`, and no collector listens on `/v1/traces/v1/traces`.
/// A URL is `http` or `https`; certificates are checked against the system's (`SSL_CERT_FILE` names others).
#[derive(Clone, Debug)]
pub struct TraceSettings {
    /// The collector; `None` if this process stores its spans.
    pub(crate) destination: Option<Destination>,
    pub(crate) sampler: Sampler,
    pub(crate) identity: Identity,
    pub(crate) schedule_delay: Duration,
    pub(crate) queue_size: usize,
    pub(crate) batch_size: usize,
}

impl TraceSettings {
    /// Reads the process's environment; `None` if traces are not exported.
    pub fn from_env() -> Result<Option<Self>, TelemetryError> {
        Self::from_variables(environment)
    }

    /// Reads the variables by `get`; `None` if traces are not exported: no endpoint is set, or they are switched off.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, TelemetryError> {
        let variables = Variables(&get);
        let destination = Destination::read(&variables, Signal::Traces)?;
        destination.map(|destination| Self::read(&variables, Some(destination))).transpose()
    }

    /// The settings of spans that this process stores, for when [`TraceSettings::from_env`] exports none; `None` if traces are
    /// switched off.
    pub fn kept_from_env() -> Result<Option<Self>, TelemetryError> {
        let variables = Variables(&environment);
        if Signal::Traces.is_off(&variables)? {
            return Ok(None);
        }
        let mut settings = Self::read(&variables, None)?;
        settings.schedule_delay = settings.schedule_delay.min(KEPT_DELAY);
        Ok(Some(settings))
    }

    fn read(variables: &Variables<'_>, destination: Option<Destination>) -> Result<Self, TelemetryError> {
        let spans = |name: &str, default: &'static str| {
            let count = variables.number(name, default, 1..=1_000_000)?;
            Ok(count.and_then(|count| usize::try_from(count).ok()))
        };
        let delay = variables.milliseconds("OTEL_BSP_SCHEDULE_DELAY", "5000")?;
        let queue_size = spans("OTEL_BSP_MAX_QUEUE_SIZE", "2048")?.unwrap_or(2048);
        let batch_size = spans("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512")?.unwrap_or(512);
        Ok(Self {
            destination,
            sampler: read_sampler(variables)?,
            identity: Identity::read(variables)?,
            schedule_delay: delay.unwrap_or(Duration::from_secs(5)),
            queue_size,
            // The specification wants a batch to fit into the queue.
            batch_size: batch_size.min(queue_size),
        })
    }
}

/// Settings of exported metrics, from the variables of the OpenTelemetry specification, which are read as those of
/// [`TraceSettings`] are.
///
/// | Variable | Meaning |
/// | --- | --- |
/// | `OTEL_EXPORTER_OTLP[_METRICS]_ENDPOINT`, `…_PROTOCOL`, `…_HEADERS`, `…_TIMEOUT`, `…_COMPRESSION` | as for traces, below `/v1/metrics` |
/// | `OTEL_METRICS_EXPORTER` | `otlp` or `none` |
/// | `OTEL_METRIC_EXPORT_INTERVAL` | time between two exports in milliseconds, default 60000 |
#[derive(Clone, Debug)]
pub struct MetricSettings {
    pub(crate) destination: Destination,
    pub(crate) interval: Duration,
}

impl MetricSettings {
    /// Reads the process's environment; `None` if metrics are not exported.
    pub fn from_env() -> Result<Option<Self>, TelemetryError> {
        Self::from_variables(environment)
    }

    /// Reads the variables by `get`; `None` if metrics are not exported.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, TelemetryError> {
        let variables = Variables(&get);
        let Some(destination) = Destination::read(&variables, Signal::Metrics)? else { return Ok(None) };
        let interval = variables.milliseconds("OTEL_METRIC_EXPORT_INTERVAL", "60000")?;
        Ok(Some(Self { destination, interval: interval.unwrap_or(Duration::from_mins(1)) }))
    }
}

/// The resource of the process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) service_name: Option<String>,
    pub(crate) resource_attributes: Vec<(String, String)>,
}

impl Identity {
    pub(crate) fn from_env() -> Result<Self, TelemetryError> {
        Self::read(&Variables(&environment))
    }

    fn read(variables: &Variables<'_>) -> Result<Self, TelemetryError> {
        let attributes = variables.parse(
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=staging",
            list::pairs,
        )?;
        Ok(Self {
            service_name: variables.value("OTEL_SERVICE_NAME"),
            resource_attributes: attributes.unwrap_or_default(),
        })
    }
}

/// The longest time before a stored span is shown: its reader has just made it.
const KEPT_DELAY: Duration = Duration::from_millis(500);

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

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
