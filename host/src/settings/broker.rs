use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use waybill_broker::{
    BrokerConfig, CONCURRENCY, CONFIRM_WINDOW, ConfigError, ManagementUrl, PREFETCH, QueueType,
};

use super::Secret;
use super::values::whole_number;

/// RabbitMQ, for commands that can do without it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "RabbitMQ")]
pub struct BrokerSettings {
    /// RabbitMQ, for example amqp://guest:guest@localhost:5672.
    #[arg(long, env = "BROKER_URL", value_name = "URL", hide_env_values = true)]
    pub broker_url: Option<Secret>,
    #[command(flatten)]
    pub details: BrokerDetails,
}

/// RabbitMQ, for commands that need it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "RabbitMQ")]
pub struct RequiredBroker {
    /// RabbitMQ, for example amqp://guest:guest@localhost:5672.
    #[arg(long, env = "BROKER_URL", value_name = "URL", hide_env_values = true)]
    pub broker_url: Secret,
    #[command(flatten)]
    pub details: BrokerDetails,
}

/// See [`BrokerConfig`].
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "RabbitMQ")]
pub struct BrokerDetails {
    /// RabbitMQ's management API, for example http://guest:guest@localhost:15672. By it, policies that lose messages are noticed.
    /// Without an account in it, that of BROKER_URL is used.
    #[arg(long, env = "BROKER_MANAGEMENT_URL", value_name = "URL", hide_env_values = true)]
    pub broker_management_url: Option<Secret>,
    /// PEM file of the certificates to trust for amqps and the management API, instead of the system's, for example
    /// /etc/ssl/rabbitmq.pem.
    #[arg(long, env = "WAYBILL_BROKER_CA_FILE", value_name = "FILE")]
    pub broker_ca_file: Option<PathBuf>,
    /// Type of the queue orders if it does not exist yet: quorum or classic. Classic is for peers that declare the queue without
    /// arguments.
    #[arg(long, env = "WAYBILL_QUEUE_TYPE", value_name = "TYPE", default_value_t = QueueType::default())]
    pub queue_type: QueueType,
    #[arg(long, env = "WAYBILL_PREFETCH", value_name = "COUNT", default_value_t = PREFETCH.default, help = PREFETCH.meaning, value_parser = whole_number(1..=PREFETCH.most))]
    pub prefetch: u16,
    /// Messages that are handled at the same time, at most WAYBILL_PREFETCH. By default 16, or WAYBILL_PREFETCH if that is less.
    #[arg(long, env = "WAYBILL_CONCURRENCY", value_name = "COUNT", value_parser = whole_number(1..=CONCURRENCY.most))]
    pub concurrency: Option<u16>,
    #[arg(long, env = "WAYBILL_CONFIRM_WINDOW", value_name = "COUNT", default_value_t = CONFIRM_WINDOW.default, help = CONFIRM_WINDOW.meaning, value_parser = whole_number(1..=CONFIRM_WINDOW.most))]
    pub confirm_window: usize,
}

impl BrokerSettings {
    /// The configuration, if a server is set. RabbitMQ shows `role` in the connection's name.
    pub fn config(&self, role: &str) -> anyhow::Result<Option<BrokerConfig>> {
        let Some(url) = &self.broker_url else {
            // A wrong setting is reported even while no server is set.
            self.details.concurrency()?;
            self.details.management()?;
            return Ok(None);
        };
        self.details.config(url, role).map(Some)
    }
}

impl RequiredBroker {
    /// The configuration. RabbitMQ shows `role` in the connection's name.
    pub fn config(&self, role: &str) -> anyhow::Result<BrokerConfig> {
        self.details.config(&self.broker_url, role)
    }
}

impl BrokerDetails {
    /// Parses the URL here: clap's errors would show it with its password.
    fn config(&self, url: &Secret, role: &str) -> anyhow::Result<BrokerConfig> {
        let concurrency = self.concurrency()?;
        let mut config = BrokerConfig::new(url.expose().parse().map_err(named)?);
        config.connection_name = format!("waybill {role}");
        config.management = self.management()?;
        config.ca_file.clone_from(&self.broker_ca_file);
        config.queue_type = self.queue_type;
        config.prefetch = self.prefetch;
        config.concurrency = concurrency;
        config.confirm_window = self.confirm_window;
        config.validate().map_err(named)?;
        Ok(config)
    }

    fn management(&self) -> Result<Option<ManagementUrl>, ConfigError> {
        self.broker_management_url.as_ref().map(|url| url.expose().parse()).transpose().map_err(named)
    }

    /// Messages that are handled at the same time. More than RabbitMQ sends ahead there cannot be.
    fn concurrency(&self) -> anyhow::Result<u16> {
        let Self { prefetch, concurrency, .. } = *self;
        let concurrency = concurrency.unwrap_or(CONCURRENCY.default.min(prefetch));
        ensure!(
            concurrency <= prefetch,
            "WAYBILL_CONCURRENCY (--concurrency) is {concurrency}, but WAYBILL_PREFETCH (--prefetch) lets RabbitMQ send only {prefetch} \
             messages ahead; set for example --concurrency {prefetch}, or --prefetch {}",
            concurrency.saturating_mul(4)
        );
        Ok(concurrency)
    }
}

/// The fault with its setting as it can be set, by variable and flag.
fn named(fault: ConfigError) -> ConfigError {
    let setting = match fault.setting {
        "BROKER_URL" => "BROKER_URL (--broker-url)",
        "BROKER_MANAGEMENT_URL" => "BROKER_MANAGEMENT_URL (--broker-management-url)",
        "ca-file" => "WAYBILL_BROKER_CA_FILE (--broker-ca-file)",
        other => other,
    };
    ConfigError { setting, ..fault }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        broker: BrokerSettings,
    }

    fn config(words: &[&str]) -> Result<Option<BrokerConfig>, String> {
        let words = ["waybill"].iter().chain(words);
        Program::parse_from(words).broker.config("test").map_err(|fault| format!("{fault:#}"))
    }

    #[test]
    fn more_messages_in_work_than_are_sent_ahead_are_refused_with_both_names() {
        for url in [&[][..], &["--broker-url", "amqp://h"]] {
            let fault = config(&[url, &["--prefetch", "4", "--concurrency", "16"]].concat()).unwrap_err();
            for words in [
                "WAYBILL_CONCURRENCY (--concurrency) is 16",
                "WAYBILL_PREFETCH (--prefetch)",
                "--concurrency 4",
            ] {
                assert!(fault.contains(words), "{fault}");
            }
        }
        let concurrency = |words: &[&str]| {
            let words = [&["--broker-url", "amqp://h"], words].concat();
            config(&words).unwrap().unwrap().concurrency
        };
        assert_eq!((concurrency(&[]), concurrency(&["--prefetch", "4"])), (16, 4));
        assert_eq!(concurrency(&["--prefetch", "4", "--concurrency", "4"]), 4);
    }

    #[test]
    fn a_fault_has_the_names_by_which_its_setting_can_be_set() {
        let url = ["--broker-url", "amqp://h"];
        for (words, name) in [
            (&["--broker-url", "amqp://h?heartbeet=1"][..], "BROKER_URL (--broker-url) "),
            (
                &[&url[..], &["--broker-management-url", "http://h?x=1"]].concat(),
                "BROKER_MANAGEMENT_URL (--broker-management-url) ",
            ),
            (&["--broker-management-url", "nonsense"], "BROKER_MANAGEMENT_URL (--broker-management-url) "),
            (
                &[&url[..], &["--broker-ca-file", "/does/not/exist.pem"]].concat(),
                "WAYBILL_BROKER_CA_FILE (--broker-ca-file) ",
            ),
        ] {
            let fault = config(words).unwrap_err();
            assert!(fault.starts_with(name), "{fault}");
        }
    }
}
