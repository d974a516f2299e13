use std::time::Duration;

use waybill_broker::{BrokerConfig, CONCURRENCY, ConfigError, PREFETCH, QueueType};
use waybill_provider::{SettingError, Settings};

const URL_EXAMPLE: &str = "amqp://waybill:secret@rabbitmq.example.com:5672";

/// A call of a component is given up after this time unless a setting says otherwise.
const HANDLING_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of a link to a handler.
#[derive(Debug)]
pub struct DeliverySettings {
    /// RabbitMQ.
    pub broker: BrokerConfig,
    /// Whether the trace is written into the body of a JSON message, since wasmCloud drops it elsewhere.
    pub trace_in_body: bool,
}

/// Reads the settings of a link by which messages are delivered.
pub fn delivery(mut settings: Settings) -> Result<DeliverySettings, SettingError> {
    let mut broker = BrokerConfig::new(url(&mut settings)?);
    common(&mut settings, &mut broker);
    broker.handling_timeout = settings.duration("handling_timeout", "10s")?.unwrap_or(HANDLING_TIMEOUT);
    set(&mut broker.queue, settings.take("queue"));
    set(&mut broker.binding, settings.take("binding"));
    set(&mut broker.queue_type, settings.parse("queue_type", &QueueType::default().to_string())?);
    set(&mut broker.prefetch, settings.parse(PREFETCH.name, &PREFETCH.default.to_string())?);
    set(&mut broker.concurrency, settings.parse(CONCURRENCY.name, &CONCURRENCY.default.to_string())?);
    set(&mut broker.retry_delays, settings.durations("retry_delays", "1s,10s,1m,10m")?);
    let trace_in_body = settings.parse("trace_in_body", "true")?.unwrap_or(false);
    settings.finish()?;
    checked(broker).map(|broker| DeliverySettings { broker, trace_in_body })
}

/// Reads the settings of a link by which a component publishes.
pub fn publishing(mut settings: Settings) -> Result<BrokerConfig, SettingError> {
    let mut broker = BrokerConfig::new(url(&mut settings)?);
    common(&mut settings, &mut broker);
    set(&mut broker.confirm_timeout, settings.duration("confirm_timeout", "30s")?);
    settings.finish()?;
    checked(broker)
}

fn url(settings: &mut Settings) -> Result<waybill_broker::BrokerUrl, SettingError> {
    // The parser's error does not repeat the password.
    settings
        .require("url", URL_EXAMPLE)?
        .parse()
        .map_err(|error: ConfigError| SettingError::new("url", format!("is wrong: {error}"), URL_EXAMPLE))
}

fn common(settings: &mut Settings, broker: &mut BrokerConfig) {
    set(&mut broker.exchange, settings.take("exchange"));
    "wasmcloud".clone_into(&mut broker.connection_name);
}

fn set<T>(setting: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *setting = value;
    }
}

fn checked(broker: BrokerConfig) -> Result<BrokerConfig, SettingError> {
    match broker.validate() {
        Ok(()) => Ok(broker),
        // It names the setting and shows an example itself.
        Err(error) => {
            Err(SettingError::new("a setting of the link", format!("is wrong: {error}"), "the default"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let config: HashMap<_, _> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::from(config)
    }

    const URL: (&str, &str) = ("url", "amqp://u:geheim@h:1");

    #[test]
    fn every_setting_reaches_the_broker() {
        let read = delivery(settings(&[
            URL,
            ("exchange", "x"),
            ("queue", "q"),
            ("binding", "b.#"),
            ("queue_type", "classic"),
            ("prefetch", "8"),
            ("concurrency", "4"),
            ("retry_delays", "1s, 2s"),
            ("handling_timeout", "3s"),
            ("trace_in_body", "true"),
        ]))
        .unwrap();
        let BrokerConfig { exchange, queue, binding, prefetch, concurrency, retry_delays, .. } = &read.broker;
        assert_eq!((exchange.as_str(), queue.as_str(), binding.as_str()), ("x", "q", "b.#"));
        assert_eq!((*prefetch, *concurrency), (8, 4));
        assert_eq!(*retry_delays, [1, 2].map(Duration::from_secs));
        assert_eq!(read.broker.handling_timeout, Duration::from_secs(3));
        assert_eq!(read.broker.queue_type, waybill_broker::QueueType::Classic);
        assert!(read.trace_in_body);
    }

    #[test]
    fn a_wrong_setting_refuses_the_link_without_showing_the_password() {
        let wrong: [(&[(&str, &str)], &str); 8] = [
            (&[], "url is missing"),
            (&[("url", "http://u:geheim@h")], "url is wrong"),
            (&[URL, ("prefetch", "0")], "prefetch"),
            (&[URL, ("prefetch", "4"), ("concurrency", "8")], "concurrency"),
            (&[URL, ("prefetch", "9999"), ("concurrency", "1025")], "concurrency"),
            (&[URL, ("queue_type", "geheim")], "queue_type"),
            (&[URL, ("retry_delays", "soon")], "retry_delays"),
            (&[URL, ("que", "q")], "que is not known"),
        ];
        for (pairs, expected) in wrong {
            let error = delivery(settings(pairs)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("u:geheim"), "{error}");
        }
        assert!(
            publishing(settings(&[URL, ("queue", "q")]))
                .unwrap_err()
                .to_string()
                .contains("queue is not known")
        );
    }
}
