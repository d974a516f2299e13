//! The database on real servers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod behaviour;
mod failing;
mod outages;
mod probe;
mod sessions;
mod standby;
mod support;
mod urls;
mod values;
