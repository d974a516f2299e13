//! The outbox relay: reads what is there, delivers it, deletes what is confirmed.
//!
//! An order and its event are committed by one statement, the event as a row of the table `outbox`. The [`Relay`] takes
//! these rows to a [`Transport`] (in process, RabbitMQ, HTTP) in batches and in the order of their identifiers, and
//! deletes a row only after the transport has confirmed it. So every event arrives at least once, and the receiver
//! recognises the second time by the event's identifier or the order's.
//!
//! What holds, and what does not:
//!
//! - **No remembered position.** Each batch is whatever is due then. A transaction that takes its identifier early and
//!   commits late is found all the same, where a position would have passed it by.
//! - **One relay per database delivers.** The others wait for its advisory lock, which goes with its session. A relay
//!   whose session is gone stops at once, but one that the network separates from its database can deliver for some seconds next to its successor: both may
//!   then deliver the same row, and no lock could prevent it.
//! - **Never twice at the same time.** While a full batch is delivered, the next one is already read, without the rows
//!   of those that are under way.
//! - **The order is that of the identifiers only within a batch, and as long as nothing fails.** To RabbitMQ two batches are under
//!   way at the same time. A failed event waits (1 s to 10 min, at random and growing) while later ones pass it. After ten failures, or when it is rejected, it is set aside for an operator.
//! - **A transport that is away counts against no event.** The whole relay then waits (200 ms to 30 s).
//! - **Every statement stands alone**, without an explicit transaction, because connections are shared.
//!
//! The relay is woken by its [`Waker`] where the writer shares the process, and polls otherwise, from every 50 ms when
//! there was something lately to every 2 s when there was not.

mod backoff;
mod config;
mod delivery;
mod error;
mod event;
mod leadership;
mod outbox;
mod relay;
mod run;
mod status;
mod to_rabbitmq;

pub use backoff::Backoff;
pub use config::RelayConfig;
pub use error::RelayError;
pub use event::{DeliveryError, Event, Transport};
pub use relay::{Relay, Step, Waker};
pub use status::{OutboxDepth, RelayReport, RelayState, RelayStatus, SetAside};
pub use to_rabbitmq::ToRabbitMq;
