//! What a visitor may see. Where the gateway requires API keys, and everywhere as soon as there is a key, the console shows nothing
//! without one.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::access::{Access, Refusal};

/// How long the answer that there is no key yet is cached.
const AGE: Duration = Duration::from_secs(1);

/// The time that the look for keys may take.
const LIMIT: Duration = Duration::from_secs(2);

/// What a visitor may see.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rights {
    /// There is no key, or it is not valid.
    Nothing,
    /// The key cannot be checked now.
    Unknown,
    /// The key is valid, but has not the scope `orders:read`: the state of the system, and what the services permit.
    State,
    /// Orders too: their identifiers, times and errors.
    Orders,
}

impl Rights {
    /// The rights of a key.
    pub(super) async fn of([orders, invoices]: [&Access; 2], key: &HeaderValue) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("x-api-key"), key.clone());
        let orders = orders.check(&Method::GET, "/orders", &headers).await;
        if orders.is_ok() {
            return Self::Orders;
        }
        let invoices = invoices.check(&Method::GET, "/invoices", &headers).await;
        let found = [orders, invoices];
        // A key that lacks a scope is valid too.
        if found.iter().any(|found| matches!(found, Ok(_) | Err(Refusal::LacksScope(_)))) {
            Self::State
        } else if found.iter().any(|found| matches!(found, Err(Refusal::Unavailable))) {
            Self::Unknown
        } else {
            Self::Nothing
        }
    }
}

/// Whether there is an API key, as it was found last.
#[derive(Default)]
pub(super) struct KeysExist(Mutex<Option<(Instant, bool)>>);

impl KeysExist {
    /// Whether one of the services has a key. Before an answer of their databases there may be one.
    pub(super) async fn look(&self, services: [&Access; 2]) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, exist)) = *last
            && at.elapsed() < AGE
        {
            return exist;
        }
        let mut exist = Some(false);
        for access in services {
            match timeout(LIMIT, access.has_a_key()).await {
                Ok(Ok(true)) => {
                    exist = Some(true);
                    break;
                }
                Ok(Ok(false)) => {}
                Ok(Err(_)) | Err(_) => exist = None,
            }
        }
        let exist = exist.unwrap_or_else(|| last.is_none_or(|(_, exist)| exist));
        *last = Some((Instant::now(), exist));
        exist
    }
}
