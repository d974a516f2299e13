//! The settings of the link to RabbitMQ, checked before anything is started.

use std::path::PathBuf;
use std::time::Duration;

use waybill_broker_rules::{
    BrokerUrl, ConfigError, Limits, QueueType, dead_letter_queue, isolated_queue, retry_queue,
    validate_names, validate_retry_delays,
};
use waybill_contracts::{EXCHANGE, ORDERS_QUEUE};
use waybill_telemetry::with_causes;

use crate::management_url::ManagementUrl;
use crate::numbers::{CONCURRENCY, CONFIRM_WINDOW, PREFETCH};
use crate::trust;

/// Everything that can be set about the link to RabbitMQ.
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    /// Where RabbitMQ is, and as whom to connect.
    pub url: BrokerUrl,
    /// RabbitMQ's management API, by which policies are seen that lose messages.
    pub management: Option<ManagementUrl>,
    /// A file of PEM certificates to trust instead of the system's, for `amqps` and the management API.
    pub ca_file: Option<PathBuf>,
    /// The name under which RabbitMQ lists our connections; the role (`publish`, `consume`) is appended.
    pub connection_name: String,
    /// The topic exchange to which events are published.
    pub exchange: String,
    /// The queue from which events are consumed; the names of retry and dead-letter queues begin with it.
    pub queue: String,
    /// The topic pattern by which the queue is bound to the exchange.
    pub binding: String,
    /// The type of the queue if it does not exist yet. Retry and dead-letter queues are always quorum queues.
    pub queue_type: QueueType,
    /// [`PREFETCH`].
    pub prefetch: u16,
    /// [`CONCURRENCY`].
    pub concurrency: u16,
    /// [`CONFIRM_WINDOW`].
    pub confirm_window: usize,
    /// How long publishing waits without any confirmation coming in before it gives up.
    pub confirm_timeout: Duration,
    /// How long a handler may take for one message before that counts as a failure.
    pub handling_timeout: Duration,
    /// How long a stopping consumer waits for the messages in flight.
    pub drain_timeout: Duration,
    /// The delays before the second, third, … attempt. After the last one the message becomes a dead letter.
    pub retry_delays: Vec<Duration>,
    /// After how many attempts at which the process died, while it handled nothing but this message, it becomes a dead letter
    /// without being handled again. A message gets there after some deliveries that ended with their connection, which only
    /// quorum queues count.
    pub crash_limit: u16,
    /// How long messages are held while the handler is unavailable, before they go back to their queue. Keep it below RabbitMQ's
    /// `consumer_timeout`, which is looked at once a minute.
    pub hold_limit: Duration,
    /// Messages with larger bodies, in bytes, become dead letters without being handled.
    pub max_body_bytes: usize,
    /// How long connecting, and any single request to RabbitMQ but publishing, may take.
    pub request_timeout: Duration,
    /// The longest pause between two attempts to connect.
    pub max_reconnect_delay: Duration,
}

impl BrokerConfig {
    /// The default settings for the server at `url`.
    pub fn new(url: BrokerUrl) -> Self {
        Self {
            url,
            management: None,
            ca_file: None,
            connection_name: "waybill".to_owned(),
            exchange: EXCHANGE.to_owned(),
            queue: ORDERS_QUEUE.to_owned(),
            binding: "order.#".to_owned(),
            queue_type: QueueType::Quorum,
            prefetch: PREFETCH.default,
            concurrency: CONCURRENCY.default,
            confirm_window: CONFIRM_WINDOW.default,
            confirm_timeout: Duration::from_secs(30),
            handling_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(10),
            retry_delays: [1, 10, 60, 600].map(Duration::from_secs).to_vec(),
            crash_limit: 16,
            hold_limit: Duration::from_secs(20),
            max_body_bytes: 1024 * 1024,
            request_timeout: Duration::from_secs(10),
            max_reconnect_delay: Duration::from_secs(3),
        }
    }

    /// The queue that holds messages for `delay` before they return to the main queue.
    pub fn retry_queue(&self, delay: Duration) -> String {
        retry_queue(&self.queue, delay)
    }

    /// The queue of messages that were in flight at several crashes of a process. They are handled one at a time.
    pub fn isolated_queue(&self) -> String {
        isolated_queue(&self.queue)
    }

    /// The queue that holds the messages that cannot be handled.
    pub fn dead_letter_queue(&self) -> String {
        dead_letter_queue(&self.queue)
    }

    /// All queues: the main queue, the retry queues in the order of their delays, that of the isolated messages, and that of the
    /// dead letters.
    pub fn queues(&self) -> Vec<String> {
        let retries = self.retry_delays.iter().map(|delay| self.retry_queue(*delay));
        [self.queue.clone()]
            .into_iter()
            .chain(retries)
            .chain([self.isolated_queue(), self.dead_letter_queue()])
            .collect()
    }

    /// What a message may be at most to be handled.
    pub(crate) fn limits(&self) -> Limits {
        Limits { max_body_bytes: self.max_body_bytes, crash_limit: self.crash_limit }
    }

    /// Checks all settings, and names the first that is wrong.
    pub fn validate(&self) -> Result<(), ConfigError> {
        // RabbitMQ's limit is 255 bytes.
        validate_names(&self.exchange, &self.queue, &self.binding)?;
        if self.connection_name.is_empty() || self.connection_name.len() > 200 {
            let fault = format!("has {} bytes, not between 1 and 200", self.connection_name.len());
            return Err(ConfigError::new("connection-name", fault, "waybill"));
        }
        validate_retry_delays(&self.retry_delays)?;
        // Later it is read anew for each connection, since certificates are replaced; then a fault is waited for.
        self.ca_file.as_deref().map_or(Ok(()), trust::check).map_err(|error| {
            let fault = format!("is wrong: {}", with_causes(&error));
            ConfigError::new("ca-file", fault, "/etc/ssl/rabbitmq-ca.pem")
        })?;
        PREFETCH.check(self.prefetch)?;
        CONCURRENCY.check(self.concurrency)?;
        CONFIRM_WINDOW.check(self.confirm_window)?;
        if self.concurrency > self.prefetch {
            let fault = format!("is {}, more than the prefetch of {}", self.concurrency, self.prefetch);
            return Err(ConfigError::new(CONCURRENCY.name, fault, CONCURRENCY.default.to_string()));
        }
        for (setting, timeout, example) in [
            ("confirm-timeout", self.confirm_timeout, "30s"),
            ("handling-timeout", self.handling_timeout, "30s"),
        ] {
            if timeout.is_zero() {
                return Err(ConfigError::new(setting, "is 0", example));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use waybill_broker_rules::DEAD_LETTER_QUEUE;

    use super::*;

    fn config() -> BrokerConfig {
        BrokerConfig::new("amqp://h".parse().unwrap())
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_fault_and_an_example() {
        assert_eq!(config().validate(), Ok(()));
        let wrong = |change: fn(&mut BrokerConfig)| {
            let mut config = config();
            change(&mut config);
            config.validate().unwrap_err().to_string()
        };
        assert_eq!(
            wrong(|config| config.concurrency = 65),
            "concurrency is 65, more than the prefetch of 64; an example is `16`"
        );
        assert!(wrong(|config| config.queue = "amq.orders".into()).contains("begins with `amq.`"));
        assert!(wrong(|config| config.retry_delays.clear()).contains("has 0 entries"));
        assert!(wrong(|config| config.retry_delays = vec![Duration::from_secs(1); 2]).contains("1s twice"));
        assert!(wrong(|config| config.confirm_window = 0).contains("confirm-window is 0"));
    }

    #[test]
    fn a_file_without_a_certificate_is_named_before_anything_is_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let fault = || {
            let config = BrokerConfig { ca_file: Some(file.clone()), ..config() };
            config.validate().unwrap_err().to_string()
        };
        let missing = fault();
        assert!(missing.starts_with("ca-file is wrong: ") && missing.contains("No such file"), "{missing}");
        std::fs::write(&file, "").unwrap();
        assert!(fault().contains("has no certificates"));
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        let unreadable = fault();
        assert!(unreadable.contains("no known format") && unreadable.contains("ca.pem"), "{unreadable}");
    }

    #[test]
    fn retry_queues_are_named_after_their_delays() {
        let names = ["orders", "orders.retry.1s", "orders.retry.10s", "orders.retry.1m", "orders.retry.10m"];
        assert_eq!(config().queues(), [&names[..], &["orders.isolated", DEAD_LETTER_QUEUE]].concat());
        assert_eq!(config().retry_queue(Duration::from_millis(50)), "orders.retry.50ms");
    }
}
