//! Statements, as the adapter runs them on Spin.

use waybill_tests::Postgres;

use crate::support::bindings::exports::wasmcloud::postgres::types::{
    Date, PgValue, PreparedStatementExecError, QueryError,
};
use crate::{Adapter, TOKEN, variables};

#[tokio::test]
async fn statements_run_on_spin_as_they_run_elsewhere() {
    let postgres = Postgres::start_migrated().await.unwrap();
    let variables = variables(&postgres, "orders");
    let mut adapter = Adapter::new(&variables).await;
    values_arrive_exactly(&mut adapter).await;
    no_row_is_an_answer(&mut adapter).await;
    unsupported_types_are_refused_with_the_cast(&mut adapter).await;
    rows_keep_their_order_and_their_columns(&mut adapter).await;
    effects_take_place(&mut adapter).await;
    errors_say_what_is_at_fault(&mut adapter).await;
    sessions_have_their_settings(&mut adapter).await;
    assert_eq!(adapter.store.data().opened.len(), 1, "one connection for an instance");
}

async fn values_arrive_exactly(adapter: &mut Adapter) {
    for (kind, sent, received) in [
        ("boolean", PgValue::Boolean(true), PgValue::Bool(true)),
        ("boolean", PgValue::Bool(false), PgValue::Bool(false)),
        ("bigint", PgValue::BigInt(i64::MIN), PgValue::Int8(i64::MIN)),
        ("bigint", PgValue::Int8(i64::MAX), PgValue::Int8(i64::MAX)),
        ("integer", PgValue::Integer(i32::MIN), PgValue::Int4(i32::MIN)),
        ("smallint", PgValue::SmallInt(i16::MIN), PgValue::Int2(i16::MIN)),
        ("text", PgValue::Text("a'b\\ü\u{1f9fe}".into()), PgValue::Text("a'b\\ü\u{1f9fe}".into())),
        ("varchar", PgValue::Text("v".into()), PgValue::Text("v".into())),
        ("char(3)", PgValue::Text("c".into()), PgValue::Text("c  ".into())),
        (
            "uuid",
            PgValue::Uuid("019A3C6E-7B1F-7C4E-9D55-0C2F5A1B2C3D".into()),
            PgValue::Uuid("019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d".into()),
        ),
        ("bigint", PgValue::Null, PgValue::Null),
        ("text", PgValue::Null, PgValue::Null),
    ] {
        let value = adapter.value(&format!("SELECT CAST($1 AS {kind})"), &[sent]).await;
        assert_eq!(value, format!("{received:?}"), "{kind}");
    }
}

async fn unsupported_types_are_refused_with_the_cast(adapter: &mut Adapter) {
    for (expression, ty) in [
        ("1.5", "numeric"),
        ("1.5::float8", "float8"),
        ("'x'::bytea", "bytea"),
        ("'{}'::jsonb", "jsonb"),
        ("now()::timestamp", "timestamp"),
        ("now()::date", "date"),
        ("ARRAY[1, 2]", "int4[]"),
        ("'1'::money", "money"),
    ] {
        let refused = adapter.query(&format!("SELECT {expression} AS odd"), &[]).await;
        let Err(QueryError::InvalidQuery(text)) = refused else { panic!("{expression}: {refused:?}") };
        let expected =
            format!("the column odd is of type {ty}, which the SQL link does not carry; cast it to text: ");
        assert!(text.starts_with(&expected), "{text}");
    }
    // The driver cannot read these as Spin asks for them, so their type is not known.
    let refused = adapter.query("SELECT now()", &[]).await;
    assert!(
        matches!(&refused, Err(QueryError::InvalidQuery(text)) if text.contains("cast it to text")),
        "{refused:?}"
    );
    let day = Date::Ymd((-44, 3, 15));
    for (value, ty) in [
        (PgValue::Jsonb("{}".into()), "jsonb"),
        (PgValue::Numeric("1".into()), "numeric"),
        (PgValue::Bytea(vec![0, 255]), "bytea"),
        (PgValue::Date(day), "date"),
        (PgValue::Double((1, -1, -1)), "double"),
        (PgValue::Int4Array(vec![1, -2]), "int4[]"),
    ] {
        let sql = "INSERT INTO t (id, name) VALUES (7, $1)";
        let refused = adapter.query(sql, &[value]).await;
        let Err(QueryError::InvalidParams(text)) = refused else { panic!("{ty}: {refused:?}") };
        let expected = format!("parameter $1 is of type {ty}, which the SQL link does not carry; ");
        assert!(text.starts_with(&expected) && text.ends_with(&format!("AS {ty})")), "{text}");
    }
    assert_eq!(adapter.rows("SELECT id FROM t WHERE id = 7", &[]).await.len(), 0, "nothing was changed");
}

async fn no_row_is_an_answer(adapter: &mut Adapter) {
    adapter.rows("CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, name text)", &[]).await;
    for sql in [
        "SELECT id, name FROM t",
        "SELECT id FROM t WHERE false -- nothing",
        "VALUES (1) LIMIT 0",
        "INSERT INTO t (id) SELECT 1 WHERE false RETURNING id, name",
        "DELETE FROM t WHERE id = 7 RETURNING id",
        "WITH gone AS (DELETE FROM t WHERE id = 7 RETURNING id) SELECT id FROM gone",
        "WITH a AS (SELECT 7 AS id), b (id) AS MATERIALIZED (SELECT id FROM a) \
         UPDATE t SET name = 'x' FROM b WHERE t.id = b.id RETURNING t.id",
    ] {
        assert_eq!(adapter.rows(sql, &[]).await.len(), 0, "{sql}");
    }
    let nothing = adapter.rows("SELECT NULL AS a, NULL AS b", &[]).await;
    assert_eq!(format!("{nothing:?}"), r#"[[("a", PgValue::Null), ("b", PgValue::Null)]]"#);
}

async fn rows_keep_their_order_and_their_columns(adapter: &mut Adapter) {
    let sql = "SELECT n AS a, n * 2 AS a, 'x' || n FROM generate_series(1, $1) AS n ORDER BY n % 3, n DESC";
    let rows = adapter.rows(sql, &[PgValue::Int4(100)]).await;
    let mut expected: Vec<i32> = (1..=100).collect();
    expected.sort_by_key(|n| (n % 3, -n));
    for (row, n) in rows.iter().zip(&expected) {
        let columns = format!(
            r#"[("a", PgValue::Int4({n})), ("a", PgValue::Int4({})), ("?column?", PgValue::Text("x{n}"))]"#,
            n * 2
        );
        assert_eq!(format!("{row:?}"), columns);
    }
    assert_eq!(rows.len(), expected.len());
}

async fn effects_take_place(adapter: &mut Adapter) {
    let inserted =
        adapter.value("INSERT INTO t (id, name) VALUES ($1, 'a') RETURNING id", &[PgValue::Int8(1)]).await;
    assert_eq!(inserted, "PgValue::Int8(1)");
    let moved = "WITH gone AS (DELETE FROM t RETURNING id, name) \
                 INSERT INTO t (id, name) SELECT id + 1, name FROM gone RETURNING (SELECT count(*) FROM gone)";
    assert_eq!(adapter.value(moved, &[]).await, "PgValue::Int8(1)");
    assert_eq!(adapter.rows("UPDATE t SET name = 'b'", &[]).await.len(), 0);
    assert_eq!(adapter.value("SELECT name FROM t WHERE id = 2;", &[]).await, "PgValue::Text(\"b\")");

    let query = adapter.adapter.wasmcloud_postgres_query();
    query.call_query_batch(&mut adapter.store, "TRUNCATE t;").await.unwrap().unwrap();
    let refused = query.call_query_batch(&mut adapter.store, "TRUNCATE t; TRUNCATE t").await.unwrap();
    assert!(matches!(refused, Err(QueryError::InvalidQuery(_))), "{refused:?}");

    let prepared = adapter.adapter.wasmcloud_postgres_prepared();
    let insert = "INSERT INTO t (id) SELECT * FROM generate_series(1, CAST($1 AS bigint))";
    let token = prepared.call_prepare(&mut adapter.store, insert).await.unwrap().unwrap();
    let changed = prepared.call_exec(&mut adapter.store, &token, &[PgValue::Int8(3)]).await.unwrap();
    assert_eq!(changed.unwrap(), 3);
    let refused = prepared.call_exec(&mut adapter.store, &token, &[PgValue::Int8(3)]).await.unwrap();
    assert!(matches!(refused, Err(PreparedStatementExecError::QueryError(_))), "{refused:?}");
    assert!(prepared.call_prepare(&mut adapter.store, "BEGIN").await.unwrap().is_err());
}

async fn errors_say_what_is_at_fault(adapter: &mut Adapter) {
    let violated = adapter.query("INSERT INTO t (id) VALUES (1) RETURNING id", &[]).await;
    let Err(QueryError::Unexpected(text)) = violated else { panic!("{violated:?}") };
    assert_eq!(text, "SQLSTATE 23505: duplicate key value violates unique constraint \"t_pkey\"");
    for (sql, parameter, expected) in [
        ("SELECT * FROM missing", None, "InvalidQuery(\"SQLSTATE 42P01"),
        ("SELECT 1 +", None, "InvalidQuery(\"SQLSTATE 42601"),
        ("SELECT 1 / $1", Some(PgValue::Int4(0)), "InvalidParams(\"SQLSTATE 22012"),
        (
            "SELECT CAST($1 AS bigint)",
            Some(PgValue::Int4(1)),
            "InvalidParams(\"a parameter is not of the type",
        ),
        ("SET work_mem = '1MB'", None, "InvalidQuery(\"SET is not run here"),
        ("SELECT pg_sleep(60)", None, "Unexpected(\"database unavailable: SQLSTATE 57014"),
    ] {
        if sql.contains("pg_sleep") {
            // A setting of the session's own, shorter than what the adapter sets.
            adapter.rows("SELECT set_config('statement_timeout', '100', false)", &[]).await;
        }
        let refused = format!("{:?}", adapter.query(sql, parameter.as_slice()).await.unwrap_err());
        assert!(refused.contains(expected), "{sql}: {refused}");
    }
}

async fn sessions_have_their_settings(adapter: &mut Adapter) {
    // After the outage above the connection went back to Spin, so this is a new session.
    adapter.store.data_mut().opened.pop();
    for (name, value) in [("statement_timeout", "10s"), ("work_mem", "8MB"), ("waybill.events_token", TOKEN)]
    {
        assert_eq!(adapter.value(&format!("SHOW {name}"), &[]).await, format!("PgValue::Text({value:?})"));
    }
}
