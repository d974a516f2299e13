//! Who may call a service: API keys, checked before the component is called and before the body is read.
//!
//! A key is `wbk_ID_SECRET`. Each service's keys are in its own database, as hashes (`migrations/*/V*__api_keys.sql`), and are
//! made by `waybill keys`. [`Access`] holds a request's key against them:
//!
//! | File | Purpose |
//! | --- | --- |
//! | `rule.rs` | what a request needs, by its method and path |
//! | `presented.rs` | where a request has its key, that no component gets to see it, and how it learns of its caller |
//! | `key.rs` | the key itself, and the comparison in constant time |
//! | `memory.rs` | what was looked up a moment ago |
//! | `api_keys.rs` | the table |
//! | `refusal.rs` | the answers |
//!
//! Whoever cannot be checked is not let in: a database that is away is a 503.

mod api_keys;
mod key;
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
use memory::{Found, Memory};
use presented::{Presented, presented};
pub use refusal::Refusal;
use rule::Rule;
pub use rule::service_of;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use waybill_contracts::Scope;
use waybill_postgres::{Database, Error};

use crate::settings::ComponentName;

/// The path of events by HTTP, whose token is compared by the component.
const EVENTS: &str = "/events";

/// Look-ups at the same time. Invented keys take no more of the database's statements than this.
const LOOK_UPS: usize = 16;

/// The time that a request waits for its turn to look up its key.
const TURN_TIME: Duration = Duration::from_secs(2);

/// The access to one service. Cheap to clone; all clones share what they remember.
#[derive(Clone)]
pub struct Access {
    service: ComponentName,
    keys: ApiKeys,
    memory: Arc<Memory>,
    turns: Arc<Semaphore>,
    /// Whether it was said that there is no key: one service may be served on several addresses.
    told: Arc<AtomicBool>,
}

impl Access {
    /// The access to a service, whose keys are in `database`.
    pub fn new(service: ComponentName, database: &Database) -> Self {
        Self {
            service,
            keys: ApiKeys::new(database.clone()),
            memory: Arc::new(Memory::new()),
            turns: Arc::new(Semaphore::new(LOOK_UPS)),
            told: Arc::default(),
        }
    }

    /// Lets a request in, or says why not. Returns the key that it presented, if it needed one.
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
        // An identifier that is unknown takes the same steps as a secret that is wrong.
        let hash = found.as_ref().map_or([0; 32], |known| known.secret_sha256);
        let right = key.has(&hash);
        let known = found.filter(|_| right).ok_or(Refusal::BadKey)?;
        match rule {
            Rule::Scope(scope) if !known.scopes.contains(&scope) => Err(Refusal::LacksScope(scope)),
            Rule::ReadOnly => Err(Refusal::ReadOnly),
            Rule::Open | Rule::AnyKey | Rule::Scope(_) => Ok(Some(key.id().clone())),
        }
    }

    /// Takes keys out of a request that goes to the component, and names its caller there: the key that [`check`](Self::check)
    /// returned.
    pub fn hand_over(headers: &mut HeaderMap, path: &str, caller: Option<&KeyId>) {
        presented::take_away(headers, path);
        presented::name_caller(headers, caller);
    }

    async fn find(&self, id: &KeyId) -> Result<Found, Refusal> {
        if let Some(found) = self.memory.get(id, Instant::now()) {
            return Ok(found);
        }
        let turn = timeout(TURN_TIME, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(Refusal::Unavailable) };
        // Whoever had the turn before may have asked for the same key. The time is taken before the database is asked: what
        // it says is true of then.
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

    /// Says how to make a key when there is none, since nobody is let in before there is. It is said once.
    pub async fn tell_if_there_is_no_key(&self) {
        match self.keys.any().await {
            Ok(true) => {}
            Ok(false) if self.told.swap(true, Ordering::Relaxed) => {}
            Ok(false) => tracing::warn!("{}", self.how_to_make_a_key()),
            Err(error) => log_failure(error),
        }
    }

    fn how_to_make_a_key(&self) -> String {
        let scope = match self.service {
            ComponentName::Orders => Scope::OrdersWrite,
            ComponentName::Invoices => Scope::InvoicesRead,
        };
        format!(
            "there is no API key for {} yet, and addresses that ask for one let nobody in; make one, for example: \
             waybill keys create --name shop --scope {scope}",
            self.service.as_str()
        )
    }
}

/// Logs why a key could not be looked up, unless it is an outage, which the database has logged already.
fn log_failure(error: Error) {
    let (is_outage, error) = (error.is_unavailable(), anyhow::Error::new(error));
    if is_outage {
        tracing::debug!("an API key could not be looked up: {error:#}");
    } else {
        tracing::error!("an API key could not be looked up: {error:#}");
    }
}
