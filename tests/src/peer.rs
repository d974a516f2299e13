//! A plain client of RabbitMQ.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions,
    QueueDeclareOptions, QueueDeleteOptions, QueuePurgeOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};

use crate::eventually;

/// How long a message may take to get to where it is looked for.
const LIMIT: Duration = Duration::from_secs(30);

/// A client that does what any client in any language does.
pub struct Peer {
    pub channel: Channel,
    connection: Connection,
}

/// A message that a peer got.
#[derive(Clone, Debug)]
pub struct Received {
    pub body: Vec<u8>,
    /// All that came with it.
    pub properties: BasicProperties,
}

impl Peer {
    pub async fn connect(url: &str) -> Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { channel, connection })
    }

    /// Declares a durable queue without arguments, as the replaced services do.
    pub async fn declare(&self, queue: &str) -> Result<()> {
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        self.channel.queue_declare(queue.into(), options, FieldTable::default()).await?;
        Ok(())
    }

    /// Declares a stream, which keeps messages and gives consumers those that come after them.
    pub async fn declare_stream(&self, queue: &str) -> Result<()> {
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
        self.channel.queue_declare(queue.into(), options, arguments).await?;
        Ok(())
    }

    /// Publishes a message without any property straight to a queue, as the replaced services do.
    pub async fn send_to_queue(&self, queue: &str, body: &[u8]) -> Result<()> {
        self.send(queue, body, BasicProperties::default()).await
    }

    /// Publishes a message straight to a queue.
    pub async fn send(&self, queue: &str, body: &[u8], properties: BasicProperties) -> Result<()> {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sent = self.channel.basic_publish("".into(), queue.into(), options, body, properties).await?;
        let confirm = sent.await?;
        ensure!(confirm.is_ack(), "{confirm:?}");
        Ok(())
    }

    /// Takes the next message off a queue, if it has one.
    pub async fn get(&self, queue: &str) -> Result<Option<Delivery>> {
        let message = self.channel.basic_get(queue.into(), BasicGetOptions { no_ack: true }).await?;
        Ok(message.map(|message| message.delivery))
    }

    /// Waits for a message of a queue, and acknowledges it.
    pub async fn receive(&self, queue: &str) -> Result<Received> {
        let message = eventually("a message", LIMIT, async || {
            Ok(self.channel.basic_get(queue.into(), BasicGetOptions::default()).await?)
        })
        .await?;
        message.acker.ack(BasicAckOptions::default()).await?;
        Ok(Received { body: message.data.clone(), properties: message.properties.clone() })
    }

    /// How many messages wait in a queue. RabbitMQ closes the channel that asks for a queue before it is declared, so it is one of
    /// its own.
    pub async fn depth(&self, queue: &str) -> Result<u32> {
        let channel = self.connection.create_channel().await?;
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let found = channel.queue_declare(queue.into(), options, FieldTable::default()).await;
        let depth = found.context("the queue is not there")?.message_count();
        channel.close(200, "OK".into()).await?;
        Ok(depth)
    }

    /// Empties a queue.
    pub async fn purge(&self, queue: &str) -> Result<()> {
        self.channel.queue_purge(queue.into(), QueuePurgeOptions::default()).await?;
        Ok(())
    }

    /// Deletes a queue with all that is in it.
    pub async fn delete_queue(&self, queue: &str) -> Result<()> {
        self.channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await?;
        Ok(())
    }

    /// Removes a binding.
    pub async fn unbind(&self, queue: &str, exchange: &str, pattern: &str) -> Result<()> {
        let (queue, exchange, pattern) = (queue.into(), exchange.into(), pattern.into());
        Ok(self.channel.queue_unbind(queue, exchange, pattern, FieldTable::default()).await?)
    }

    /// Deletes an exchange.
    pub async fn delete_exchange(&self, exchange: &str) -> Result<()> {
        Ok(self.channel.exchange_delete(exchange.into(), ExchangeDeleteOptions::default()).await?)
    }
}
