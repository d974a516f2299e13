//! Whether RabbitMQ accepts the connection and the account.

use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::connect::{connect, limit};
use crate::error::BrokerError;
use crate::link::Link;

/// Connects and disconnects. Nothing is declared.
pub async fn probe(config: &BrokerConfig) -> Result<(), BrokerError> {
    let connected = connect(config, "probe").await;
    let (connection, cutter) = connected.map_err(|error| BrokerError::Unavailable(with_causes(&error)))?;
    Link::new(connection, cutter, limit(config)).close().await;
    Ok(())
}
