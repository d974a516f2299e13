//! API keys, checked before the body is read and before the component is called.
//!
//! A key is `wbk_ID_SECRET`. Each service keeps its keys in its own database, as hashes (`migrations/*/V*__api_keys.sql`);
//! `waybill keys` creates them. [`Access`] checks the key of a request:
//!
//! | File | Purpose |
//! | --- | --- |
//! | `rule.rs` | what a request needs, by its method and path |
//! | `presented.rs` | reads the key from the headers, strips it, and names the caller to the component |
//! | `listener.rs` | whether a listener requires keys |
//! | `key.rs` | the key itself, and the comparison in constant time |
//! | `memory.rs` | a cache of look-ups, for seconds |
//! | `api_keys.rs` | the table |
//! | `refusal.rs` | the answers |
//!
//! While the database is unavailable, requests are refused with 503.

mod api_keys;
mod key;
mod listener;
mod memory;
mod presented;
mod refusal;
mod rule;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub use api_keys::{ApiKeys, ListedKey};
use http::{HeaderMap, Method};
pub use key::{ApiKey, KeyId, SecretHash};
pub use listener::requires_keys;
use memory::{Found, Memory};
use presented::{Presented, presented};
pub use refusal::Refusal;
use rule::Rule;
pub use rule::is_scope_of;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use waybill_contracts::Scope;
use waybill_postgres::{Database, Error};

use crate::settings::{ComponentName, Token};

/// Concurrent look-ups: the most that invented keys can take of the database.
const LOOK_UPS: usize = 16;

/// The time that a request waits for a look-up permit.
const PERMIT_TIME: Duration = Duration::from_secs(2);

/// The access to one service. Cheap to clone; all clones share one cache.
#[derive(Clone)]
pub struct Access {
    service: ComponentName,
    keys: ApiKeys,
    memory: Arc<Memory>,
    look_ups: Arc<Semaphore>,
    /// Whether the warning that there is no key was logged: one service may have several listeners.
    warned: Arc<AtomicBool>,
}

impl Access {
    /// The access to a service, whose keys are in `database`.
    pub fn new(service: ComponentName, database: &Database) -> Self {
        Self {
            service,
            keys: ApiKeys::new(database.clone()),
            memory: Arc::new(Memory::new()),
            look_ups: Arc::new(Semaphore::new(LOOK_UPS)),
            warned: Arc::default(),
        }
    }

    /// Checks the key of a request. Returns its identifier, or `None` if the request needs no key.
    pub async fn check(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Option<KeyId>, Refusal> {
        let rule = Rule::of(self.service, method, path);
        if rule == Rule::Open {
            return Ok(None);
        }
        let key = match presented(headers) {
            Presented::None => return Err(Refusal::NoKey),
            Presented::Several => return Err(Refusal::SeveralKeys),
            Presented::One(text) => ApiKey::read(text).ok_or(Refusal::BadKey)?,
        };
        let found = self.find(key.id()).await?;
        // An unknown identifier takes the same steps as a wrong secret.
        let hash = found.as_ref().map_or([0; 32], |known| known.secret_sha256);
        let right = key.has(&hash);
        let known = found.filter(|_| right).ok_or(Refusal::BadKey)?;
        match rule {
            Rule::Scope(scope) if !known.scopes.contains(&scope) => Err(Refusal::LacksScope(scope)),
            Rule::ReadOnly => Err(Refusal::ReadOnly),
            Rule::Open | Rule::AnyKey | Rule::Scope(_) => Ok(Some(key.id().clone())),
        }
    }

    /// Whether a request has the token of events.
    pub fn has_events_token(headers: &HeaderMap, path: &str, token: &Token) -> bool {
        presented::has_events_token(headers, path, token.expose().as_bytes())
    }

    /// Strips API keys from a request that goes to the component, and names its caller there: the key that [`check`](Self::check)
    /// returned.
    pub fn name_caller(headers: &mut HeaderMap, path: &str, caller: Option<&KeyId>) {
        presented::strip_keys(headers, path);
        presented::name_caller(headers, caller);
    }

    async fn find(&self, id: &KeyId) -> Result<Found, Refusal> {
        if let Some(found) = self.memory.get(id, Instant::now()) {
            return Ok(found);
        }
        let permit = timeout(PERMIT_TIME, self.look_ups.acquire()).await;
        let Ok(Ok(_permit)) = permit else { return Err(Refusal::Unavailable) };
        // Another request may have looked up this key meanwhile. The time is taken before the query, since the answer is
        // true of then.
        let now = Instant::now();
        if let Some(found) = self.memory.get(id, now) {
            return Ok(found);
        }
        match self.keys.find(id).await {
            Ok(found) => Ok(self.memory.put(id, found, now)),
            Err(error) => {
                log_failure(error);
                Err(Refusal::Unavailable)
            }
        }
    }

    /// Whether the service has a valid key.
    pub async fn has_a_key(&self) -> Result<bool, Error> {
        self.keys.any().await
    }

    /// Warns once if there is no key yet, and says how to create one: until then every request is refused.
    pub async fn warn_if_there_is_no_key(&self) {
        match self.keys.any().await {
            Ok(true) => {}
            Ok(false) if self.warned.swap(true, Ordering::Relaxed) => {}
            Ok(false) => tracing::warn!("{}", self.how_to_create_a_key()),
            Err(error) => log_failure(error),
        }
    }

    fn how_to_create_a_key(&self) -> String {
        let scope = match self.service {
            ComponentName::Orders => Scope::OrdersWrite,
            ComponentName::Invoices => Scope::InvoicesRead,
        };
        format!(
            "there is no API key for {} yet, so addresses that require one refuse all requests; create one, for example: \
             waybill keys create --name shop --scope {scope}",
            self.service.as_str()
        )
    }
}

/// Logs why a key could not be looked up; an outage only for debugging, since the database logs it already.
fn log_failure(error: Error) {
    let (is_outage, error) = (error.is_unavailable(), anyhow::Error::new(error));
    if is_outage {
        tracing::debug!("an API key could not be looked up: {error:#}");
    } else {
        tracing::error!("an API key could not be looked up: {error:#}");
    }
}
