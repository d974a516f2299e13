//! The link between Waybill and RabbitMQ, through which no event is lost.
//!
//! A [`Broker`] keeps two connections, as RabbitMQ recommends: it blocks connections that publish when it is short of memory, and
//! acknowledgements on such a connection would be stuck as well. It re-establishes them without end, and declares the exchange and
//! the queues on each new one.
//!
//! * [`Publisher`] publishes batches with confirms: an event counts as published when RabbitMQ has stored it.
//! * [`Consumer`] calls a [`Handler`] with each message and acknowledges it afterwards. What fails comes again after 1 s, 10 s,
//!   1 min and 10 min, and becomes a dead letter then, or at once when it is rejected.
//!   A message that was in flight at several crashes of a process is handled alone, and becomes a dead letter if that goes on.
//! * [`DeadLetters`] lists, replays and discards those.
//!
//! An event is published only while RabbitMQ keeps what it confirms: a queue or policy that drops messages is named by
//! [`Broker::health`], and [`Publisher`] waits for its repair.
//!
//! Everything here can happen twice and nothing is lost: each step first has its copy confirmed, and then removes the original. So
//! handlers have to be idempotent.
//!
//! ```no_run
//! use tokio_util::sync::CancellationToken;
//! use waybill_broker::{Broker, BrokerConfig, Delivery, DeliveryError, Handler, Outgoing};
//!
//! struct Print;
//!
//! impl Handler for Print {
//!     async fn handle(&self, delivery: Delivery) -> Result<(), DeliveryError> {
//!         match std::str::from_utf8(&delivery.body) {
//!             Ok(text) => println!("{}: {text}", delivery.subject),
//!             Err(error) => return Err(DeliveryError::Rejected(error.to_string())),
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = BrokerConfig::new("amqp://guest:guest@localhost:5672/%2f".parse()?);
//! let broker = Broker::start(config)?;
//!
//! let event = Outgoing {
//!     message_id: "0198b3a2-7c1e-7000-8000-000000000000".to_owned(),
//!     event_type: "order.created".to_owned(),
//!     body: r#"{"orderId":"0198b3a2-7c1e-7000-8000-000000000001","amount":5000,"customer":{"id":"1651654165"}}"#.into(),
//!     created_at_unix_s: 1_760_000_000,
//!     trace: None,
//! };
//! broker.ready().await?;
//! for outcome in broker.publisher().publish_batch(vec![event]).await {
//!     outcome?;
//! }
//!
//! let stop = CancellationToken::new();
//! broker.consumer().run(Print, stop).await;
//! # Ok(())
//! # }
//! ```

mod batch;
mod carried;
mod config;
mod connect;
mod connection;
mod consume;
mod counts;
mod dead_letter;
mod dead_letters;
mod error;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod guard;
mod handler;
mod inspect;
mod isolated;
mod link;
mod loss;
mod management;
mod management_url;
mod message;
mod numbers;
mod policies;
mod probe;
mod processor;
mod publish;
mod readable;
mod readable_stream;
mod reading_lock;
mod received;
mod stoppage;
mod topology;
mod trust;
mod walk;

use std::sync::{Arc, OnceLock};

pub use config::BrokerConfig;
pub use connection::Health;
use connection::Reconnector;
pub use consume::Consumer;
use counts::Counter;
pub use counts::Counts;
pub use dead_letter::{DeadLetter, Selector};
pub use dead_letters::{DeadLetters, Edit, Report};
pub use error::{BrokerError, PublishError};
use guard::Guard;
pub use handler::{Delivery, Handler};
pub use management_url::ManagementUrl;
pub use message::Outgoing;
pub use numbers::{CONCURRENCY, CONFIRM_WINDOW, Count, PREFETCH};
pub use probe::probe;
pub use publish::Publisher;
use reading_lock::ReadingLock;
use stoppage::Stoppage;
pub use waybill_broker_rules::{BrokerUrl, Cause, ConfigError, DEAD_LETTER_QUEUE, QueueType, headers};
pub use waybill_contracts::DeliveryError;

/// RabbitMQ. Cheap to clone; the connections end with the last clone and what was made from it.
#[derive(Clone)]
pub struct Broker {
    config: Arc<BrokerConfig>,
    counts: Arc<Counter>,
    publishing: Arc<Reconnector>,
    consuming: Arc<OnceLock<Arc<Reconnector>>>,
    publisher: Publisher,
    guard: Arc<Guard>,
    stoppage: Arc<Stoppage>,
    reading: Arc<ReadingLock>,
}

impl Broker {
    /// Starts connecting in the background. Only a wrong setting is an error; while a server is not there, or refuses
    /// us, attempts go on, and [`health`](Broker::health) says why.
    ///
    /// Has to be called within a Tokio runtime.
    pub fn start(config: BrokerConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let config = Arc::new(config);
        let counts = Arc::new(Counter::new(&config.retry_delays));
        let guard = Arc::new(Guard::new(config.clone())?);
        let publishing = Reconnector::start(config.clone(), "publish", counts.clone(), Some(guard.clone()));
        let publisher = Publisher::new(publishing.clone(), config.clone(), guard.clone());
        let reading = Arc::new(ReadingLock::new(&config));
        Ok(Self {
            config,
            counts,
            publishing,
            consuming: Arc::default(),
            publisher,
            guard,
            stoppage: Arc::default(),
            reading,
        })
    }

    /// Waits until there is a connection with everything declared; at most for `request_timeout`.
    pub async fn ready(&self) -> Result<(), BrokerError> {
        self.publishing.link_within(self.config.request_timeout).await.map(drop)
    }

    /// The publisher.
    pub fn publisher(&self) -> Publisher {
        self.publisher.clone()
    }

    /// A consumer of the main queue.
    pub fn consumer(&self) -> Consumer {
        Consumer::new(self.consuming(), self.publisher(), self.config.clone(), self.stoppage.clone())
    }

    /// The dead letters of the main queue.
    pub fn dead_letters(&self) -> DeadLetters {
        DeadLetters::new(self.consuming(), self.publisher(), self.config.clone(), self.reading.clone())
    }

    /// How many messages are ready in a queue (without those delivered and unacknowledged), and how many consumers it has.
    pub async fn depth(&self, queue: &str) -> Result<(u32, u32), BrokerError> {
        let link = self.consuming().link_within(self.config.request_timeout).await?;
        let found = topology::passively(&link, queue).await?;
        let found = found.ok_or_else(|| BrokerError::NoQueue(queue.to_owned()))?;
        Ok((found.message_count(), found.consumer_count()))
    }

    /// The state of the link: the worse of the two connections.
    pub fn health(&self) -> Health {
        let consuming = self.consuming.get().map(|connection| connection.health());
        let connections = match (self.publishing.health(), consuming) {
            (Health::Connected, Some(other)) => other,
            (Health::Blocked { .. }, Some(down @ Health::Down { .. })) => down,
            (publishing, _) => publishing,
        };
        if !connections.is_good() {
            return connections;
        }
        if let Some((since, reason)) = self.guard.losses() {
            return Health::Lossy { since, reason };
        }
        match self.stoppage.now() {
            Some((since, reason)) => Health::NotConsuming { since, reason },
            None => connections,
        }
    }

    /// Whether RabbitMQ would lose messages that it confirms, whatever else [`health`](Self::health) reports first.
    pub fn is_lossy(&self) -> bool {
        self.guard.losses().is_some()
    }

    /// Whether a consumer that should run takes no messages, whatever else [`health`](Self::health) reports first.
    pub fn is_stopped(&self) -> bool {
        self.stoppage.now().is_some()
    }

    /// Its counters since the start.
    pub fn counts(&self) -> Counts {
        self.counts.counts()
    }

    /// The settings.
    pub fn config(&self) -> &BrokerConfig {
        &self.config
    }

    /// Closes the connections for good. Stop consumers first.
    pub async fn close(&self) {
        if let Some(consuming) = self.consuming.get() {
            consuming.close().await;
        }
        self.publishing.close().await;
    }

    /// The connection for consuming is opened when it is needed for the first time: a relay needs none.
    fn consuming(&self) -> Arc<Reconnector> {
        self.consuming
            .get_or_init(|| Reconnector::start(self.config.clone(), "consume", self.counts.clone(), None))
            .clone()
    }
}
