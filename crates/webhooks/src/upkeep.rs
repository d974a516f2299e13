//! What is done every few seconds beside deliveries: waits are corrected, and secrets are sealed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use uuid::Uuid;
use waybill_postgres::Database;
use waybill_statement_macro::bound;

use crate::outbox::{LEASE, failed};
use crate::schedule::LONGEST_DELAY;
use crate::sealing::{SecretKeys, open};
use crate::{SecretsError, WebhooksError};

bound!(CorrectWaits, "sql/correct_waits.sql");
bound!(ListSecrets, "sql/list_secrets.sql");
bound!(ReplaceSecret, "sql/replace_secret.sql");

/// The time between two runs: how long a secret is in clear, and a wait from before the clock was set back goes on.
const INTERVAL: Duration = Duration::from_secs(5);

/// How much longer than a lease one may seem to last before it counts as one of before: small steps of the clock are common.
const LEASE_MARGIN: u32 = 2;

/// Secrets that are sealed in a run.
const SECRETS_MOST: i64 = 100;

pub(crate) struct Upkeep {
    database: Database,
    keys: Option<Arc<SecretKeys>>,
    /// When it was done last.
    done_at: Mutex<Option<Instant>>,
    /// Whether the warning about secrets in clear was logged.
    has_warned: AtomicBool,
}

/// A secret as it is stored.
struct Stored {
    endpoint: Uuid,
    /// When it was replaced; `None` if it is the endpoint's secret.
    replaced_at: Option<SystemTime>,
    secret: String,
    is_deleted: bool,
}

impl Upkeep {
    pub(crate) fn new(database: Database, keys: Option<Arc<SecretKeys>>) -> Self {
        Self { database, keys, done_at: Mutex::default(), has_warned: AtomicBool::default() }
    }

    /// Runs the upkeep, if its last run is long enough ago.
    pub(crate) async fn run_if_due(&self) -> Result<(), WebhooksError> {
        let last = *self.done_at.lock();
        if last.is_some_and(|last| last.elapsed() < INTERVAL) {
            return Ok(());
        }
        self.correct_waits().await?;
        self.seal_secrets().await?;
        *self.done_at.lock() = Some(Instant::now());
        Ok(())
    }

    async fn correct_waits(&self) -> Result<(), WebhooksError> {
        let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let correct = CorrectWaits { lease_ms: ms(LEASE * LEASE_MARGIN), longest_ms: ms(LONGEST_DELAY) };
        self.database.rows(CorrectWaits::TEXT, &correct.values()).await.map_err(failed)?;
        Ok(())
    }

    async fn seal_secrets(&self) -> Result<(), WebhooksError> {
        let Some(keys) = &self.keys else { return self.warn_of_clear_secrets().await };
        for Stored { endpoint, replaced_at, secret, .. } in self.secrets_unlike(&keys.prefix()).await? {
            let opened = open(Some(keys), endpoint, &secret);
            let Some(sealed) = opened.and_then(|opened| keys.seal(endpoint, &opened)) else {
                // Deliveries to this endpoint say so.
                continue;
            };
            let replace =
                ReplaceSecret { endpoint_id: endpoint, replaced_at, former_form: &secret, new_form: &sealed };
            self.database.rows(ReplaceSecret::TEXT, &replace.values()).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn warn_of_clear_secrets(&self) -> Result<(), WebhooksError> {
        if !self.has_warned.load(Ordering::Relaxed) && !self.secrets_unlike("sealed:").await?.is_empty() {
            self.has_warned.store(true, Ordering::Relaxed);
            tracing::warn!(
                "the secrets of webhook endpoints are stored in clear; set WAYBILL_SECRETS_KEY to encrypt them"
            );
        }
        Ok(())
    }

    /// Fails if a sealed secret cannot be opened.
    pub(crate) async fn check_secrets(&self) -> Result<(), SecretsError> {
        let prefix = self.keys.as_ref().map_or_else(|| "whsec_".to_owned(), |keys| keys.prefix());
        let secrets = self.secrets_unlike(&prefix).await?;
        let unopened =
            |it: &&Stored| !it.is_deleted && open(self.keys.as_deref(), it.endpoint, &it.secret).is_none();
        match secrets.iter().find(unopened) {
            Some(Stored { endpoint, .. }) => Err(SecretsError::OtherKey { endpoint: *endpoint }),
            None => Ok(()),
        }
    }

    async fn secrets_unlike(&self, prefix: &str) -> Result<Vec<Stored>, WebhooksError> {
        let list = ListSecrets { prefix, most: SECRETS_MOST };
        let rows = self.database.rows(ListSecrets::TEXT, &list.values()).await.map_err(failed)?;
        let stored = |row: &tokio_postgres::Row| {
            let (endpoint, replaced_at) = (row.try_get(0)?, row.try_get(1)?);
            Ok(Stored { endpoint, replaced_at, secret: row.try_get(2)?, is_deleted: row.try_get(3)? })
        };
        rows.iter().map(stored).collect::<Result<_, tokio_postgres::Error>>().map_err(failed)
    }
}
