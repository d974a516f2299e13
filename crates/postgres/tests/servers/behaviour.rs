//! How statements and sessions behave on one database.

use futures::future::join_all;
use waybill_contracts::sql::SqlValue;
use waybill_postgres::Database;

use crate::support::{fresh, one, query, until};

/// A value that only correct quoting leaves as it is.
const SETTING: &str = r#"it's "geheim" ' $1 ; -- é"#;

async fn database() -> Database {
    let mut config = fresh().await;
    config.session_settings.set("waybill.test", SETTING);
    config.session_settings.set("work_mem", "5MB");
    Database::connect(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_statements_get_their_own_answers() {
    let database = &database().await;
    let ask = async |n: i64| {
        let given = match n % 3 {
            0 => one(database, "SELECT $1::int8 * 2", &[SqlValue::Int8(n)]).await,
            1 => one(database, &format!("SELECT {n}::int8 * 2"), &[]).await,
            _ => {
                one(
                    database,
                    "SELECT n FROM generate_series(1, $1::int8 * 2) n ORDER BY n DESC LIMIT 1",
                    &[SqlValue::Int8(n)],
                )
                .await
            }
        };
        (n, given)
    };
    for (n, given) in join_all((0..200).map(ask)).await {
        assert_eq!(given, Ok(SqlValue::Int8(n * 2)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_is_counted_in_rows_and_a_check_has_none() {
    let database = &database().await;
    database.query_batch("CREATE TABLE effects (id int8)").await.unwrap();
    let insert = "INSERT INTO effects SELECT * FROM generate_series(1, $1::int8)";
    database.check(insert).await.unwrap();
    assert_eq!(one(database, "SELECT count(*) FROM effects", &[]).await, Ok(SqlValue::Int8(0)));
    assert_eq!(database.execute(insert, &[SqlValue::Int8(3)]).await.unwrap(), 3);
    assert_eq!(database.execute("DELETE FROM effects WHERE id > 1", &[]).await.unwrap(), 2);
    assert!(database.check("INSERT INTO missing VALUES (1)").await.is_err());
    assert!(database.check("BEGIN").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_exclusive_and_leaves_nothing_behind() {
    let database = &database().await;
    database.query_batch("CREATE TABLE kept (id int)").await.unwrap();
    let session = database.session().await.unwrap();
    assert_eq!(database.health(), Ok(()));
    session
        .batch_execute("SELECT pg_advisory_lock(7); SET application_name = 'of the session'")
        .await
        .unwrap();
    session.batch_execute("BEGIN; INSERT INTO kept VALUES (1)").await.unwrap();
    drop(session);

    let count = || one(database, "SELECT count(*) FROM kept", &[]);
    assert_eq!(count().await, Ok(SqlValue::Int8(0)));
    query(database, "INSERT INTO kept VALUES (2)", &[]).await.unwrap();
    assert_eq!(count().await, Ok(SqlValue::Int8(1)));
    let name = one(database, "SELECT current_setting('application_name')", &[]).await;
    assert_eq!(name, Ok(SqlValue::Text("waybill".to_owned())));
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";
    until("the lock to be free", async || one(database, locks, &[]).await == Ok(SqlValue::Int8(0))).await;

    // A second session works like the first.
    let mut session = database.session().await.unwrap();
    let transaction = session.transaction().await.unwrap();
    transaction.execute("INSERT INTO kept VALUES (3)", &[]).await.unwrap();
    transaction.commit().await.unwrap();
    drop(session);
    assert_eq!(count().await, Ok(SqlValue::Int8(2)));
}

/// A migration changes a table under prepared statements: at the latest the second attempt sees it.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_table_is_read_anew() {
    let database = &database().await;
    database.query_batch("CREATE TABLE changing (id int); INSERT INTO changing VALUES (1)").await.unwrap();
    for _ in 0..20 {
        assert_eq!(query(database, "SELECT * FROM changing", &[]).await.unwrap()[0].len(), 1);
    }
    database.query_batch("ALTER TABLE changing ADD more int").await.unwrap();
    let columns = async || query(database, "SELECT * FROM changing", &[]).await.map(|rows| rows[0].len());
    until("both columns", async || columns().await == Ok(2)).await;
}

/// Shared sessions have them, and so have exclusive ones, whose user may change them there.
#[tokio::test(flavor = "multi_thread")]
async fn settings_are_there_from_the_start_and_come_back() {
    let database = &database().await;
    let sql = "SELECT current_setting('waybill.test') || ' ' || current_setting('work_mem')";
    let expected = format!("{SETTING} 5MB");
    for _ in 0..2 {
        // More than there are connections, so that each is asked.
        let all = join_all((0..32).map(|_| one(database, sql, &[]))).await;
        assert!(all.iter().all(|given| *given == Ok(SqlValue::Text(expected.clone()))), "{all:?}");

        let session = database.session().await.unwrap();
        assert_eq!(session.query_one(sql, &[]).await.unwrap().get::<_, String>(0), expected);
        session.batch_execute("SET waybill.test = 'changed'; SET work_mem = '6MB'").await.unwrap();
    }
}
