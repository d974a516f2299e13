//! What can go wrong.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use serde::Serialize;
use tokio::time::sleep;

use super::system::{COPIES, System};
use crate::Direction;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// RabbitMQ is shut down and started again.
    BrokerStopped,
    /// RabbitMQ is killed and started again.
    BrokerKilled,
    /// RabbitMQ takes no messages because it believes that it has no memory.
    BrokerMemoryAlarm,
    /// All connections to RabbitMQ break, several times.
    BrokerConnectionsCut,
    /// RabbitMQ cannot be connected to.
    BrokerUnreachable,
    /// What is sent to RabbitMQ does not arrive, and then the connection breaks: messages before their confirm.
    BrokerStalledToServer,
    /// What RabbitMQ sends does not arrive, and then the connection breaks: messages after their confirm.
    BrokerStalledToClient,
    /// What goes to and from RabbitMQ stands still, and arrives late.
    BrokerDelayed,
    /// A client deletes the queue.
    QueueDeleted,
    /// A client deletes the exchange.
    ExchangeDeleted,
    /// The binding is removed, so that what is published has nowhere to go.
    QueueUnbound,
    /// PostgreSQL is shut down and started again.
    DatabaseStopped,
    /// PostgreSQL is killed and started again.
    DatabaseKilled,
    /// All connections to PostgreSQL break, several times.
    DatabaseConnectionsCut,
    /// Statements do not reach PostgreSQL, and then the connection breaks.
    DatabaseStalledToServer,
    /// Answers of PostgreSQL do not arrive, and then the connection breaks: commits without an answer.
    DatabaseStalledToClient,
    /// What goes to and from PostgreSQL stands still, and arrives late.
    DatabaseDelayed,
    /// The relay that delivers is killed, and the other one takes over.
    RelayKilled,
    /// Both relays are killed.
    RelaysKilled,
    /// The relay that delivers stands still, loses its lock to the other one, and goes on.
    RelaySuspended,
    /// One consumer is killed.
    ConsumerKilled,
    /// Both consumers are killed.
    ConsumersKilled,
    /// The orders service is killed.
    OrdersKilled,
}

impl Fault {
    pub const ALL: [Self; 23] = [
        Self::BrokerStopped,
        Self::BrokerKilled,
        Self::BrokerMemoryAlarm,
        Self::BrokerConnectionsCut,
        Self::BrokerUnreachable,
        Self::BrokerStalledToServer,
        Self::BrokerStalledToClient,
        Self::BrokerDelayed,
        Self::QueueDeleted,
        Self::ExchangeDeleted,
        Self::QueueUnbound,
        Self::DatabaseStopped,
        Self::DatabaseKilled,
        Self::DatabaseConnectionsCut,
        Self::DatabaseStalledToServer,
        Self::DatabaseStalledToClient,
        Self::DatabaseDelayed,
        Self::RelayKilled,
        Self::RelaysKilled,
        Self::RelaySuspended,
        Self::ConsumerKilled,
        Self::ConsumersKilled,
        Self::OrdersKilled,
    ];

    /// Draws faults: each kind once in a random order, as far as there are enough, then any.
    pub fn draw(count: usize, random: &mut impl Rng) -> Vec<Self> {
        let mut drawn = Self::ALL.to_vec();
        drawn.shuffle(random);
        drawn.truncate(count);
        while drawn.len() < count {
            drawn.extend(Self::ALL.choose(random));
        }
        drawn
    }

    /// Whether the queue has to be empty, because who deletes it would also delete what is in it.
    pub(super) fn needs_rest(self) -> bool {
        self == Self::QueueDeleted
    }

    /// Lets it happen, last about this long, and end.
    pub(super) async fn inject(self, system: &mut System, length: Duration) -> Result<()> {
        match self {
            Self::BrokerStopped => {
                system.rabbit.stop().await;
                sleep(length).await;
                system.rabbit.start_again().await;
            }
            Self::BrokerKilled => {
                system.rabbit.kill().await;
                sleep(length).await;
                system.rabbit.start_again().await;
            }
            Self::BrokerMemoryAlarm => {
                system.rabbit.set_memory_alarm(true).await;
                sleep(length).await;
                system.rabbit.set_memory_alarm(false).await;
            }
            Self::QueueDeleted => system.peer().await?.delete_queue("orders").await?,
            Self::ExchangeDeleted => system.peer().await?.delete_exchange("waybill").await?,
            Self::QueueUnbound => system.peer().await?.unbind("orders", "waybill", "order.#").await?,
            Self::DatabaseStopped => {
                system.postgres.stop().await?;
                sleep(length).await;
                system.postgres.restart().await?;
            }
            Self::DatabaseKilled => {
                system.postgres.kill().await?;
                sleep(length).await;
                system.postgres.restart().await?;
            }
            Self::RelayKilled => system.kill_delivering_relay(length).await?,
            Self::RelaysKilled => system.kill_relays(length).await?,
            Self::RelaySuspended => system.suspend_delivering_relay(length).await?,
            Self::ConsumerKilled => system.kill_consumers(1, length).await?,
            Self::ConsumersKilled => system.kill_consumers(COPIES, length).await?,
            Self::OrdersKilled => system.kill_orders(length).await?,
            network => network.inject_into_network(system, length).await,
        }
        Ok(())
    }

    async fn inject_into_network(self, system: &System, length: Duration) {
        let proxy = match self {
            Self::DatabaseConnectionsCut
            | Self::DatabaseStalledToServer
            | Self::DatabaseStalledToClient
            | Self::DatabaseDelayed => &system.database_proxy,
            _ => &system.broker_proxy,
        };
        match self {
            Self::BrokerConnectionsCut | Self::DatabaseConnectionsCut => {
                for _ in 0..4 {
                    proxy.cut();
                    sleep(length / 4).await;
                }
            }
            Self::BrokerStalledToServer | Self::DatabaseStalledToServer => proxy.stall(Direction::ToServer),
            Self::BrokerStalledToClient | Self::DatabaseStalledToClient => proxy.stall(Direction::ToClient),
            Self::BrokerDelayed | Self::DatabaseDelayed => {
                proxy.stall(Direction::ToServer);
                proxy.stall(Direction::ToClient);
            }
            _ => proxy.refuse(),
        }
        sleep(length).await;
        if !matches!(self, Self::BrokerDelayed | Self::DatabaseDelayed) {
            // What was held back is lost with the connections that carried it.
            proxy.cut();
        }
        proxy.heal();
    }
}
