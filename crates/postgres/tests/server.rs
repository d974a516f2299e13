//! What only a server does: it goes away and comes back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::{Duration, Instant};

use support::{cluster::Cluster, one, until};
use waybill_postgres::{
    Database, ServerConfig,
    value::{PgValue, QueryError},
};

fn config(cluster: &Cluster) -> ServerConfig {
    let mut config = ServerConfig::new(&cluster.url()).unwrap();
    config.connections = 1;
    config
}

fn is_unavailable(given: &Result<PgValue, QueryError>) -> bool {
    matches!(given, Err(QueryError::Unexpected(reason)) if reason.starts_with("database unavailable: "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_connection_is_made_again() {
    let Some(cluster) = Cluster::start() else { return };
    let mut config = config(&cluster);
    config.session_settings.set("waybill.test", "kept");
    let database = Database::connect(config.clone()).await.unwrap();
    let killer = Database::connect(config).await.unwrap();
    let Ok(PgValue::Int4(pid)) = one(&database, "SELECT pg_backend_pid()", &[]).await else {
        panic!("no pid")
    };
    let victim = [PgValue::Int4(pid)];
    let kill = one(&killer, "SELECT pg_terminate_backend($1)", &victim);
    assert_eq!(kill.await, Ok(PgValue::Bool(true)));
    until("another connection", async || {
        matches!(one(&database, "SELECT pg_backend_pid()", &[]).await, Ok(PgValue::Int4(other)) if other != pid)
    })
    .await;
    assert_eq!(database.health(), Ok(()));
    let setting = one(&database, "SELECT current_setting('waybill.test')", &[]).await;
    assert_eq!(setting, Ok(PgValue::Text("kept".to_owned())), "the new connection is set up like the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_the_server_refuses_is_named_without_its_value() {
    let Some(cluster) = Cluster::start() else { return };
    for (name, value) in
        [("work_mem", "geheim"), ("no_such_setting", "geheim"), ("waybill.test", "geheim\0"), ("", "geheim")]
    {
        let mut config = config(&cluster);
        config.session_settings.set(name, value);
        assert!(!format!("{config:?}").contains("geheim"));
        let error = Database::connect(config).await.err().expect("it is refused").to_string();
        assert!(error.contains(name) && !error.contains("geheim"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_is_told_quickly_and_found_again() {
    let Some(cluster) = Cluster::start() else { return };
    let database = Database::connect(config(&cluster)).await.unwrap();
    cluster.down();
    until("the loss to be seen", async || database.health().is_err()).await;
    let asked = Instant::now();
    let given = one(&database, "SELECT 1", &[]).await;
    assert!(is_unavailable(&given), "{given:?}");
    assert!(asked.elapsed() < Duration::from_secs(1));
    let error = Database::connect(config(&cluster)).await.err().expect("the server is down").to_string();
    assert!(error.contains("127.0.0.1") && !error.contains("geheim"), "{error}");

    // A database that may come up later does so together with the one that was there before.
    let lazy = Database::connect_lazily(config(&cluster));
    cluster.up();
    for database in [&database, &lazy] {
        until("an answer", async || one(database, "SELECT 1", &[]).await == Ok(PgValue::Int4(1))).await;
        assert_eq!(database.health(), Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_beyond_its_time_limit_is_given_up_and_the_next_one_answered() {
    let Some(cluster) = Cluster::start() else { return };
    let mut config = config(&cluster);
    config.statement_limit = Duration::from_secs(1);
    let database = Database::connect(config).await.unwrap();
    let given = one(&database, "SELECT 1 FROM pg_sleep(60)", &[]).await;
    assert!(is_unavailable(&given), "{given:?}");
    until("an answer", async || one(&database, "SELECT 1", &[]).await == Ok(PgValue::Int4(1))).await;

    // A session is for long statements too.
    let session = database.session().await.unwrap();
    assert_eq!(session.query_one("SHOW statement_timeout", &[]).await.unwrap().get::<_, String>(0), "0");
}
