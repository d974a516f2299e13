//! Outages, limits and group commits on a server of the test's own.

use std::time::{Duration, Instant};

use futures::future::join_all;
use waybill_contracts::sql::{QueryFailure, SqlValue};
use waybill_postgres::{Database, ServerConfig};
use waybill_test_database::Server;

use crate::support::{chain, fresh, one, query, until};

fn config(server: &Server) -> ServerConfig {
    let mut config = ServerConfig::new(&server.url("postgres")).unwrap();
    config.connections = 1;
    config
}

fn is_unavailable(given: &Result<SqlValue, QueryFailure>) -> bool {
    matches!(given, Err(error) if error.is_unavailable())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_connection_is_made_again() {
    let server = Server::start().unwrap();
    let mut config = config(&server);
    config.session_settings.set("waybill.test", "kept");
    let database = Database::connect(config.clone()).await.unwrap();
    let killer = Database::connect(config).await.unwrap();
    let Ok(SqlValue::Int4(pid)) = one(&database, "SELECT pg_backend_pid()", &[]).await else {
        panic!("no pid")
    };
    let victim = [SqlValue::Int4(pid)];
    let kill = one(&killer, "SELECT pg_terminate_backend($1)", &victim);
    assert_eq!(kill.await, Ok(SqlValue::Bool(true)));
    until("another connection", async || {
        matches!(one(&database, "SELECT pg_backend_pid()", &[]).await, Ok(SqlValue::Int4(other)) if other != pid)
    })
    .await;
    assert_eq!(database.health(), Ok(()));
    let setting = one(&database, "SELECT current_setting('waybill.test')", &[]).await;
    assert_eq!(setting, Ok(SqlValue::Text("kept".to_owned())), "the new connection is set up like the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_the_server_refuses_is_named_without_its_value() {
    let server = Server::start().unwrap();
    for (name, value) in
        [("work_mem", "geheim"), ("no_such_setting", "geheim"), ("waybill.test", "geheim\0"), ("", "geheim")]
    {
        let mut config = config(&server);
        config.session_settings.set(name, value);
        assert!(!format!("{config:?}").contains("geheim"));
        let error = Database::connect(config).await.err().expect("it is refused");
        let error = chain(error);
        assert!(error.contains(name) && !error.contains("geheim"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_beyond_the_bound_are_refused_at_once_and_the_others_answered() {
    let mut config = fresh().await;
    config.statements_in_flight = 4;
    let database = Database::connect(config).await.unwrap();
    let given = join_all((0..20).map(|_| one(&database, "SELECT 1", &[]))).await;
    let full = "database unavailable: 4 statements are in flight already";
    let refused =
        given.iter().filter(|given| **given == Err(QueryFailure::Unexpected(full.to_owned()))).count();
    let answered = given.iter().filter(|given| **given == Ok(SqlValue::Int4(1))).count();
    assert_eq!((refused, answered), (16, 4), "{given:?}");
    database.close().await;
    let given = one(&database, "SELECT 1", &[]).await;
    assert_eq!(given, Err(QueryFailure::Unexpected("database unavailable: it is closed".to_owned())));
    assert!(database.health().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_breaks_its_connection_does_not_break_the_database() {
    let mut config = fresh().await;
    config.statement_limit = Duration::from_secs(2);
    let database = Database::connect(config).await.unwrap();
    database.query_batch("CREATE TABLE copied (id int)").await.unwrap();
    assert!(database.query_batch("COPY copied FROM STDIN").await.is_err());
    for sql in ["COPY copied FROM STDIN", "BEGIN", "-- a comment\nSET work_mem = '1MB'"] {
        let given = query(&database, sql, &[]).await;
        assert!(matches!(given, Err(QueryFailure::InvalidQuery(_))), "{sql} gave {given:?}");
    }
    until("the database to answer", async || one(&database, "SELECT 1", &[]).await == Ok(SqlValue::Int4(1)))
        .await;
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_statements_leave_the_server_well() {
    let mut config = fresh().await;
    config.connections = 2;
    let database = Database::connect(config).await.unwrap();
    database
        .query_batch("CREATE TABLE once (id int PRIMARY KEY); INSERT INTO once VALUES (1)")
        .await
        .unwrap();
    // The database that this one replaced lost some of its stack with each, and was of no use after 2,670.
    for _ in 0..60 {
        let refused =
            join_all((0..100).map(|_| one(&database, "INSERT INTO once VALUES (1) RETURNING id", &[]))).await;
        assert!(refused.iter().all(|given| {
            matches!(given, Err(QueryFailure::Unexpected(text)) if text.contains("SQLSTATE 23505"))
        }));
    }
    assert_eq!(one(&database, "SELECT id FROM once", &[]).await, Ok(SqlValue::Int4(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_is_reported_quickly_and_found_again() {
    let mut server = Server::start().unwrap();
    let database = Database::connect(config(&server)).await.unwrap();
    server.kill();
    until("the loss to be seen", async || database.health().is_err()).await;
    let asked = Instant::now();
    let given = one(&database, "SELECT 1", &[]).await;
    assert!(is_unavailable(&given), "{given:?}");
    assert!(asked.elapsed() < Duration::from_secs(1));
    let error = Database::connect(config(&server)).await.err().expect("the server is down");
    let error = chain(error);
    assert!(error.contains("127.0.0.1") && !error.contains("geheim"), "{error}");

    // A database that may come up later does so together with the one that was there before.
    let lazy = Database::connect_lazily(config(&server));
    server.restart().unwrap();
    for database in [&database, &lazy] {
        until("an answer", async || one(database, "SELECT 1", &[]).await == Ok(SqlValue::Int4(1))).await;
        assert_eq!(database.health(), Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_beyond_its_time_limit_is_cancelled_and_the_next_one_answered() {
    let server = Server::start().unwrap();
    let mut config = config(&server);
    config.statement_limit = Duration::from_secs(1);
    let database = Database::connect(config).await.unwrap();
    let given = one(&database, "SELECT 1 FROM pg_sleep(60)", &[]).await;
    assert!(is_unavailable(&given), "{given:?}");
    until("an answer", async || one(&database, "SELECT 1", &[]).await == Ok(SqlValue::Int4(1))).await;

    // A session is for long statements too.
    let session = database.session().await.unwrap();
    assert_eq!(session.query_one("SHOW statement_timeout", &[]).await.unwrap().get::<_, String>(0), "0");
}

/// With eight connections, two of which are for group commits.
async fn with_group_commit(server: &Server) -> Database {
    let database = Database::connect(ServerConfig::new(&server.url("postgres")).unwrap()).await.unwrap();
    let table =
        "DROP TABLE IF EXISTS grouped; CREATE TABLE grouped (id integer PRIMARY KEY CHECK (id <> 13))";
    database.query_batch(table).await.unwrap();
    until("all connections", async || database.load().connections == 8).await;
    database
}

const GROUP_COMMIT_INSERT: &str =
    "-- waybill: group commit\nINSERT INTO grouped (id) VALUES ($1) RETURNING id";

async fn insert_all(
    database: &Database,
    ids: impl Iterator<Item = i32>,
) -> Vec<Result<SqlValue, QueryFailure>> {
    let insert = |id| async move { one(database, GROUP_COMMIT_INSERT, &[SqlValue::Int4(id)]).await };
    join_all(ids.map(insert)).await
}

async fn count(database: &Database, what: &str) -> i64 {
    match one(database, &format!("SELECT count({what}) FROM grouped"), &[]).await {
        Ok(SqlValue::Int8(count)) => count,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_arrive_together_share_transactions() {
    let server = Server::start().unwrap();
    let database = with_group_commit(&server).await;
    for (id, given) in (100..300).zip(insert_all(&database, 100..300).await) {
        assert_eq!(given, Ok(SqlValue::Int4(id)), "each has its own answer");
    }
    assert_eq!(count(&database, "*").await, 200);
    let transactions = count(&database, "DISTINCT xmin::text").await;
    assert!(transactions < 50, "{transactions} transactions for 200 statements");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serialized_group_commit_is_one_transaction_at_a_time() {
    let server = Server::start().unwrap();
    let database = with_group_commit(&server).await;
    // A second transaction that wanted the lock at the same time would not get it, and would have no row.
    let sql = "-- waybill: serialized group commit\n\
        INSERT INTO grouped (id) SELECT $1 WHERE pg_try_advisory_xact_lock(7) RETURNING id";
    let insert = |id| {
        let database = &database;
        async move { one(database, sql, &[SqlValue::Int4(id)]).await }
    };
    for first in [100, 300, 500] {
        let given = join_all((first..first + 200).map(insert)).await;
        for (id, given) in (first..).zip(given) {
            assert_eq!(given, Ok(SqlValue::Int4(id)));
        }
    }
    let transactions = count(&database, "DISTINCT xmin::text").await;
    assert!(transactions < 30, "{transactions} transactions for 600 statements");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_fails_costs_the_others_of_its_group_commit_nothing() {
    let server = Server::start().unwrap();
    let database = with_group_commit(&server).await;
    // One breaks a rule, one is there already, one has a parameter that cannot even be sent.
    insert_all(&database, 17..18).await;
    for round in 1..=5 {
        let first = round * 1000;
        let ids = || (first..first + 100).map(|id| if id % 100 == 13 { 13 } else { id });
        let ids = || ids().map(|id| if id % 100 == 50 { 17 } else { id });
        let text = [SqlValue::Text("x".to_owned())];
        let wrong = one(&database, GROUP_COMMIT_INSERT, &text);
        let (given, wrong) = futures::join!(insert_all(&database, ids()), wrong);
        assert!(
            matches!(wrong, Err(QueryFailure::InvalidParams(_) | QueryFailure::Unexpected(_))),
            "{wrong:?}"
        );
        for (id, given) in ids().zip(given) {
            match id {
                13 | 17 => assert!(
                    matches!(&given, Err(QueryFailure::Unexpected(text)) if text.contains("SQLSTATE 23")),
                    "{id} {given:?}"
                ),
                id => assert_eq!(given, Ok(SqlValue::Int4(id))),
            }
        }
    }
    assert_eq!(count(&database, "*").await, 1 + 5 * 98);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_connections_were_killed() {
    let server = Server::start().unwrap();
    let database = with_group_commit(&server).await;
    let killer = Database::connect(config(&server)).await.unwrap();
    let mut answered = 0;
    for round in 0..20 {
        let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'waybill'";
        let (given, _) =
            futures::join!(insert_all(&database, round * 1000..round * 1000 + 12), one(&killer, kill, &[]));
        let (good, bad): (Vec<_>, Vec<_>) = given.into_iter().partition(Result::is_ok);
        assert!(bad.iter().all(is_unavailable), "{bad:?}");
        answered += good.len();
        until("a connection", async || one(&database, "SELECT 1", &[]).await.is_ok()).await;
    }
    let there = usize::try_from(count(&database, "*").await).unwrap();
    assert!(there >= answered, "{answered} were acknowledged, {there} are there");
    assert!(answered > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_pipelined_but_not_behind_one_that_takes_long() {
    let server = Server::start().unwrap();
    let database = Database::connect(ServerConfig::new(&server.url("postgres")).unwrap()).await.unwrap();
    until("all connections", async || database.load().connections == 8).await;
    let pids = || join_all((0..60).map(|_| one(&database, "SELECT pg_backend_pid()", &[])));
    until("pipelined reads", async || {
        let mut together = std::collections::HashMap::<String, usize>::new();
        for pid in pids().await {
            *together.entry(format!("{pid:?}")).or_default() += 1;
        }
        together.values().any(|count| *count >= 25)
    })
    .await;
    let long = tokio::spawn({
        let database = database.clone();
        async move { one(&database, "SELECT pg_sleep(3)::text", &[]).await }
    });
    until("the long one", async || database.load().statements == 1).await;
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(1) {
        one(&database, "SELECT 1", &[]).await.unwrap();
    }
    assert!(!long.is_finished());
    let asked = Instant::now();
    one(&database, "SELECT 1", &[]).await.unwrap();
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert!(long.await.unwrap().is_ok());
}
