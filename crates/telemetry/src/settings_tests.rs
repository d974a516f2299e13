//! How the environment is read.

use std::collections::HashMap;
use std::time::Duration;

use super::{MetricSettings, Protocol, TraceSettings};
use crate::TelemetryError;

fn read(variables: &[(&str, &str)]) -> Result<Option<TraceSettings>, TelemetryError> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    TraceSettings::from_variables(|name| variables.get(name).map(ToString::to_string))
}

fn endpoint(variables: &[(&str, &str)]) -> String {
    read(variables).unwrap().unwrap().destination.unwrap().endpoint.to_string()
}

const GENERAL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

#[test]
fn traces_are_off_without_an_endpoint_or_when_disabled() {
    assert!(read(&[]).unwrap().is_none());
    assert!(read(&[(GENERAL, ""), (TRACES, " ")]).unwrap().is_none());
    assert!(read(&[(GENERAL, "http://c:4318"), ("OTEL_TRACES_EXPORTER", "none")]).unwrap().is_none());
    assert!(read(&[(GENERAL, "http://c:4318"), ("OTEL_SDK_DISABLED", "TRUE")]).unwrap().is_none());
    assert!(read(&[(GENERAL, "http://c:4318"), ("OTEL_SDK_DISABLED", "false")]).unwrap().is_some());
}

#[test]
fn the_signal_path_is_appended_to_the_general_endpoint_once() {
    for (value, expected) in [
        ("http://c:4318", "http://c:4318/v1/traces"),
        ("http://c:4318/", "http://c:4318/v1/traces"),
        ("https://c/otlp/", "https://c/otlp/v1/traces"),
        ("http://c:4318/v1/traces", "http://c:4318/v1/traces"),
        ("http://c:4318/v1/traces/", "http://c:4318/v1/traces"),
        ("http://c:4318/otlp?tenant=a", "http://c:4318/otlp/v1/traces?tenant=a"),
    ] {
        assert_eq!(endpoint(&[(GENERAL, value)]), expected);
    }
}

#[test]
fn the_endpoint_for_traces_is_used_as_it_is_and_wins() {
    for value in ["http://t:4318/v1/traces", "http://t:4318/", "https://t/somewhere/else?x=1"] {
        assert_eq!(endpoint(&[(GENERAL, "http://c:4318"), (TRACES, value)]), value);
    }
    assert_eq!(endpoint(&[(GENERAL, "http://c:4318"), (TRACES, "")]), "http://c:4318/v1/traces");
}

#[test]
fn grpc_endpoints_get_no_path() {
    let protocol = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    assert_eq!(endpoint(&[(GENERAL, "http://c:4317"), protocol]), "http://c:4317/");
    assert_eq!(endpoint(&[("OTEL_TRACES_EXPORTER", "otlp"), protocol]), "http://localhost:4317/");
}

#[test]
fn the_exporter_otlp_without_an_address_means_the_local_collector() {
    assert_eq!(endpoint(&[("OTEL_TRACES_EXPORTER", "otlp")]), "http://localhost:4318/v1/traces");
}

#[test]
fn everything_else_is_read_too() {
    let settings = read(&[
        (GENERAL, "http://c:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", ""),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_SERVICE_NAME", "shop"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=x,team=blue%2Cred"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.5"),
    ]);
    let settings = settings.unwrap().unwrap();
    let destination = settings.destination.as_ref().unwrap();
    assert_eq!(destination.protocol, Protocol::HttpProtobuf);
    assert_eq!(destination.headers[0].1, "Bearer abc");
    assert_eq!(destination.timeout, Duration::from_millis(2500));
    assert!(destination.gzip);
    assert_eq!(settings.identity.service_name.as_deref(), Some("shop"));
    assert_eq!(settings.identity.resource_attributes[1], ("team".to_owned(), "blue,red".to_owned()));
    assert_eq!((settings.queue_size, settings.batch_size), (100, 100));
    assert_eq!(settings.schedule_delay, Duration::from_millis(100));
    assert_eq!(format!("{:?}", settings.sampler), "ParentBased(TraceIdRatioBased(0.5))");
    assert!(!format!("{settings:?}").contains("Bearer"));
}

#[test]
fn a_bad_value_is_an_error_with_the_name_and_an_example() {
    for (name, value) in [
        (GENERAL, "localhost:4318"),
        (GENERAL, "ftp://c"),
        (GENERAL, "http://"),
        (TRACES, "not a url"),
        (TRACES, "http://user:secret@c"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "secret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=secret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=secret%0a"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_SDK_DISABLED", "yes"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
    ] {
        // A later entry takes the place of an earlier one.
        let message = read(&[(GENERAL, "http://c:4318"), (name, value)]).unwrap_err().to_string();
        assert!(message.starts_with(name) && message.contains("for example"), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }
    let ratio =
        [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "2"), (GENERAL, "http://c")];
    assert!(read(&ratio).unwrap_err().to_string().starts_with("OTEL_TRACES_SAMPLER_ARG"));
}

#[test]
fn metrics_go_beside_the_traces_by_default() {
    let endpoint = |variables: &[(&str, &str)]| {
        let get = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let settings = MetricSettings::from_variables(get).unwrap();
        settings.map(|settings| (settings.destination.endpoint.to_string(), settings.interval.as_millis()))
    };
    assert_eq!(endpoint(&[]), None);
    assert_eq!(endpoint(&[(TRACES, "http://t:4318/v1/traces")]), None);
    assert_eq!(endpoint(&[(GENERAL, "http://c:4318"), ("OTEL_METRICS_EXPORTER", "none")]), None);
    for general in ["http://c:4318", "http://c:4318/v1/traces"] {
        let expected = Some(("http://c:4318/v1/metrics".to_owned(), 60_000));
        assert_eq!(endpoint(&[(GENERAL, general)]), expected, "{general}");
    }
    let own = [("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m/x"), ("OTEL_METRIC_EXPORT_INTERVAL", "250")];
    assert_eq!(endpoint(&own), Some(("http://m/x".to_owned(), 250)));
}
