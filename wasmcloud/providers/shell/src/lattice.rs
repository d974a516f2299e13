use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use async_nats::{AuthError, ConnectOptions, Event};
use nkeys::{KeyPair, XKey};

use crate::host_data::HostData;

/// A server that answers neither of two pings is gone. So one that stands still is noticed before a call over it takes too long.
const PING_INTERVAL: Duration = Duration::from_secs(2);

/// Where a provider is: the lattice, and the connection to its NATS.
#[derive(Clone)]
pub struct Lattice {
    /// The connection, which reconnects by itself.
    pub nats: Arc<async_nats::Client>,
    /// The lattice's name.
    pub name: Arc<str>,
    /// The provider's identifier, which its copies on other hosts share.
    pub provider: Arc<str>,
    /// The host that started it.
    pub host: Arc<str>,
    /// Opens what the host seals for this copy.
    keys: Arc<Keys>,
}

struct Keys {
    provider: XKey,
    host: XKey,
}

impl Lattice {
    /// Connects as the host says.
    pub async fn connect(host: &HostData, name: &str) -> anyhow::Result<Self> {
        let options = match (host.nats_jwt.trim(), host.nats_seed.trim()) {
            ("", "") => ConnectOptions::new(),
            (jwt, seed) => {
                let key = Arc::new(KeyPair::from_seed(seed).context("the host's NATS key is not valid")?);
                ConnectOptions::with_jwt(jwt.to_owned(), move |nonce| {
                    let key = Arc::clone(&key);
                    async move { key.sign(&nonce).map_err(AuthError::new) }
                })
            }
        };
        let url = if host.nats_url.is_empty() { "nats://127.0.0.1:4222" } else { host.nats_url.as_str() };
        let options = options.name(name).ping_interval(PING_INTERVAL);
        let nats = options.event_callback(async |event| log(&event)).connect(url).await;
        let key = "the keys for secrets are wrong";
        Ok(Self {
            nats: Arc::new(nats.context("the lattice's NATS cannot be reached")?),
            name: host.lattice.as_str().into(),
            provider: host.provider.as_str().into(),
            host: host.host_id.as_str().into(),
            keys: Arc::new(Keys {
                provider: XKey::from_seed(&host.provider_key_seed).context(key)?,
                host: XKey::from_public_key(&host.host_key).context(key)?,
            }),
        })
    }

    /// The key that the host addresses this copy of the provider by.
    pub fn public_key(&self) -> String {
        self.keys.provider.public_key()
    }

    /// Opens what the host has sealed.
    pub fn open(&self, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.keys.provider.open(sealed, &self.keys.host).context("a secret cannot be opened")
    }
}

fn log(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected | Event::LameDuckMode | Event::SlowConsumer(_) => {
            tracing::warn!("NATS: {event}");
        }
        Event::ClientError(_) | Event::ServerError(_) => tracing::error!("NATS: {event}"),
        Event::Draining | Event::Closed => tracing::debug!("NATS: {event}"),
    }
}
