//! What an idle database is seen to be, without a statement that would fail.

use std::time::{Duration, Instant};

use waybill_contracts::sql::SqlValue;
use waybill_postgres::{Database, ServerConfig};
use waybill_test_database::Server;

use crate::support::{client, one, read_only, until};

/// In which an outage shows.
const LIMIT: Duration = Duration::from_secs(15);

/// All its connections, those for group commits too.
async fn connect(server: &Server) -> Database {
    let database = Database::connect(ServerConfig::new(&server.url("postgres")).unwrap()).await.unwrap();
    until("all connections", async || database.load().connections == 8).await;
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_is_seen_without_a_statement_and_used_again_when_it_goes_on() {
    let server = Server::start().unwrap();
    let database = connect(&server).await;
    let frozen = server.freeze().unwrap();
    let since = Instant::now();
    until("the outage", async || database.health().is_err_and(|reason| reason.contains("no answer within")))
        .await;
    assert!(since.elapsed() < LIMIT, "{:?}", since.elapsed());
    until("no connection", async || database.load().connections == 0).await;
    assert!(since.elapsed() < LIMIT, "group commits would wait: {:?}", since.elapsed());
    drop(frozen);
    until("an answer", async || one(&database, "SELECT 1", &[]).await == Ok(SqlValue::Int4(1))).await;
    assert_eq!(database.health(), Ok(()));
}

/// Reads of much of a database have a minute, and are the only traffic of an audit.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_is_seen_behind_a_statement_that_may_take_long() {
    let server = Server::start().unwrap();
    let mut config = ServerConfig::new(&format!("{}&connect_timeout=2", server.url("postgres"))).unwrap();
    (config.connections, config.statement_limit) = (1, Duration::from_mins(1));
    let database = Database::connect(config).await.unwrap();
    let statement = one(&database, "SELECT 1 FROM pg_sleep(50)", &[]);
    let outage = async {
        until("the statement", async || database.load().statements == 1).await;
        let frozen = server.freeze().unwrap();
        let since = Instant::now();
        until("the outage", async || {
            database.health().is_err_and(|reason| reason.contains("a new connection"))
        })
        .await;
        assert!(since.elapsed() < LIMIT, "{:?}", since.elapsed());
        drop(frozen);
    };
    let (ended, ()) = tokio::join!(statement, outage);
    assert!(ended.is_err(), "{ended:?}");
    until("an answer", async || one(&database, "SELECT 1", &[]).await == Ok(SqlValue::Int4(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_becomes_read_only_is_seen_without_a_write() {
    for reads in [false, true] {
        let server = Server::start().unwrap();
        let database = connect(&server).await;
        read_only(&server, "on").await;
        let since = Instant::now();
        until("the outage", async || {
            if reads {
                // A read is answered, or finds no connection.
                let _ = one(&database, "SELECT 1", &[]).await;
            }
            database.health().is_err_and(|reason| reason.contains("the database is read-only"))
        })
        .await;
        assert!(since.elapsed() < LIMIT, "{reads}: {:?}", since.elapsed());
        read_only(&server, "off").await;
        until("it to be ready", async || database.health().is_ok()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_leaves_well_what_is_idle_or_takes_long() {
    let server = Server::start().unwrap();
    let mut config = ServerConfig::new(&server.url("postgres")).unwrap();
    (config.connections, config.statement_limit) = (1, Duration::from_secs(30));
    let database = Database::connect(config).await.unwrap();
    let pid = one(&database, "SELECT pg_backend_pid()", &[]).await;
    // Longer than a probe may take, two times.
    let long = one(&database, "SELECT 1 FROM pg_sleep(14)", &[]).await;
    assert_eq!(long, Ok(SqlValue::Int4(1)));
    let client = client(&server).await;
    until("a probe", async || {
        let probes = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%transaction_read_only%' AND pid <> pg_backend_pid() \
                      AND state = 'idle'";
        client.query_one(probes, &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    assert_eq!(one(&database, "SELECT pg_backend_pid()", &[]).await, pid, "it is the same connection");
}
