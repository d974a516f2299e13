use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waybill_broker::Broker;
use waybill_provider::sdk::{Context as Call, LinkConfig, LinkDeleteInfo, Provider, get_connection};
use waybill_provider::{SettingError, Settings};
use waybill_telemetry::Service;

use crate::bindings::exports::wasmcloud::messaging::consumer;
use crate::bindings::wasmcloud::messaging::types::BrokerMessage;
use crate::deliver::Deliver;
use crate::link::{DeliverySettings, delivery, publishing};
use crate::publish::publish;

/// The component at the other end and the name of the link.
type LinkKey = (String, String);

/// The provider: a broker for each link.
#[derive(Clone)]
pub struct RabbitMqProvider {
    delivering: Arc<Mutex<HashMap<LinkKey, Delivering>>>,
    publishing: Arc<Mutex<HashMap<LinkKey, Broker>>>,
    service: Service,
    stop: CancellationToken,
}

/// A link by which messages are delivered.
struct Delivering {
    broker: Broker,
    stop: CancellationToken,
    consuming: JoinHandle<()>,
}

impl Delivering {
    /// Begins no message any more, waits for those in hand (the consumer's own limit bounds that), and disconnects.
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
    pub fn new(service: Service, stop: CancellationToken) -> Self {
        Self { delivering: Arc::default(), publishing: Arc::default(), service, stop }
    }

    async fn deliver_to(&self, key: &LinkKey, settings: DeliverySettings) -> anyhow::Result<Delivering> {
        let DeliverySettings { broker: config, trace_in_body } = settings;
        let client = get_connection().get_wrpc_client_custom(&key.0, Some(config.handling_timeout)).await?;
        let handler = Deliver { client, service: self.service.clone(), trace_in_body };
        let broker = Broker::start(config)?;
        let (consumer, stop) = (broker.consumer(), CancellationToken::new());
        let stopped = stop.clone();
        let consuming = tokio::spawn(async move { consumer.run(handler, stopped).await });
        Ok(Delivering { broker, stop, consuming })
    }
}

fn put<T>(links: &Mutex<HashMap<LinkKey, T>>, key: LinkKey, link: Option<T>) -> Option<T> {
    let mut links = links.lock().unwrap_or_else(PoisonError::into_inner);
    match link {
        Some(link) => links.insert(key, link),
        None => links.remove(&key),
    }
}

fn drain<T>(links: &Mutex<HashMap<LinkKey, T>>) -> Vec<T> {
    links.lock().unwrap_or_else(PoisonError::into_inner).drain().map(|(_, link)| link).collect()
}

fn refused(key: &LinkKey) -> impl Fn(&SettingError) {
    |error| tracing::error!(component = key.0, link = key.1, "the link is refused: {error}")
}

impl Provider for RabbitMqProvider {
    async fn receive_link_config_as_source(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let key = (link.target_id.to_owned(), link.link_name.to_owned());
        let settings = delivery(Settings::of_link(&link)).inspect_err(refused(&key))?;
        // The old one lets go of its messages first, so that none is in two hands.
        if let Some(replaced) = put(&self.delivering, key.clone(), None) {
            replaced.end().await;
        }
        tracing::info!(
            component = key.0,
            queue = settings.broker.queue,
            "delivering from {}",
            settings.broker.url
        );
        let delivering = self.deliver_to(&key, settings).await?;
        put(&self.delivering, key, Some(delivering));
        Ok(())
    }

    async fn receive_link_config_as_target(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let key = (link.source_id.to_owned(), link.link_name.to_owned());
        let config = publishing(Settings::of_link(&link)).inspect_err(refused(&key))?;
        tracing::info!(component = key.0, "publishing to {}", config.url);
        if let Some(replaced) = put(&self.publishing, key, Some(Broker::start(config)?)) {
            replaced.close().await;
        }
        Ok(())
    }

    async fn delete_link_as_source(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = (link.get_target_id().to_owned(), link.get_link_name().to_owned());
        if let Some(delivering) = put(&self.delivering, key, None) {
            delivering.end().await;
        }
        Ok(())
    }

    async fn delete_link_as_target(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = (link.get_source_id().to_owned(), link.get_link_name().to_owned());
        if let Some(broker) = put(&self.publishing, key, None) {
            broker.close().await;
        }
        Ok(())
    }

    async fn shutdown(&self) -> anyhow::Result<()> {
        self.stop.cancel();
        futures::future::join_all(drain(&self.delivering).into_iter().map(Delivering::end)).await;
        for broker in drain(&self.publishing) {
            broker.close().await;
        }
        Ok(())
    }
}

impl consumer::Handler<Option<Call>> for RabbitMqProvider {
    async fn request(
        &self,
        _: Option<Call>,
        _: String,
        _: bytes::Bytes,
        _: u32,
    ) -> anyhow::Result<Result<BrokerMessage, String>> {
        Ok(Err("RabbitMQ gives no answers here; publish, and have the answer come to a queue of yours"
            .to_owned()))
    }

    async fn publish(
        &self,
        call: Option<Call>,
        message: BrokerMessage,
    ) -> anyhow::Result<Result<(), String>> {
        let component = call.as_ref().and_then(|call| call.component.clone()).unwrap_or_default();
        let key = (component, call.as_ref().map_or("default", Call::link_name).to_owned());
        let broker = self.publishing.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let Some(broker) = broker else {
            return Ok(Err(format!("{} has no link named {} to RabbitMQ", key.0, key.1)));
        };
        Ok(publish(&broker, &self.service, call.as_ref(), message).await)
    }
}
