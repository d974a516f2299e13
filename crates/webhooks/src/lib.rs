//! The relay of webhooks: posts the events of invoices to the endpoints that are registered for them.
//!
//! The statement that issues, pays or credits an invoice writes a row of `webhook_deliveries` for each endpoint that is registered
//! for the event. [`Webhooks`] posts each of them, signed as [Standard Webhooks](https://www.standardwebhooks.com) says, until it is
//! answered with 2xx. What holds:
//!
//! - **At least once.** A delivery is recorded after its answer. If the process dies in between, it is posted again with the same
//!   `webhook-id`.
//! - **For three days.** A delivery that fails is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, later
//!   where the receiver says so; then it has failed, until it is redelivered by the API.
//! - **Until the receiver is gone.** An answer of 410 disables the endpoint; nothing is posted to it until it is enabled by the API.
//! - **Signed with every secret that counts.** A secret that was replaced counts for another day.
//! - **Any number of processes.** A delivery is leased to one of them for a minute, so that they share the work, and another takes over
//!   after the lease.
//! - **One receiver does not hold up another.** Each has a few requests in flight at most, and the limit has room for those of all.
//! - **Only public addresses**, unless it is allowed otherwise. Names are looked up at each connection, and the address that is
//!   connected to is the one that was checked, so that a name cannot change between the two. Redirects are not followed.
//! - **Whatever the clock does.** A wait or lease that began after the database's present time is from before the clock was set back,
//!   and is over.
//! - **In no order.** A receiver that needs one has the times and states in the events.

mod config;
mod connect;
mod delivery;
mod error;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod outbox;
mod post;
mod schedule;
mod sealing;
mod status;
mod upkeep;
mod webhooks;

pub use config::WebhooksConfig;
pub use error::{SecretsError, WebhooksError};
pub use sealing::{BadKeys, SecretKeys};
pub use status::{WebhooksReport, WebhooksStatus};
pub use waybill_backoff::Waker;
pub use webhooks::{Step, Webhooks};
