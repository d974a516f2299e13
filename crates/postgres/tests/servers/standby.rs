//! Commits that wait for a synchronous standby that is not there.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;
use waybill_contracts::sql::{QueryFailure, SqlValue};
use waybill_postgres::{Database, ServerConfig};
use waybill_test_database::Server;

use crate::support::{client, one, until};

const INSERT: &str = "INSERT INTO kept DEFAULT VALUES RETURNING 1";

const BACKENDS: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'under_test'";

/// A server with a table, and a database of four connections whose statements have this time.
async fn start(statement_limit: Duration) -> (Server, Database) {
    let server = Server::start_primary().unwrap();
    client(&server).await.batch_execute("CREATE TABLE kept (id serial PRIMARY KEY)").await.unwrap();
    let url = format!("{}&application_name=under_test", server.url("postgres"));
    let mut config = ServerConfig::new(&url).unwrap();
    (config.connections, config.statement_limit) = (4, statement_limit);
    let database = Database::connect(config).await.unwrap();
    until("all connections", async || database.load().connections == 4).await;
    (server, database)
}

/// Sets which standby commits wait for.
async fn set_standby(server: &Server, standby: &str) {
    let client = client(server).await;
    let set = format!("ALTER SYSTEM SET synchronous_standby_names = '{standby}'");
    client.batch_execute(&set).await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
}

/// Has commits wait for a standby that does not exist, until one does.
async fn lose_standby(server: &Server) {
    set_standby(server, "nobody").await;
    let observer = client(server).await;
    until("a commit to wait", async || {
        let other = client(server).await;
        let _ =
            timeout(Duration::from_millis(100), other.batch_execute("INSERT INTO kept DEFAULT VALUES")).await;
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        observer.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) > 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_standby_is_missing_health_says_so_and_backends_do_not_pile_up() {
    let (server, database) = start(Duration::from_secs(1)).await;
    lose_standby(&server).await;
    let observer = client(&server).await;
    until("the cause", async || {
        let given = join_all((0..8).map(|_| one(&database, INSERT, &[]))).await;
        assert!(given.iter().all(Result::is_err), "{given:?}");
        let backends: i64 = observer.query_one(BACKENDS, &[]).await.unwrap().get(0);
        // Each may have, for a moment, another one that asks whether it still works.
        assert!(backends <= 8, "{backends}");
        database.health().is_err_and(|reason| reason.contains("synchronous standby"))
    })
    .await;
    set_standby(&server, "").await;
    until("it to be ready", async || database.health().is_ok()).await;
    assert_eq!(one(&database, INSERT, &[]).await, Ok(SqlValue::Int4(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_wait_was_cancelled_is_no_success() {
    let (server, database) = start(Duration::from_secs(50)).await;
    let observer = client(&server).await;
    // Sessions that show no warnings of their own accord.
    let moment: String = observer.query_one("SELECT clock_timestamp()::text", &[]).await.unwrap().get(0);
    let silence = "ALTER ROLE CURRENT_USER SET client_min_messages = error; \
                   SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'under_test'";
    observer.batch_execute(silence).await.unwrap();
    until("new connections", async || {
        let new = format!("{BACKENDS} AND backend_start > '{moment}'");
        let count: i64 = observer.query_one(&new, &[]).await.unwrap().get(0);
        count == 4 && database.load().connections == 4
    })
    .await;
    lose_standby(&server).await;
    let cancelled = async {
        until("the wait", async || {
            let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' \
                          AND application_name = 'under_test'";
            !observer.query(cancel, &[]).await.unwrap().is_empty()
        })
        .await;
    };
    let (given, ()) = tokio::join!(one(&database, INSERT, &[]), cancelled);
    assert!(
        matches!(&given, Err(error @ QueryFailure::Unexpected(_)) if error.is_unavailable()),
        "{given:?}"
    );
}
