//! Readers of dead letters take turns, in all processes.
//!
//! AMQP cannot show a message without taking it, and what one reader has taken no other sees: a replay beside a reader would miss
//! some. An exclusive queue is the lock between processes: RabbitMQ lets one connection have it, and removes it with that.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use parking_lot::Mutex as Latest;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::config::BrokerConfig;
use crate::error::{ACCESS_REFUSED, BrokerError, RESOURCE_LOCKED, reply_code};
use crate::link::Link;
use crate::topology::declare_queue_as;

/// How long a reader waits for its turn.
const LIMIT: Duration = Duration::from_mins(1);

/// How often the lock of another process is polled.
const INTERVAL: Duration = Duration::from_millis(25);

/// How long a connection leaves the lock free after its turn, so that others get theirs.
const PAUSE: Duration = Duration::from_millis(60);

/// The lock of one queue of dead letters.
pub(crate) struct ReadingLock {
    queue: String,
    /// Among the readers of one connection, for which the exclusive queue is theirs already.
    local: Arc<Mutex<()>>,
    /// When the last turn of this connection ended.
    ended: Arc<Latest<Option<Instant>>>,
}

/// The turn of one reader. It ends when this is dropped, or with the connection.
pub(crate) struct Turn(Option<Held>);

struct Held {
    link: Arc<Link>,
    queue: String,
    ended: Arc<Latest<Option<Instant>>>,
    _local: OwnedMutexGuard<()>,
}

impl ReadingLock {
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        Self {
            queue: format!("{}.reading", config.dead_letter_queue()),
            local: Arc::default(),
            ended: Arc::default(),
        }
    }

    /// Waits for the turn of this reader.
    pub(crate) async fn acquire(&self, link: &Arc<Link>) -> Result<Turn, BrokerError> {
        let deadline = Instant::now() + LIMIT;
        let busy =
            || BrokerError::Unavailable("another process is reading the dead letters; try again".to_owned());
        let local = timeout_at(deadline, self.local.clone().lock_owned()).await.map_err(|_| busy())?;
        let ended = *self.ended.lock();
        if let Some(ended) = ended {
            tokio::time::sleep_until(ended + PAUSE).await;
        }
        // From here on the lock may be ours, also when this is dropped while it waits for an answer.
        let turn = Turn(Some(Held {
            link: link.clone(),
            queue: self.queue.clone(),
            ended: self.ended.clone(),
            _local: local,
        }));
        let options = QueueDeclareOptions { exclusive: true, ..Default::default() };
        loop {
            match declare_queue_as(link, &self.queue, options, FieldTable::default()).await {
                Ok(()) => break,
                Err(BrokerError::Refused { source, .. }) if reply_code(&source) == Some(RESOURCE_LOCKED) => {
                    if Instant::now() > deadline {
                        return Err(busy());
                    }
                    tokio::time::sleep(INTERVAL).await;
                }
                // An account that may not declare queues reads without turns between processes.
                Err(BrokerError::Refused { source, .. }) if reply_code(&source) == Some(ACCESS_REFUSED) => {
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(turn)
    }
}

impl Held {
    /// If this fails, the connection is lost, and the lock with it. The lock of another connection cannot be deleted.
    async fn release(self) {
        if let Ok(channel) = self.link.channel().await {
            let request = channel.queue_delete(self.queue.as_str().into(), QueueDeleteOptions::default());
            let _ = self.link.ask("end the reading of dead letters", request).await;
        }
        *self.ended.lock() = Some(Instant::now());
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let (Some(held), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(held.release());
        }
    }
}
