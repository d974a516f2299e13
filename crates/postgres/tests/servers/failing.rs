//! Statements that fail for the database's own fault, and those that fail only for what a caller sends.

use std::time::{Duration, Instant};

use waybill_contracts::sql::SqlValue;
use waybill_postgres::{Database, ServerConfig};
use waybill_test_database::Server;

use crate::support::{client, one, until};

const INSERT: &str = "INSERT INTO kept (id) VALUES ($1) RETURNING id";

const TABLE: &str = "CREATE TABLE kept (id int PRIMARY KEY); \
    CREATE ROLE app LOGIN PASSWORD 'geheim'; GRANT SELECT, INSERT ON kept TO app; \
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$";

/// Longer than a statement has to fail until the database is taken for unavailable.
const LONG: Duration = Duration::from_secs(8);

/// A database whose role is no superuser and whose statements have a second.
async fn start() -> (Server, Database) {
    let server = Server::start().unwrap();
    client(&server).await.batch_execute(TABLE).await.unwrap();
    let url = server.url("postgres").replace("postgres:geheim@", "app:geheim@");
    let mut config = ServerConfig::new(&url).unwrap();
    config.statement_limit = Duration::from_secs(1);
    (server, Database::connect(config).await.unwrap())
}

async fn insert(database: &Database, id: i32) -> bool {
    one(database, INSERT, &[SqlValue::Int4(id)]).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_fails_makes_health_name_the_cause_until_it_works_without_a_request() {
    let (server, database) = start().await;
    let owner = client(&server).await;
    for (id, (fault, repair, cause)) in (1..).zip([
        ("REVOKE INSERT ON kept FROM app", "GRANT INSERT ON kept TO app", "SQLSTATE 42501"),
        ("ALTER TABLE kept RENAME TO x", "ALTER TABLE x RENAME TO kept", "SQLSTATE 42P01"),
        ("BEGIN; LOCK TABLE kept", "COMMIT", "SQLSTATE 57014"),
        (
            "CREATE TRIGGER full_disk BEFORE INSERT ON kept EXECUTE FUNCTION full_disk()",
            "DROP TRIGGER full_disk ON kept",
            "SQLSTATE 53100",
        ),
    ]) {
        owner.batch_execute(fault).await.unwrap();
        let since = Instant::now();
        assert!(!insert(&database, id).await, "{fault}");
        assert_eq!(database.health(), Ok(()), "one statement says little");
        until(cause, async || database.health().is_err_and(|reason| reason.contains(cause))).await;
        assert!(since.elapsed() < Duration::from_secs(15), "{fault}: {:?}", since.elapsed());
        owner.batch_execute(repair).await.unwrap();
        until("it to be ready", async || database.health().is_ok()).await;
        // What was tried has had no effect.
        assert!(insert(&database, id).await, "{repair}");
    }
    // A success of a caller is as good as one of a trial.
    owner.batch_execute("REVOKE INSERT ON kept FROM app").await.unwrap();
    assert!(!insert(&database, 9).await);
    until("the cause", async || database.health().is_err()).await;
    owner.batch_execute("GRANT INSERT ON kept TO app").await.unwrap();
    assert!(insert(&database, 9).await);
    assert_eq!(database.health(), Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_for_a_moment_and_whatever_callers_send_leave_the_database_ready() {
    let (server, database) = start().await;
    let owner = client(&server).await;
    owner.batch_execute("BEGIN; LOCK TABLE kept").await.unwrap();
    assert!(!insert(&database, 1).await);
    owner.batch_execute("COMMIT").await.unwrap();
    let since = Instant::now();
    while since.elapsed() < LONG {
        // Each takes as long as it likes, or does not fit.
        for (sql, value) in [
            ("SELECT 1 FROM pg_sleep($1::int4)", 60),
            ("INSERT INTO kept VALUES ($1 / 0) RETURNING 1", 1),
            ("SELECT 1 / $1", 0),
        ] {
            assert!(one(&database, sql, &[SqlValue::Int4(value)]).await.is_err(), "{sql}");
            assert_eq!(database.health(), Ok(()), "{sql}");
        }
        owner.batch_execute("INSERT INTO kept VALUES (2) ON CONFLICT DO NOTHING").await.unwrap();
        assert!(!insert(&database, 2).await, "it is there already");
        assert_eq!(database.health(), Ok(()));
    }
}
