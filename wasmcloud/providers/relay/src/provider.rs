use std::sync::Arc;

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use waybill_broker::Broker;
use waybill_postgres::Database;
use waybill_provider::{Provider, Surroundings};
use waybill_relay::{Relay, RelayStatus};
use waybill_transports::RabbitMq;

use crate::nats::Nats;
use crate::settings::{Destination, RelaySettings, read};

/// The relay, while it runs.
#[derive(Clone)]
pub struct RelayProvider {
    database: Database,
    broker: Option<Broker>,
    status: RelayStatus,
    relaying: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl RelayProvider {
    /// Starts to relay. A wrong setting is an error that names it.
    pub fn start(at: Surroundings) -> anyhow::Result<Self> {
        let RelaySettings { database, to } = read(at.settings)?;
        let database = Database::connect_lazily(database);
        // Two transports are two types of relay.
        let (broker, status, relaying) = match to {
            Destination::RabbitMq(config) => {
                tracing::info!("relaying to {}", config.url);
                let broker = Broker::start(*config)?;
                let transport = RabbitMq::new(broker.publisher());
                let relay = Relay::new(database.clone(), transport, RabbitMq::relay_config(), at.service);
                (Some(broker), relay.status(), tokio::spawn(relay.run(at.stop)))
            }
            Destination::Nats { timeout } => {
                tracing::info!("relaying to NATS");
                let transport = Nats { client: at.lattice.nats, timeout };
                let relay = Relay::new(database.clone(), transport, Nats::relay_config(), at.service);
                (None, relay.status(), tokio::spawn(relay.run(at.stop)))
            }
        };
        let relaying = Arc::new(Mutex::new(Some(relaying)));
        Ok(Self { database, broker, status, relaying })
    }
}

impl Provider for RelayProvider {
    fn health(&self) -> Result<(), String> {
        self.status.health()
    }

    async fn shutdown(&self) {
        // Its `stop` is cancelled before this is called.
        let relaying = self.relaying.lock().take();
        if let Some(relaying) = relaying
            && let Err(error) = relaying.await
        {
            tracing::error!("the relay ended badly: {error}");
        }
        self.database.close().await;
        if let Some(broker) = &self.broker {
            broker.close().await;
        }
    }
}
