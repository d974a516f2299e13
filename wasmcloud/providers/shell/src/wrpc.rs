//! wRPC over NATS, as wasmCloud 1.9 speaks it: [`Client`] calls components, [`Server`] answers them.
//!
//! The usual transport (`wrpc-transport-nats` 0.29) registers what it waits for by a queued command, and takes commands and messages
//! in no certain order. So under load it drops answers that it waits for: about one in two hundred calls at 32 in flight. Here a
//! call is registered before anything is sent. And since the host at the other end has that transport, [`Server`] repeats everything
//! a moment later ([`repeat`]); a host that has the answer ignores it.
//!
//! A call, by its subjects:
//!
//! | Who | Publishes to | With |
//! | --- | --- | --- |
//! | caller | `<lattice>.<callee>.wrpc.0.0.1.<interface>.<function>` | the parameters, and a subject for answers |
//! | callee | that subject | an empty message with a subject of its own: it accepts the call |
//! | caller | `<subject of the callee>.params` | the parameters that did not fit into one message, then an empty message |
//! | callee | `<subject of the caller>.results` | the results, then an empty message |
//!
//! Values that are streams or futures have further subjects; the interfaces here have none, and they are refused.

mod client;
mod exchange;
mod frames;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod repeat;
mod server;

use std::io;

pub use client::Client;
pub use server::{Call, Server};

/// The part of a subject that names the protocol.
const PROTOCOL: &str = "wrpc.0.0.1";

/// Where the calls of a function go.
fn call_subject(prefix: &str, instance: &str, function: &str) -> String {
    format!("{prefix}.{PROTOCOL}.{instance}.{function}")
}

fn no_streams() -> anyhow::Error {
    io::Error::new(io::ErrorKind::Unsupported, "streams and futures are not carried here").into()
}
