//! The links that a provider was told of, held against those that the lattice has.
//!
//! A host tells a running provider of a link by a message that NATS does not keep. One that is sent while the provider is still
//! starting, or while NATS is away, is lost, and a component with that link calls in vain until the next deployment. A provider
//! that starts is told all links at once, and a host starts a provider again that has ended. So it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch::Receiver;
use tokio::time::sleep;

use crate::link::Link;
use crate::{Lattice, LinkKey};

/// How often the lattice is asked while nothing is wrong.
const LOOK_INTERVAL: Duration = Duration::from_secs(10);

/// How soon it is asked after the start, and again when something is wrong: a link may be on its way.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How often in a row something has to be wrong.
const LOOKS: u32 = 3;

/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Waits until the lattice has had other links for this provider than it was `told` of, for some time.
pub async fn missed(lattice: &Lattice, told: Receiver<BTreeMap<LinkKey, Link>>) {
    let mut looks = 0;
    let mut pause = LOOK_AGAIN;
    while looks < LOOKS {
        sleep(pause).await;
        // Who does not answer says nothing about links.
        let is_other = match of_lattice(lattice).await {
            Ok(links) => !links.iter().eq(told.borrow().keys()),
            Err(error) => {
                tracing::debug!("the lattice did not tell its links: {error:#}");
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
