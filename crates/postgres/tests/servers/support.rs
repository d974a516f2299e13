//! What the tests share: a server of their own, and waiting for a condition.
#![allow(dead_code, reason = "the tests of the pooler use a part")]

use std::time::{Duration, Instant};

use tokio_postgres::NoTls;
use waybill_contracts::sql::{QueryFailure, SqlValue};
use waybill_postgres::{ConnectError, Database, Execution, ServerConfig};
use waybill_test_database::Server;

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

/// Has the server take no writes (`on`), or take them again (`off`).
pub async fn read_only(server: &Server, value: &str) {
    let client = client(server).await;
    client.batch_execute(&format!("ALTER SYSTEM SET default_transaction_read_only = {value}")).await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
}

/// A client that knows nothing of us.
pub async fn client(server: &Server) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&server.url("postgres"), NoTls).await.unwrap();
    tokio::spawn(async move {
        // Ends with the client.
        let _ = connection.await;
    });
    client
}
