//! What only the embedded database does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::Duration;

use futures::future::join_all;
use support::{one, until};
use waybill_postgres::{
    Database, EmbeddedConfig, OpenError,
    value::{PgValue, QueryError},
};

#[tokio::test(flavor = "multi_thread")]
async fn data_survives_close_and_reopen_and_the_folder_has_one_user() {
    let parent = tempfile::tempdir().unwrap();
    let config = EmbeddedConfig::folder(parent.path().join("orders"));
    let database = Database::open_embedded(config.clone()).await.unwrap();
    database.query_batch("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)").await.unwrap();
    database.maintain().await.unwrap();

    match Database::open_embedded(config.clone()).await {
        Err(error @ OpenError::Locked(_)) => assert!(error.to_string().contains("orders"), "{error}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the folder was opened twice"),
    }
    database.close().await;
    let given = one(&database, "SELECT 1", &[]).await;
    assert_eq!(given, Err(QueryError::Unexpected("database unavailable: it is closed".to_owned())));
    assert!(database.health().is_err());

    let again = Database::open_embedded(config).await.unwrap();
    assert_eq!(one(&again, "SELECT id FROM kept", &[]).await, Ok(PgValue::Int4(1)));
    again.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_nobody_has_any_more_gives_its_folder_back() {
    let parent = tempfile::tempdir().unwrap();
    let config = EmbeddedConfig::folder(parent.path().join("orders"));
    drop(Database::open_embedded(config.clone()).await.unwrap());
    until("the folder to be free", async || match Database::open_embedded(config.clone()).await {
        Ok(database) => {
            database.close().await;
            true
        }
        Err(_) => false,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_beyond_the_bound_are_refused_at_once_and_the_others_answered() {
    let mut config = EmbeddedConfig::in_memory();
    config.statements_in_flight = 4;
    let database = Database::open_embedded(config).await.unwrap();
    let given = join_all((0..20).map(|_| one(&database, "SELECT 1", &[]))).await;
    let full = "database unavailable: 4 statements are in flight already";
    let refused =
        given.iter().filter(|given| **given == Err(QueryError::Unexpected(full.to_owned()))).count();
    let answered = given.iter().filter(|given| **given == Ok(PgValue::Int4(1))).count();
    assert_eq!((refused, answered), (16, 4), "{given:?}");
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_wait_for_a_session_and_health_is_asked_meanwhile() {
    let database = Database::open_embedded(EmbeddedConfig::in_memory()).await.unwrap();
    for _ in 0..50 {
        // A health check at the moment of lending must not take the session away.
        let asked = tokio::spawn({
            let database = database.clone();
            async move { (0..1000).all(|_| database.health().is_ok()) }
        });
        let session = database.session().await.unwrap();
        session.batch_execute("SELECT 1").await.unwrap();
        let mut waiting = Box::pin(one(&database, "SELECT 2", &[]));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(session);
        assert_eq!(waiting.await, Ok(PgValue::Int4(2)));
        assert!(asked.await.unwrap());
    }
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_breaks_its_connection_does_not_break_the_database() {
    let mut config = EmbeddedConfig::in_memory();
    config.statement_limit = Duration::from_secs(2);
    let database = Database::open_embedded(config).await.unwrap();
    database.query_batch("CREATE TABLE copied (id int)").await.unwrap();
    assert!(database.query_batch("COPY copied FROM STDIN").await.is_err());
    for sql in ["COPY copied FROM STDIN", "BEGIN", "-- a comment\nSET work_mem = '1MB'"] {
        let given = database.query(sql, &[]).await;
        assert!(matches!(given, Err(QueryError::InvalidQuery(_))), "{sql} gave {given:?}");
    }
    until("the database to answer", async || one(&database, "SELECT 1", &[]).await == Ok(PgValue::Int4(1)))
        .await;
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_the_database_refuses_is_named_without_its_value() {
    let mut config = EmbeddedConfig::in_memory();
    config.session_settings.set("work_mem", "geheim");
    assert!(!format!("{config:?}").contains("geheim"));
    let error = Database::open_embedded(config).await.err().expect("it is refused").to_string();
    assert!(error.contains("work_mem") && !error.contains("geheim"), "{error}");
}
