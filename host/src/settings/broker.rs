use std::path::PathBuf;

use clap::Args;
use waybill_broker::{BrokerConfig, ConfigError, QueueType};

use super::Secret;
use super::values::count;

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
    /// PEM file of the certificates to trust for amqps and the management API, instead of the system's.
    #[arg(long, env = "WAYBILL_BROKER_CA_FILE", value_name = "FILE")]
    pub broker_ca_file: Option<PathBuf>,
    /// Type of the queue orders if it does not exist yet: quorum or classic. Classic is for peers that declare the queue without
    /// arguments.
    #[arg(long, env = "WAYBILL_QUEUE_TYPE", value_name = "TYPE", default_value = "quorum")]
    pub queue_type: QueueType,
    /// Messages that RabbitMQ sends before earlier ones are acknowledged.
    #[arg(long, env = "WAYBILL_PREFETCH", value_name = "COUNT", default_value_t = 64, value_parser = count::<1, 65_535>)]
    pub prefetch: u32,
    /// Messages that are handled at the same time, at most WAYBILL_PREFETCH.
    #[arg(long, env = "WAYBILL_CONCURRENCY", value_name = "COUNT", default_value_t = 16, value_parser = count::<1, 1024>)]
    pub concurrency: u32,
    /// Unconfirmed messages of a published batch; a backlog is published in two batches at a time.
    #[arg(long, env = "WAYBILL_CONFIRM_WINDOW", value_name = "COUNT", default_value_t = 256, value_parser = count::<1, 65_536>)]
    pub confirm_window: u32,
}

impl BrokerSettings {
    /// The configuration, if a server is set. RabbitMQ shows `role` in the connection's name.
    pub fn config(&self, role: &str) -> Result<Option<BrokerConfig>, ConfigError> {
        self.broker_url.as_ref().map(|url| self.details.config(url, role)).transpose()
    }
}

impl RequiredBroker {
    /// The configuration. RabbitMQ shows `role` in the connection's name.
    pub fn config(&self, role: &str) -> Result<BrokerConfig, ConfigError> {
        self.details.config(&self.broker_url, role)
    }
}

impl BrokerDetails {
    /// Parses the URL here: clap's errors would show it with its password.
    fn config(&self, url: &Secret, role: &str) -> Result<BrokerConfig, ConfigError> {
        let mut config = BrokerConfig::new(url.expose().parse()?);
        config.connection_name = format!("waybill {role}");
        config.management =
            self.broker_management_url.as_ref().map(|url| url.expose().parse()).transpose()?;
        config.ca_file.clone_from(&self.broker_ca_file);
        config.queue_type = self.queue_type;
        // The bounds of the settings are within those of the types.
        config.prefetch = u16::try_from(self.prefetch).unwrap_or(u16::MAX);
        config.concurrency = u16::try_from(self.concurrency).unwrap_or(u16::MAX);
        config.confirm_window = self.confirm_window as usize;
        config.validate()?;
        Ok(config)
    }
}
