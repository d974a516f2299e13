//! What the tests share: a server of their own, and waiting for a condition.
#![allow(dead_code, reason = "each test file uses its part")]

use std::time::{Duration, Instant};

use waybill_contracts::sql::{QueryFailure, SqlValue};
use waybill_postgres::{ConnectError, Database, Execution, ServerConfig};

/// The error with its causes.
pub fn chain(error: ConnectError) -> String {
    format!("{:#}", anyhow::Error::new(error))
}

/// A database of a test's own.
pub async fn fresh() -> ServerConfig {
    waybill_test_database::database("values", async |_| Ok(())).await.unwrap()
}

/// How long a condition may take to come true before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks again until the condition holds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < PATIENCE, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The rows of a statement, as the link carries them.
pub async fn query(
    database: &Database,
    sql: &str,
    params: &[SqlValue],
) -> Result<Vec<Vec<SqlValue>>, QueryFailure> {
    let rows =
        database.query(sql, Execution::of(sql), params).await.map_err(|error| QueryFailure::from(&error))?;
    let values = rows.iter().map(|row| row.entries().map(|entry| entry.unwrap().1).collect());
    Ok(values.collect())
}

/// The only value of a statement's only row.
pub async fn one(database: &Database, sql: &str, params: &[SqlValue]) -> Result<SqlValue, QueryFailure> {
    let mut rows = query(database, sql, params).await?;
    assert_eq!(rows.len(), 1, "{sql}");
    assert_eq!(rows[0].len(), 1, "{sql}");
    Ok(rows.remove(0).remove(0))
}
