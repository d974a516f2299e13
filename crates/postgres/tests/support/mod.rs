//! What the tests share: a server of their own, and waiting for a condition.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod conformance;

use std::time::{Duration, Instant};

use waybill_postgres::value::{PgValue, QueryError};
use waybill_postgres::{Database, ServerConfig};

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
        assert!(since.elapsed() < PATIENCE, "in vain waited for: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The only value of a statement's only row.
pub async fn one(database: &Database, sql: &str, params: &[PgValue]) -> Result<PgValue, QueryError> {
    let mut rows = database.query(sql, params).await?;
    assert_eq!(rows.len(), 1, "{sql}");
    assert_eq!(rows[0].len(), 1, "{sql}");
    Ok(rows.remove(0).remove(0).value)
}

/// The text that a statement gives, for values that are compared in PostgreSQL's own words.
pub async fn text(database: &Database, sql: &str, params: &[PgValue]) -> String {
    match one(database, sql, params).await {
        Ok(PgValue::Text(text)) => text,
        other => panic!("{sql} gave {other:?}"),
    }
}
