//! The settings, from the environment of the service. They are those of `waybill` and of the provider for wasmCloud 1.9.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use waybill_broker_rules::{
    BrokerUrl, ConfigError, Limits, QueueType, validate_names, validate_retry_delays,
};
use waybill_contracts::{EXCHANGE, ORDERS_QUEUE};

use crate::trust::trusting;

/// What is set, and what is fixed.
#[derive(Debug)]
pub struct Settings {
    pub url: BrokerUrl,
    /// For `amqps`.
    pub tls: Option<Arc<ClientConfig>>,
    pub exchange: String,
    pub queue: String,
    pub binding: String,
    pub queue_type: QueueType,
    pub prefetch: u16,
    pub retry_delays: Vec<Duration>,
    pub trace_in_body: bool,
    /// How long connecting, and any single request to RabbitMQ but publishing, may take.
    pub request_timeout: Duration,
    /// How long a confirmation may take.
    pub confirm_timeout: Duration,
    /// How long messages are held while they cannot be handled, before they go back to their queue.
    pub hold_limit: Duration,
    /// The longest pause between two attempts to connect.
    pub max_reconnect_delay: Duration,
    pub limits: Limits,
}

const URL: (&str, &str) = ("BROKER_URL", "amqp://user:password@rabbitmq.example.com:5672/%2f");

const CA: &str = "WAYBILL_BROKER_CA";

/// The names, each with an example.
const NAMES: [(&str, &str); 9] = [
    URL,
    (CA, "-----BEGIN CERTIFICATE----- …"),
    ("WAYBILL_EXCHANGE", "waybill"),
    ("WAYBILL_QUEUE", "orders"),
    ("WAYBILL_BINDING", "order.#"),
    ("WAYBILL_QUEUE_TYPE", "quorum"),
    ("WAYBILL_PREFETCH", "16"),
    ("WAYBILL_RETRY_DELAYS", "1s,10s,1m,10m"),
    ("WAYBILL_TRACE_IN_BODY", "true"),
];

impl Settings {
    /// Reads the environment. Variables that begin neither with `WAYBILL_` nor with `BROKER_` are not ours.
    pub fn read(variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let given: BTreeMap<_, _> = variables
            .filter(|(name, _)| name.starts_with("WAYBILL_") || name.starts_with("BROKER_"))
            .collect();
        if let Some(name) = given.keys().find(|name| NAMES.iter().all(|(known, _)| known != name)) {
            let known: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            let fault =
                format!("is missing or misspelt: {name} is not known; known are {}", known.join(", "));
            return Err(ConfigError::new("a setting", fault, "WAYBILL_QUEUE"));
        }
        let get = |wanted: &str| given.get(wanted).map(String::as_str).filter(|value| !value.is_empty());
        let text = |wanted: &str, default: &str| get(wanted).unwrap_or(default).to_owned();
        let url = get(URL.0).ok_or_else(|| ConfigError::new(URL.0, "is not set", URL.1))?;
        let url = broker_url(url)?;
        let settings = Self {
            tls: tls(&url, get(CA))?,
            url,
            exchange: text("WAYBILL_EXCHANGE", EXCHANGE),
            queue: text("WAYBILL_QUEUE", ORDERS_QUEUE),
            binding: text("WAYBILL_BINDING", "order.#"),
            queue_type: parsed("WAYBILL_QUEUE_TYPE", get("WAYBILL_QUEUE_TYPE"), QueueType::Quorum)?,
            prefetch: parsed("WAYBILL_PREFETCH", get("WAYBILL_PREFETCH"), 16)?,
            retry_delays: delays(get("WAYBILL_RETRY_DELAYS").unwrap_or("1s,10s,1m,10m"))?,
            trace_in_body: parsed("WAYBILL_TRACE_IN_BODY", get("WAYBILL_TRACE_IN_BODY"), false)?,
            request_timeout: Duration::from_secs(10),
            confirm_timeout: Duration::from_secs(30),
            hold_limit: Duration::from_secs(20),
            max_reconnect_delay: Duration::from_secs(3),
            limits: Limits { max_body_bytes: 1024 * 1024, crash_limit: 16 },
        };
        settings.validate()
    }

    fn validate(self) -> Result<Self, ConfigError> {
        validate_names(&self.exchange, &self.queue, &self.binding).map_err(named)?;
        validate_retry_delays(&self.retry_delays).map_err(named)?;
        if self.prefetch == 0 {
            return Err(wrong("WAYBILL_PREFETCH", "is 0, which means no bound"));
        }
        Ok(self)
    }
}

fn broker_url(text: &str) -> Result<BrokerUrl, ConfigError> {
    let url: BrokerUrl = text.parse()?;
    let query = &url.uri().query;
    if query.auth_mechanism.as_ref().is_some_and(|mechanism| mechanism.name() != "PLAIN") {
        let fault = "asks for another `auth_mechanism` than plain, which is the only one here";
        return Err(ConfigError::new(URL.0, fault, URL.1));
    }
    Ok(url)
}

/// TLS for an `amqps` address.
fn tls(url: &BrokerUrl, authorities: Option<&str>) -> Result<Option<Arc<ClientConfig>>, ConfigError> {
    if url.is_encrypted() {
        return trusting(authorities).map(Some).map_err(|fault| wrong(CA, fault));
    }
    match authorities {
        None => Ok(None),
        // An authority is set for an encrypted connection, and this one would not be.
        Some(_) => Err(wrong(CA, "is set, but BROKER_URL does not begin with `amqps://`")),
    }
}

fn parsed<T: FromStr>(name: &'static str, value: Option<&str>, default: T) -> Result<T, ConfigError>
where
    T::Err: Display,
{
    let Some(value) = value else { return Ok(default) };
    value.parse().map_err(|_| wrong(name, "has a value that it does not take"))
}

/// `1s,10s,1m,10m`.
fn delays(text: &str) -> Result<Vec<Duration>, ConfigError> {
    let name = "WAYBILL_RETRY_DELAYS";
    let fault = || wrong(name, "is not a list of durations such as 500ms, 1s, 10m and 1h");
    let delay = |text: &str| {
        let digits = text.find(|character: char| !character.is_ascii_digit())?;
        let (number, unit) = text.split_at(digits);
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(unit_ms).map(Duration::from_millis)
    };
    text.split(',').map(|text| delay(text.trim()).ok_or_else(fault)).collect()
}

fn wrong(name: &'static str, fault: &str) -> ConfigError {
    let example = NAMES.iter().find(|(known, _)| *known == name).map_or("", |(_, example)| example);
    ConfigError::new(name, fault, example)
}

/// The fault with its setting as it can be set.
fn named(fault: ConfigError) -> ConfigError {
    let setting = match fault.setting {
        "exchange" => "WAYBILL_EXCHANGE",
        "queue" => "WAYBILL_QUEUE",
        "binding" => "WAYBILL_BINDING",
        "retry-delays" => "WAYBILL_RETRY_DELAYS",
        other => other,
    };
    ConfigError { setting, ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::read(pairs).map_err(|error| error.to_string())
    }

    const URL: (&str, &str) = ("BROKER_URL", "amqp://alice:s3cret@h:1");
    const ENCRYPTED: (&str, &str) = ("BROKER_URL", "amqps://alice:s3cret@h");
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    #[test]
    fn every_setting_is_read_and_the_rest_of_the_environment_is_not_ours() {
        let read = read(&[
            URL,
            ("HOME", "/"),
            ("WAYBILL_EXCHANGE", "x"),
            ("WAYBILL_QUEUE", "q"),
            ("WAYBILL_BINDING", "b.#"),
            ("WAYBILL_QUEUE_TYPE", "classic"),
            ("WAYBILL_PREFETCH", "4"),
            ("WAYBILL_RETRY_DELAYS", "50ms, 2s"),
            ("WAYBILL_TRACE_IN_BODY", "true"),
        ]);
        let read = read.unwrap();
        assert_eq!((read.exchange.as_str(), read.queue.as_str(), read.binding.as_str()), ("x", "q", "b.#"));
        assert_eq!((read.queue_type, read.prefetch, read.trace_in_body), (QueueType::Classic, 4, true));
        assert!(read.tls.is_none());
        assert_eq!(read.retry_delays, [50, 2_000].map(Duration::from_millis));
    }

    #[test]
    fn a_bad_setting_is_named_with_an_example_and_without_the_password() {
        let wrong: [(&[(&str, &str)], &str); 11] = [
            (&[], "BROKER_URL is not set"),
            (&[URL, ("WAYBILL_BROKER_CA", CERTIFICATE)], "WAYBILL_BROKER_CA is set, but BROKER_URL"),
            (&[ENCRYPTED, ("WAYBILL_BROKER_CA", "ca.pem")], "WAYBILL_BROKER_CA has no certificate"),
            (&[ENCRYPTED, ("WAYBILL_BROKER_CA", CERTIFICATE)], "has a certificate that cannot be read"),
            (&[("BROKER_URL", "http://alice:s3cret@h")], "BROKER_URL has another scheme"),
            (&[("BROKER_URL", "amqp://alice:s3cret@h?auth_mechanism=external")], "`auth_mechanism`"),
            (&[URL, ("WAYBILL_PREFETCH", "0")], "WAYBILL_PREFETCH is 0"),
            (&[URL, ("WAYBILL_PREFETCH", "many")], "WAYBILL_PREFETCH has a value"),
            (&[URL, ("WAYBILL_RETRY_DELAYS", "soon")], "WAYBILL_RETRY_DELAYS is not a list"),
            (&[URL, ("WAYBILL_QUEUE", "amq.q")], "WAYBILL_QUEUE begins with `amq.`"),
            (&[URL, ("WAYBILL_CONCURRENCY", "16")], "WAYBILL_CONCURRENCY is not known"),
        ];
        for (pairs, expected) in wrong {
            let error = read(pairs).unwrap_err();
            assert!(error.contains(expected) && error.contains("an example is `"), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
