//! The relay's settings.

use std::time::Duration;

/// The longest delay before a failed event is delivered again.
pub(crate) const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// Settings of a relay; the defaults suit every transport.
#[derive(Clone, Debug)]
pub struct RelayConfig {
    /// The most events that are read, delivered and deleted at once. More of them hide more of a slow transport's
    /// latency: with a broker 1,024 is a good number, and a batch is only that large when so many are due.
    pub batch_size: u32,
    /// Batches that are delivered at the same time. With two, the transport has something to do while the last events of one are
    /// confirmed; the beginning of the other may overtake them.
    pub batches_at_once: usize,
    /// How long the transport may take for a batch. After that its outcome is unknown, and the whole batch
    /// is delivered again.
    pub delivery_limit: Duration,
    /// How long the batch in flight may take after the stop was asked for.
    pub drain_limit: Duration,
    /// The time between two polls of the outbox shortly after an event.
    pub poll_least: Duration,
    /// The longest time between two polls. Without events the interval doubles up to it.
    pub poll_most: Duration,
    /// The least time between two batches of several events that are not full. Under load, larger batches take less of the
    /// database that also takes the orders.
    pub pace: Duration,
    /// How long the server waits for a sign of life of the relay that delivers before another one may take its place. The relay
    /// itself stops after two thirds of it without an answer.
    pub lock_limit: Duration,
    /// After how many failures an event is parked.
    pub attempts_most: i32,
    /// The transport's name in traces (`messaging.system`): `in_process`, `rabbitmq`, `http`.
    pub messaging_system: &'static str,
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            batch_size: 256,
            batches_at_once: 1,
            delivery_limit: Duration::from_secs(30),
            drain_limit: Duration::from_secs(5),
            poll_least: Duration::from_millis(50),
            poll_most: Duration::from_secs(2),
            pace: Duration::from_millis(5),
            lock_limit: Duration::from_secs(15),
            attempts_most: 10,
            messaging_system: "in_process",
        }
    }
}
