//! The outbox's events to RabbitMQ or NATS, as a provider of wasmCloud 1.9 that the manifest configures. It has no links: it
//! reads the orders database and nobody calls it. Of several copies one delivers, the others stand by.

mod settings;
mod to_nats;

use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use waybill_broker::Broker;
use waybill_postgres::Database;
use waybill_provider::Settings;
use waybill_provider::sdk::{Provider, ProviderInitConfig, get_connection, run_provider};
use waybill_relay::{Relay, RelayConfig, ToRabbitMq, Transport};
use waybill_telemetry::Service;

use crate::settings::{Receiver, RelaySettings};
use crate::to_nats::ToNats;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let telemetry = waybill_provider::start()?;
    let provider = RelayProvider::default();
    let ended = run_provider(provider.clone(), "waybill-provider-relay")
        .await
        .context("the provider did not start")?;
    let settings = provider.settings.get().context("the provider was not told its settings")?;
    let database = Database::connect_lazily(settings.database.clone());
    let service = telemetry.service("orders");
    let stop = CancellationToken::new();
    let (relaying, broker) = match &settings.to {
        Receiver::RabbitMq(config) => {
            let broker = Broker::start((**config).clone())?;
            tracing::info!("relaying to {}", config.url);
            let transport = ToRabbitMq::new(broker.publisher());
            (start(&database, transport, ToRabbitMq::relay_config(), service, &stop), Some(broker))
        }
        Receiver::Nats { timeout } => {
            tracing::info!("relaying to NATS");
            let transport = ToNats { client: Arc::clone(&get_connection().nats), timeout: *timeout };
            (start(&database, transport, ToNats::relay_config(), service, &stop), None)
        }
    };
    waybill_provider::until_ended(ended, &provider).await;
    stop.cancel();
    relaying.await?;
    database.close().await;
    if let Some(broker) = broker {
        broker.close().await;
    }
    telemetry.shutdown().await;
    Ok(())
}

fn start<T: Transport>(
    database: &Database,
    transport: T,
    config: RelayConfig,
    service: Service,
    stop: &CancellationToken,
) -> tokio::task::JoinHandle<()> {
    let relay = Relay::new(database.clone(), transport, config, service);
    tokio::spawn(relay.run(stop.clone()))
}

#[derive(Clone, Default)]
struct RelayProvider {
    settings: Arc<OnceLock<RelaySettings>>,
}

impl Provider for RelayProvider {
    /// A wrong setting ends the provider here, with the setting's name in the host's log.
    async fn init(&self, config: impl ProviderInitConfig) -> anyhow::Result<()> {
        let read = settings::read(Settings::of_provider(&config))
            .inspect_err(|error| tracing::error!("the relay cannot start: {error}"))?;
        // Nothing else sets it.
        let _ = self.settings.set(read);
        Ok(())
    }
}
