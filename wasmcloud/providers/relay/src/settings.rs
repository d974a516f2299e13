//! The provider's settings in the manifest.

use std::time::Duration;

use waybill_broker::{BrokerConfig, ConfigError};
use waybill_postgres::ServerConfig;
use waybill_provider::{SettingError, Settings};

const DATABASE_EXAMPLE: &str = "postgresql://waybill:secret@db.example.com:5432/orders";
const BROKER_EXAMPLE: &str = "amqp://waybill:secret@rabbitmq.example.com:5672";

/// Where events come from and where they go.
#[derive(Debug)]
pub struct RelaySettings {
    /// The orders database.
    pub database: ServerConfig,
    /// Where they go.
    pub to: Destination,
}

/// Where events go.
#[derive(Debug)]
pub enum Destination {
    /// To an exchange of RabbitMQ.
    RabbitMq(Box<BrokerConfig>),
    /// By requests over NATS; the subject is the event's type.
    Nats {
        /// How long an answer may take.
        timeout: Duration,
    },
}

/// Reads the provider's settings.
pub fn read(mut settings: Settings) -> Result<RelaySettings, SettingError> {
    let url = settings.require("database_url", DATABASE_EXAMPLE)?;
    let database = ServerConfig::new(&url)
        .map_err(|error| SettingError::new("database_url", error.to_string(), DATABASE_EXAMPLE))?;
    let broker = settings.take("broker_url");
    let exchange = settings.take("exchange");
    let to = settings.take("to");
    let timeout = settings.duration("nats_timeout", "10s")?.unwrap_or(Duration::from_secs(10));
    settings.finish()?;
    let to = match (to.as_deref(), broker) {
        (None | Some("rabbitmq"), Some(url)) => Destination::RabbitMq(Box::new(rabbitmq(&url, exchange)?)),
        (None | Some("rabbitmq"), None) => {
            return Err(SettingError::new("broker_url", "is missing, and `to` is not nats", BROKER_EXAMPLE));
        }
        (Some("nats"), None) => Destination::Nats { timeout },
        (Some("nats"), Some(_)) => {
            return Err(SettingError::new("broker_url", "is set, but events go to NATS", BROKER_EXAMPLE));
        }
        (Some(_), _) => return Err(SettingError::new("to", "is neither rabbitmq nor nats", "nats")),
    };
    Ok(RelaySettings { database, to })
}

fn rabbitmq(url: &str, exchange: Option<String>) -> Result<BrokerConfig, SettingError> {
    let wrong =
        |error: ConfigError| SettingError::new("broker_url", format!("is wrong: {error}"), BROKER_EXAMPLE);
    let mut config = BrokerConfig::new(url.parse().map_err(wrong)?);
    "wasmcloud relay".clone_into(&mut config.connection_name);
    if let Some(exchange) = exchange {
        config.exchange = exchange;
    }
    config.validate().map_err(wrong)?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const DATABASE: (&str, &str) = ("database_url", "postgresql://u:geheim@h/d");

    fn read_pairs(pairs: &[(&str, &str)]) -> Result<RelaySettings, SettingError> {
        let config: HashMap<_, _> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        read(Settings::from(config))
    }

    #[test]
    fn events_go_to_rabbitmq_or_to_nats() {
        let to = read_pairs(&[DATABASE, ("broker_url", "amqp://u:geheim@h"), ("exchange", "x")]).unwrap().to;
        assert!(matches!(to, Destination::RabbitMq(config) if config.exchange == "x"));
        let to = read_pairs(&[DATABASE, ("to", "nats"), ("nats_timeout", "2s")]).unwrap().to;
        assert!(matches!(to, Destination::Nats { timeout } if timeout == Duration::from_secs(2)));
    }

    #[test]
    fn a_wrong_setting_is_reported_by_its_name_without_its_value() {
        let wrong: [(&[(&str, &str)], &str); 7] = [
            (&[], "database_url"),
            (&[("database_url", "geheim")], "database_url"),
            (&[DATABASE], "broker_url"),
            (&[DATABASE, ("broker_url", "geheim")], "broker_url"),
            (&[DATABASE, ("broker_url", "amqp://h"), ("to", "nats")], "broker_url"),
            (&[DATABASE, ("to", "geheim")], "to"),
            (&[DATABASE, ("broker_url", "amqp://h"), ("que", "q")], "que"),
        ];
        for (pairs, name) in wrong {
            let error = read_pairs(pairs).unwrap_err();
            assert_eq!(error.name, name);
            assert!(!error.to_string().contains("geheim"), "{error}");
        }
    }
}
