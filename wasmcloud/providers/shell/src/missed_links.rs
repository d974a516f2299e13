//! The links that a provider knows, compared with those of the lattice.
//!
//! A host announces a link to a running provider by a message that NATS does not store. One that is sent while the provider is still
//! starting, or while NATS is unavailable, is lost, and the calls of a component with that link fail until the next deployment. A
//! provider that starts gets all links at once, and a host restarts a provider that has ended. So it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch::Receiver;
use tokio::time::sleep;

use crate::link::Link;
use crate::{Lattice, LinkKey};

/// The time between two looks without a difference.
const LOOK_INTERVAL: Duration = Duration::from_secs(10);

/// The time to the first look, and between two looks with a difference: a link may be on its way.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How many looks in a row have to find a difference.
const LOOKS: u32 = 3;

/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Waits until the lattice has had other links for this provider than the `known` ones for some time.
pub async fn missed(lattice: &Lattice, known: Receiver<BTreeMap<LinkKey, Link>>) {
    let mut looks = 0;
    let mut pause = LOOK_AGAIN;
    while looks < LOOKS {
        sleep(pause).await;
        // No answer says nothing about links.
        let is_other = match of_lattice(lattice).await {
            Ok(links) => !links.iter().eq(known.borrow().keys()),
            Err(error) => {
                tracing::debug!("the lattice did not list its links: {error:#}");
                false
            }
        };
        looks = if is_other { looks + 1 } else { 0 };
        pause = if is_other { LOOK_AGAIN } else { LOOK_INTERVAL };
    }
}

/// The answer to `link.get`.
#[derive(Deserialize)]
struct Answer {
    response: Vec<KnownLink>,
}

/// A link whose settings have names only.
#[derive(Deserialize)]
struct KnownLink {
    source_id: String,
    target: String,
    name: String,
}

/// The links of this provider, as the hosts of its lattice know them.
async fn of_lattice(lattice: &Lattice) -> anyhow::Result<BTreeSet<LinkKey>> {
    let subject = format!("wasmbus.ctl.v1.{}.link.get", lattice.name);
    let request = async_nats::Request::new().timeout(Some(ANSWER_LIMIT));
    let answer = lattice.nats.send_request(subject, request).await?;
    let answer: Answer = serde_json::from_slice(&answer.payload)?;
    let key = |link: KnownLink| Link::between(link.source_id, link.target, link.name).key(&lattice.provider);
    Ok(answer.response.into_iter().filter_map(key).collect())
}
