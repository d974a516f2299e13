//! Whether an address that is in use is a running Waybill's: then nothing is wrong with it.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::timeout;

use crate::commands::health::{ask, reachable};
use crate::http::LIVE;

/// A Waybill of this machine answers much sooner.
const LIMIT: Duration = Duration::from_secs(3);

/// What an address of `up` answers without a key, and a word of it that no other program says there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sign {
    path: &'static str,
    word: &'static str,
}

pub(super) const ORDERS: Sign = Sign { path: "/openapi.json", word: "\"Waybill: orders\"" };
pub(super) const INVOICES: Sign = Sign { path: "/openapi.json", word: "\"Waybill: invoices\"" };
pub(super) const GATEWAY: Sign = Sign { path: "/", word: "\"Waybill\"" };
pub(super) const TRACES: Sign = Sign { path: "/", word: "Waybill" };
pub(super) const ADMIN: Sign = Sign { path: LIVE, word: "alive" };

/// Whether a running Waybill answers there.
pub(super) async fn is_served(address: SocketAddr, sign: Sign) -> bool {
    let answer = timeout(LIMIT, ask(reachable(address), sign.path)).await;
    matches!(answer, Ok(Ok((true, text))) if text.contains(sign.word))
}
