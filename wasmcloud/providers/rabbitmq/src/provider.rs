use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waybill_broker::{Broker, Health};
use waybill_provider::wrpc::{Call, Client, Server};
use waybill_provider::{Calls, Lattice, LinkKey, Provider, Settings, Side};
use waybill_telemetry::Service;

use crate::bindings;
use crate::bindings::exports::wasmcloud::messaging::consumer;
use crate::bindings::wasmcloud::messaging::types::BrokerMessage;
use crate::component_handler::ComponentHandler;
use crate::link::{DeliverySettings, delivery, publishing};
use crate::publish::publish;

/// The provider: a broker for each link.
#[derive(Clone)]
pub struct RabbitMqProvider {
    delivering: Arc<Mutex<HashMap<LinkKey, Delivering>>>,
    publishing: Arc<Mutex<HashMap<LinkKey, Broker>>>,
    lattice: Lattice,
    service: Service,
}

/// A link by which messages are delivered.
struct Delivering {
    broker: Broker,
    stop: CancellationToken,
    consuming: JoinHandle<()>,
}

impl Delivering {
    /// Begins no further message, waits for those in flight (within the consumer's own limit), and disconnects.
    async fn end(self) {
        self.stop.cancel();
        if let Err(error) = self.consuming.await {
            tracing::error!("consuming ended badly: {error}");
        }
        self.broker.close().await;
    }
}

impl RabbitMqProvider {
    /// A provider without links.
    pub fn new(lattice: Lattice, service: Service) -> Self {
        Self { delivering: Arc::default(), publishing: Arc::default(), lattice, service }
    }

    async fn deliver_to(&self, key: &LinkKey, settings: DeliverySettings) -> anyhow::Result<()> {
        let DeliverySettings { broker: config, trace_in_body } = settings;
        // The old one ends first, so that no message is handled twice at the same time.
        if let Some(replaced) = put(&self.delivering, key, None) {
            replaced.end().await;
        }
        tracing::info!(component = key.component, queue = config.queue, "delivering from {}", config.url);
        let client = Client::new(&self.lattice, &key.component).await?;
        let handler = ComponentHandler { client, service: self.service.clone(), trace_in_body };
        let broker = Broker::start(config)?;
        let (consumer, stop) = (broker.consumer(), CancellationToken::new());
        let stopped = stop.clone();
        let consuming = tokio::spawn(async move { consumer.run(handler, stopped).await });
        put(&self.delivering, key, Some(Delivering { broker, stop, consuming }));
        Ok(())
    }

    async fn publish_for(&self, key: &LinkKey, settings: Settings) -> anyhow::Result<()> {
        let config = publishing(settings)?;
        tracing::info!(component = key.component, "publishing to {}", config.url);
        if let Some(replaced) = put(&self.publishing, key, Some(Broker::start(config)?)) {
            replaced.close().await;
        }
        Ok(())
    }
}

fn put<T>(links: &Mutex<HashMap<LinkKey, T>>, key: &LinkKey, link: Option<T>) -> Option<T> {
    let mut links = links.lock();
    match link {
        Some(link) => links.insert(key.clone(), link),
        None => links.remove(key),
    }
}

fn drain<T>(links: &Mutex<HashMap<LinkKey, T>>) -> Vec<T> {
    links.lock().drain().map(|(_, link)| link).collect()
}

fn health_of(component: &str, broker: &Broker) -> Result<(), String> {
    match broker.health() {
        Health::Connected => Ok(()),
        health => Err(format!("RabbitMQ for {component}: {health}")),
    }
}

impl Provider for RabbitMqProvider {
    async fn link(&self, key: &LinkKey, settings: Settings) -> anyhow::Result<()> {
        match key.side {
            Side::Callee => self.deliver_to(key, delivery(settings)?).await,
            Side::Caller => self.publish_for(key, settings).await,
        }
    }

    async fn unlink(&self, key: &LinkKey) {
        if let Some(delivering) = put(&self.delivering, key, None) {
            delivering.end().await;
        }
        if let Some(broker) = put(&self.publishing, key, None) {
            broker.close().await;
        }
    }

    fn health(&self) -> Result<(), String> {
        let delivering = self.delivering.lock();
        delivering.iter().try_for_each(|(key, link)| health_of(&key.component, &link.broker))?;
        let publishing = self.publishing.lock();
        publishing.iter().try_for_each(|(key, broker)| health_of(&key.component, broker))
    }

    async fn serve(&self, server: &Server) -> anyhow::Result<Calls> {
        bindings::serve(server, self.clone()).await
    }

    async fn shutdown(&self) {
        futures::future::join_all(drain(&self.delivering).into_iter().map(Delivering::end)).await;
        for broker in drain(&self.publishing) {
            broker.close().await;
        }
    }
}

impl consumer::Handler<Call> for RabbitMqProvider {
    async fn request(
        &self,
        _: Call,
        _: String,
        _: bytes::Bytes,
        _: u32,
    ) -> anyhow::Result<Result<BrokerMessage, String>> {
        Ok(Err("RabbitMQ gives no answers here; publish, and have the answer come to a queue of yours"
            .to_owned()))
    }

    async fn publish(&self, call: Call, message: BrokerMessage) -> anyhow::Result<Result<(), String>> {
        let key = LinkKey { component: call.component.clone(), side: Side::Caller, name: call.link.clone() };
        let broker = self.publishing.lock().get(&key).cloned();
        let Some(broker) = broker else {
            return Ok(Err(format!("{} has no link named {} to RabbitMQ", key.component, key.name)));
        };
        Ok(publish(&broker, &self.service, &call, message).await)
    }
}
