//! The table `api_keys`, one function per statement.

use std::time::{Duration, SystemTime};

use waybill_contracts::Scope;
use waybill_postgres::{Database, Error};
use waybill_statement_macro::bound;

use super::{ApiKey, KeyId, SecretHash};

bound!(FindKey, "access/sql/find_key.sql");
bound!(InsertKey, "access/sql/insert_key.sql");
const ANY_KEY: &str = include_str!("sql/any_key.sql");
const LIST_KEYS: &str = include_str!("sql/list_keys.sql");
const REVOKE_KEY: &str = include_str!("sql/revoke_key.sql");

/// A key that is neither expired nor revoked.
#[derive(Clone, Debug)]
pub(super) struct UsableKey {
    pub secret_sha256: SecretHash,
    pub scopes: Vec<Scope>,
    /// How long it is still valid; `None` without an end.
    pub left: Option<Duration>,
}

/// A key as it is listed.
#[derive(Debug)]
pub struct ListedKey {
    pub id: String,
    /// Whose it is, or what for.
    pub name: String,
    /// What it may do in this database's service.
    pub scopes: Vec<String>,
    /// RFC 3339, as the other times are.
    pub created_at: String,
    /// When it expires.
    pub expires_at: Option<String>,
    pub revoked_at: Option<String>,
    /// `valid`, `expired` or `revoked`.
    pub state: String,
}

/// The keys of one service.
#[derive(Clone)]
pub struct ApiKeys {
    database: Database,
}

impl ApiKeys {
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Finds a valid key.
    pub(super) async fn find(&self, id: &KeyId) -> Result<Option<UsableKey>, Error> {
        let find = FindKey { id: id.as_str(), now: SystemTime::now() };
        let rows = self.database.rows(FindKey::TEXT, &find.values()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (hash, scopes, left_ms): (&[u8], Vec<&str>, Option<i64>) =
            (column(row, 0)?, column(row, 1)?, column(row, 2)?);
        let length = |_| Error::unreadable("a hash in api_keys does not have 32 bytes");
        Ok(Some(UsableKey {
            secret_sha256: hash.try_into().map_err(length)?,
            // A newer version may know scopes that this one does not.
            scopes: scopes.into_iter().filter_map(|scope| scope.parse().ok()).collect(),
            left: left_ms.map(|ms| Duration::from_millis(ms.try_into().unwrap_or(0))),
        }))
    }

    /// Whether any key is valid.
    pub(super) async fn any(&self) -> Result<bool, Error> {
        let rows = self.database.rows(ANY_KEY, &[&SystemTime::now()]).await?;
        rows.first().map_or(Ok(false), |row| column(row, 0))
    }

    /// Stores a new key, which expires after `lifetime`.
    pub async fn insert(
        &self,
        key: &ApiKey,
        name: &str,
        scopes: &[Scope],
        lifetime: Option<Duration>,
    ) -> Result<(), Error> {
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let lifetime_s = lifetime.map(|lifetime| i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX));
        let hash = key.hash();
        let insert =
            InsertKey { id: key.id().as_str(), name, secret_sha256: &hash, scopes: &scopes, lifetime_s };
        self.database.rows(InsertKey::TEXT, &insert.values()).await?;
        Ok(())
    }

    /// All keys, the latest first.
    pub async fn list(&self) -> Result<Vec<ListedKey>, Error> {
        let read = |row: &tokio_postgres::Row| {
            Ok(ListedKey {
                id: column(row, 0)?,
                name: column(row, 1)?,
                scopes: column(row, 2)?,
                created_at: column(row, 3)?,
                expires_at: column(row, 4)?,
                revoked_at: column(row, 5)?,
                state: column(row, 6)?,
            })
        };
        self.database.rows(LIST_KEYS, &[&SystemTime::now()]).await?.iter().map(read).collect()
    }

    /// Revokes a key and returns its name; `None` if there is no such key.
    pub async fn revoke(&self, id: &KeyId) -> Result<Option<String>, Error> {
        let rows = self.database.rows(REVOKE_KEY, &[&id.as_str()]).await?;
        rows.first().map(|row| column(row, 0)).transpose()
    }
}

fn column<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a tokio_postgres::Row,
    index: usize,
) -> Result<T, Error> {
    Ok(row.try_get(index)?)
}
