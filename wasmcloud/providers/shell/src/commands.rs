//! The messages of the host that started the provider.

use std::collections::BTreeMap;

use anyhow::Context as _;
use async_nats::{Message, Subject, Subscriber};
use futures::StreamExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch::{self, Receiver, Sender};

use crate::link::Link;
use crate::{Lattice, LinkKey, Provider};

/// The host's messages since [`Commands::listen`].
pub struct Commands {
    lattice: Lattice,
    health: Subscriber,
    links: Subscriber,
    deleted_links: Subscriber,
    shutdown: Subscriber,
    /// The links that the host has announced, those included that the provider refused.
    known: Sender<BTreeMap<LinkKey, Link>>,
}

/// The host's request that the provider ends.
#[derive(Debug)]
pub struct AskedToEnd {
    /// Where it waits for the answer, once the provider has ended.
    pub reply: Option<Subject>,
}

/// The body of that request. Copies of a provider on other hosts get it too.
#[derive(Default, Deserialize)]
struct Shutdown {
    #[serde(default)]
    host_id: String,
}

impl Commands {
    /// Subscribes to the messages.
    pub async fn listen(lattice: &Lattice) -> anyhow::Result<Self> {
        let subject = |to: &str, what: &str| format!("wasmbus.rpc.{}.{to}.{what}", lattice.name);
        let subscribe = async |to: &str, what: &str| {
            lattice.nats.subscribe(subject(to, what)).await.context("NATS refused a subscription")
        };
        Ok(Self {
            health: subscribe(&lattice.provider, "health").await?,
            links: subscribe(&lattice.public_key(), "linkdefs.put").await?,
            deleted_links: subscribe(&lattice.provider, "linkdefs.del").await?,
            shutdown: subscribe(&lattice.provider, "default.shutdown").await?,
            lattice: lattice.clone(),
            known: watch::Sender::default(),
        })
    }

    /// The links that the host has announced.
    pub fn known_links(&self) -> Receiver<BTreeMap<LinkKey, Link>> {
        self.known.subscribe()
    }

    /// Follows the host's messages, until it asks the provider to end, or NATS is gone for good.
    pub async fn follow(&mut self, provider: &impl Provider) -> AskedToEnd {
        loop {
            tokio::select! {
                Some(message) = self.health.next() => self.report_health(provider, message).await,
                Some(message) = self.links.next() => {
                    if let Some(link) = read(&message) {
                        self.link(provider, link).await;
                    }
                }
                Some(message) = self.deleted_links.next() => {
                    if let Some(link) = read(&message) {
                        self.unlink(provider, &link).await;
                    }
                }
                Some(message) = self.shutdown.next() => {
                    let asked: Shutdown = read(&message).unwrap_or_default();
                    if asked.host_id == *self.lattice.host {
                        return AskedToEnd { reply: message.reply };
                    }
                }
                else => return AskedToEnd { reply: None },
            }
        }
    }

    /// Gives the provider a link, unless it has it already with these settings.
    pub async fn link(&mut self, provider: &impl Provider, link: Link) {
        let Some(key) = link.key(&self.lattice.provider) else { return };
        if self.known.borrow().get(&key) == Some(&link) {
            return;
        }
        let settings = link.settings(key.side, |sealed| self.lattice.open(sealed));
        self.known.send_modify(|known| {
            known.insert(key.clone(), link);
        });
        let linked = match settings {
            Ok(settings) => provider.link(&key, settings).await,
            Err(error) => Err(error),
        };
        if let Err(error) = linked {
            tracing::error!(component = key.component, link = key.name, "the link is refused: {error:#}");
        }
    }

    async fn unlink(&mut self, provider: &impl Provider, link: &Link) {
        let Some(key) = link.key(&self.lattice.provider) else { return };
        if self.known.send_if_modified(|known| known.remove(&key).is_some()) {
            provider.unlink(&key).await;
        }
    }

    async fn report_health(&self, provider: &impl Provider, message: Message) {
        let Some(reply) = message.reply else { return };
        let health = match provider.health() {
            Ok(()) => serde_json::json!({ "healthy": true }),
            Err(reason) => serde_json::json!({ "healthy": false, "message": reason }),
        };
        if let Err(error) = self.lattice.nats.publish(reply, health.to_string().into()).await {
            tracing::warn!("the health of this provider could not be reported: {error}");
        }
    }
}

/// Parses a message, whose text may contain secrets and is not shown.
fn read<T: DeserializeOwned>(message: &Message) -> Option<T> {
    let read = serde_json::from_slice(&message.payload).ok();
    if read.is_none() {
        tracing::error!(subject = message.subject.as_str(), "a message of the host cannot be parsed");
    }
    read
}
