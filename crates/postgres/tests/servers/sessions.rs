//! What a session is, whatever its database, its role or its URL say.

use std::time::Duration;

use futures::future::join_all;
use waybill_contracts::sql::SqlValue;
use waybill_postgres::{Database, ServerConfig};
use waybill_test_database::Server;

use crate::support::{chain, client, one, query, read_only, until};

/// A server whose database `orders` has these settings.
async fn server_with(settings: &[(&str, &str)]) -> Server {
    let server = Server::start().unwrap();
    for (name, value) in settings {
        set(&server, name, value).await;
    }
    server
}

/// Sets it for new sessions of the database `orders`.
async fn set(server: &Server, name: &str, value: &str) {
    let alter = format!("ALTER DATABASE orders SET {name} TO {value}");
    client(server).await.batch_execute(&alter).await.unwrap();
}

async fn connect(server: &Server, database: &str) -> Database {
    let mut config = ServerConfig::new(&server.url(database)).unwrap();
    config.connections = 2;
    Database::connect(config).await.unwrap()
}

async fn setting(database: &Database, name: &str) -> String {
    match one(database, &format!("SELECT current_setting('{name}')"), &[]).await {
        Ok(SqlValue::Text(value)) => value,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_waits_for_the_disk_whatever_the_database_says() {
    let server = Server::start().unwrap();
    for (given, expected) in [
        ("off", "on"),
        ("local", "on"),
        ("remote_write", "on"),
        ("on", "on"),
        ("remote_apply", "remote_apply"),
    ] {
        set(&server, "synchronous_commit", given).await;
        let database = connect(&server, "orders").await;
        assert_eq!(setting(&database, "synchronous_commit").await, expected, "{given}");
        let session = database.session().await.unwrap();
        let of_session: String = session.query_one("SHOW synchronous_commit", &[]).await.unwrap().get(0);
        assert_eq!(of_session, expected, "{given}");
    }
    // What the URL asks for is no less a mistake.
    let url = format!("{}&options=-c%20synchronous_commit%3Doff", server.url("orders"));
    let database = Database::connect(ServerConfig::new(&url).unwrap()).await.unwrap();
    assert_eq!(setting(&database, "synchronous_commit").await, "on");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_do_not_depend_on_the_settings_of_the_database() {
    let expected = [
        ("DateStyle", "ISO, MDY", "'SQL, DMY'"),
        ("IntervalStyle", "postgres", "iso_8601"),
        ("TimeZone", "UTC", "'Pacific/Auckland'"),
        ("bytea_output", "hex", "escape"),
        ("extra_float_digits", "1", "-10"),
        ("standard_conforming_strings", "on", "off"),
        ("transform_null_equals", "off", "on"),
        ("default_transaction_isolation", "read committed", "serializable"),
        ("lock_timeout", "0", "'10ms'"),
        ("idle_session_timeout", "0", "'1s'"),
        ("statement_timeout", "4500ms", "'500ms'"),
    ];
    let given: Vec<_> = expected.iter().map(|(name, _, given)| (*name, *given)).collect();
    let server = server_with(&given).await;
    let database = connect(&server, "orders").await;
    for (name, pinned, _) in expected {
        assert_eq!(setting(&database, name).await, pinned, "{name}");
    }
    let time = "SELECT (TIMESTAMPTZ '2026-02-01T23:30:00Z')::text || ' ' || (INTERVAL '1 day')::text || ' ' || '\\x'::text";
    assert_eq!(
        one(&database, time, &[]).await,
        Ok(SqlValue::Text(r"2026-02-01 23:30:00+00 1 day \x".to_owned()))
    );
    let session = database.session().await.unwrap();
    for (name, pinned) in [("statement_timeout", "0"), ("lock_timeout", "0"), ("TimeZone", "UTC")] {
        let found: String = session.query_one(&format!("SHOW {name}"), &[]).await.unwrap().get(0);
        assert_eq!(found, pinned, "{name}");
    }
}

/// What ends only a statement, as a time limit of the database does, says nothing about a pooler.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_fails_while_poolers_are_looked_for_does_not_count_as_one() {
    let server = server_with(&[("search_path", "public, pg_catalog")]).await;
    let database = connect(&server, "orders").await;
    let failing_in_a_transaction = "CREATE FUNCTION public.pg_backend_pid() RETURNS int AS $$ BEGIN \
         IF EXISTS (SELECT FROM pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid() AND query LIKE 'BEGIN%') \
         THEN RAISE query_canceled; END IF; RETURN pg_catalog.pg_backend_pid(); END $$ LANGUAGE plpgsql";
    database.query_batch(failing_in_a_transaction).await.unwrap();
    database.close().await;
    connect(&server, "orders").await.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_changes_of_a_row_do_not_fail_under_a_stricter_isolation() {
    let server = server_with(&[("default_transaction_isolation", "'repeatable read'")]).await;
    let database = connect(&server, "orders").await;
    let other = connect(&server, "orders").await;
    database.query_batch("CREATE TABLE counted (n int8); INSERT INTO counted VALUES (0)").await.unwrap();
    let sql = "UPDATE counted SET n = n + 1 RETURNING n";
    let all = (0..200).map(|index| query(if index % 2 == 0 { &database } else { &other }, sql, &[]));
    let failed: Vec<_> = join_all(all).await.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(one(&database, "SELECT n FROM counted", &[]).await, Ok(SqlValue::Int8(200)));
}

/// A deadlock, and a serialization failure that a statement brings about by itself: the server has undone the statement.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_the_server_undid_is_run_again_and_no_other() {
    let server = Server::start().unwrap();
    let database = connect(&server, "orders").await;
    let failing = |name: &str, code: &str, times: usize| {
        format!(
            "CREATE SEQUENCE tries_{name}; CREATE TABLE done_{name} (n int); CREATE FUNCTION {name}() RETURNS bigint AS $$ BEGIN \
             INSERT INTO done_{name} VALUES (1); \
             IF nextval('tries_{name}') <= {times} THEN RAISE EXCEPTION 'geheim' USING ERRCODE = '{code}'; END IF; \
             RETURN (SELECT count(*) FROM done_{name}); END $$ LANGUAGE plpgsql"
        )
    };
    for (name, code) in [("serialization", "40001"), ("deadlock", "40P01")] {
        database.query_batch(&failing(name, code, 3)).await.unwrap();
        for marker in ["", "-- waybill: group commit\n"] {
            let sql = format!("{marker}SELECT {name}()");
            let expected = if marker.is_empty() { 1 } else { 2 };
            assert_eq!(one(&database, &sql, &[]).await, Ok(SqlValue::Int8(expected)), "{name}");
        }
    }
    // It is given up in the end, and what may have taken effect is not run again at all.
    for (name, code, tries) in [("lasting", "40001", 6), ("unknown", "40003", 1), ("duplicate", "23505", 1)] {
        database.query_batch(&failing(name, code, 1000)).await.unwrap();
        assert!(one(&database, &format!("SELECT {name}()"), &[]).await.is_err(), "{name}");
        let tried = one(&database, &format!("SELECT last_value FROM tries_{name}"), &[]).await;
        assert_eq!(tried, Ok(SqlValue::Int8(tries)), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_another_encoding_is_refused_by_its_name() {
    let server = Server::start().unwrap();
    let database = connect(&server, "postgres").await;
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let create =
            format!("CREATE DATABASE {encoding} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0");
        let session = database.session().await.unwrap();
        session.batch_execute(&create).await.unwrap();
        let config = ServerConfig::new(&server.url(&encoding.to_lowercase())).unwrap();
        let error = chain(Database::connect(config).await.err().expect("it is refused"));
        assert!(error.contains(encoding) && error.contains("UTF8") && !error.contains("geheim"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_becomes_read_only_is_left_and_found_again_when_it_takes_writes() {
    let server = Server::start().unwrap();
    let mut config = ServerConfig::new(&server.url("orders")).unwrap();
    config.connections = 8;
    let database = Database::connect(config.clone()).await.unwrap();
    database.query_batch("CREATE TABLE written (n int)").await.unwrap();
    let lock = database.session().await.unwrap();
    let write = async || query(&database, "INSERT INTO written VALUES (1) RETURNING n", &[]).await;
    read_only(&server, "on").await;
    until("a refused write", async || write().await.is_err()).await;
    // All connections, and those that hold a lock there.
    until("the loss of all connections", async || {
        database.health().is_err_and(|reason| reason.contains("the database is read-only"))
            && lock.is_closed()
    })
    .await;
    until("no connection", async || database.load().connections == 0).await;
    let error = chain(Database::connect(config.clone()).await.err().expect("it takes no writes"));
    assert!(error.contains("the database is read-only") && error.contains("127.0.0.1"), "{error}");
    let mut reader = config;
    reader.writes = false;
    let reader = Database::connect(reader).await.unwrap();
    one(&reader, "SELECT count(*) FROM written", &[]).await.unwrap();

    read_only(&server, "off").await;
    let since = std::time::Instant::now();
    until("a write", async || write().await.is_ok()).await;
    assert!(since.elapsed() < Duration::from_secs(30));
    assert_eq!(database.health(), Ok(()));
}
