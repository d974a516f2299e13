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
//! - **One relay per database delivers.** The others wait for its advisory lock, which ends with its session. The server ends the
//!   session of a relay that is stopped or cut off after 15 s; the relay itself stops 10 s after its last answered heartbeat, so two
//!   do not begin deliveries at the same time. What a transport had taken by then may arrive beside the successor's: both then
//!   deliver the same row, and no lock can prevent it.
//! - **Never twice at the same time.** While a full batch is delivered, the next one is already read, without the events in
//!   flight.
//! - **The order is that of the identifiers only within a batch, and as long as nothing fails.** To RabbitMQ two batches are in
//!   flight at the same time. A failed event waits (1 s to 10 min, at random and growing) while later ones pass it. After ten
//!   failures, or when it is rejected, it is parked for an operator.
//! - **An unavailable transport counts against no event.** The whole relay then waits (200 ms to 30 s).
//! - **No statement needs a transaction around it**, because connections are shared.
//!
//! Where the writer shares the process, its [`Waker`] wakes the relay. Otherwise the relay polls, from every 50 ms after an event
//! to every 2 s after a while without any.

mod config;
mod delivery;
mod error;
mod leadership;
mod outbox;
mod relay;
mod run;
mod status;
mod transport;

pub use config::RelayConfig;
pub use error::RelayError;
pub use outbox::{OutboxDepth, Parked};
pub use relay::{Relay, Step};
pub use status::{RelayReport, RelayState, RelayStatus};
pub use transport::{Event, Transport, deliver_each};
pub use waybill_backoff::Waker;
pub use waybill_contracts::DeliveryError;
