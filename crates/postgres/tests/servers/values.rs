//! The values of the SQL link, and the errors of values and statements.

use waybill_contracts::sql::{QueryFailure, SqlValue};
use waybill_postgres::{Database, Error, Execution};

use crate::support::{fresh, one, query};

async fn database() -> Database {
    Database::connect(fresh().await).await.unwrap()
}

fn text(text: &str) -> SqlValue {
    SqlValue::Text(text.to_owned())
}

fn uuid(text: &str) -> SqlValue {
    SqlValue::Uuid(text.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supported_value_comes_back_as_it_was_sent() {
    let database = database().await;
    let long = "ü".repeat(100_000);
    for (ty, values) in [
        ("boolean", vec![SqlValue::Bool(true), SqlValue::Bool(false)]),
        ("smallint", [i16::MIN, -1, 0, i16::MAX].map(SqlValue::Int2).to_vec()),
        ("integer", [i32::MIN, -1, 0, i32::MAX].map(SqlValue::Int4).to_vec()),
        ("bigint", [i64::MIN, -1, 0, i64::MAX].map(SqlValue::Int8).to_vec()),
        ("text", ["", " ", "a'b\\ü\u{1f9fe}", "NULL", long.as_str()].map(text).to_vec()),
        ("varchar", vec![text(""), text("v")]),
        ("char(3)", vec![text("c  ")]),
        (
            "uuid",
            [
                "00000000-0000-0000-0000-000000000000",
                "0193fbf0-6c2a-7c5e-9b1a-2f3e4d5c6b7a",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ]
            .map(uuid)
            .to_vec(),
        ),
    ] {
        for value in values.into_iter().chain([SqlValue::Null]) {
            let given =
                one(&database, &format!("SELECT CAST($1 AS {ty})"), std::slice::from_ref(&value)).await;
            assert_eq!(given, Ok(value), "{ty}");
        }
    }
    let names = database.query("SELECT 1 AS a, NULL AS a, 'x' || 'y'", Execution::Plain, &[]).await.unwrap();
    let names: Vec<_> = names[0].entries().map(|entry| entry.unwrap().0.to_owned()).collect();
    assert_eq!(names, ["a", "a", "?column?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_another_type_is_refused_with_the_cast() {
    let database = database().await;
    for (ty, value, given, taken) in [
        ("smallint", SqlValue::Int4(1), "integer", "int2"),
        ("integer", SqlValue::Int8(1), "bigint", "int4"),
        ("bigint", SqlValue::Int4(1), "integer", "int8"),
        ("integer", text("5"), "text", "int4"),
        ("boolean", text("true"), "text", "bool"),
        ("uuid", text("0193fbf0-6c2a-7c5e-9b1a-2f3e4d5c6b7a"), "text", "uuid"),
        ("text", uuid("0193fbf0-6c2a-7c5e-9b1a-2f3e4d5c6b7a"), "uuid", "text"),
        ("jsonb", text("{}"), "text", "jsonb"),
        ("numeric", SqlValue::Int8(1), "bigint", "numeric"),
        ("text[]", text("{}"), "text", "_text"),
    ] {
        let sql = format!("SELECT CAST($1 AS integer)::text || CAST($2 AS {ty})::text");
        let expected =
            format!("parameter $2 is {given} and the statement takes {taken}; cast it: CAST($2 AS {given})");
        let refused = one(&database, &sql, &[SqlValue::Null, value]).await;
        assert_eq!(refused, Err(QueryFailure::InvalidParams(expected)));
    }
    // Null has no type, and what a cast takes is any value.
    assert_eq!(one(&database, "SELECT CAST($1 AS jsonb)::text", &[SqlValue::Null]).await, Ok(SqlValue::Null));
    let json = one(&database, "SELECT CAST(CAST($1 AS text) AS jsonb)::text", &[text("[1,2]")]).await;
    assert_eq!(json, Ok(text("[1, 2]")));
    // Only the server can judge these.
    for (sql, value) in [
        ("SELECT CAST($1 AS uuid)", uuid("not a uuid")),
        ("SELECT CAST($1 AS text)", text("a\0b")),
        ("SELECT CAST(CAST($1 AS text) AS date)::text", text("no day")),
    ] {
        let refused = one(&database, sql, &[value]).await;
        assert!(
            matches!(&refused, Err(QueryFailure::InvalidParams(text)) if text.starts_with("SQLSTATE 22")),
            "{refused:?}"
        );
    }
    for params in [&[][..], &[SqlValue::Null, SqlValue::Null]] {
        let refused = query(&database, "SELECT CAST($1 AS text)", params).await;
        assert!(matches!(refused, Err(QueryFailure::InvalidParams(_))), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_an_unsupported_type_is_refused_before_anything_is_changed() {
    let database = database().await;
    database.query_batch("CREATE TABLE changed (id integer); CREATE TYPE mood AS ENUM ('ok')").await.unwrap();
    for (expression, ty) in [
        ("1.5", "numeric"),
        ("1.5::float8", "float8"),
        ("1.5::float4", "float4"),
        ("'x'::bytea", "bytea"),
        ("'{}'::json", "json"),
        ("'{}'::jsonb", "jsonb"),
        ("now()", "timestamptz"),
        ("now()::timestamp", "timestamp"),
        ("now()::date", "date"),
        ("now()::time", "time"),
        ("'1 month'::interval", "interval"),
        ("'1'::money", "money"),
        ("'10.0.0.1'::inet", "inet"),
        ("'(1,2)'::point", "point"),
        ("'[1,2)'::int4range", "int4range"),
        ("ARRAY[1, 2]", "int4[]"),
        ("ARRAY['a']", "text[]"),
        ("ROW(1, 2)", "record"),
        ("'ok'::mood", "mood"),
        ("'a'::name", "name"),
    ] {
        let insert = format!("INSERT INTO changed VALUES (1) RETURNING id, {expression} AS odd");
        for sql in [
            insert.clone(),
            format!("-- waybill: group commit\n{insert}"),
            format!("-- waybill: serialized group commit\n{insert}"),
        ] {
            let refused = query(&database, &sql, &[]).await;
            let expected = format!(
                "the column odd is of type {ty}, which the SQL link does not carry; cast it to text: CAST(odd AS text)"
            );
            assert_eq!(refused, Err(QueryFailure::InvalidQuery(expected)));
        }
        let cast = format!("INSERT INTO changed VALUES (2) RETURNING CAST({expression} AS text) AS odd");
        assert!(matches!(one(&database, &cast, &[]).await, Ok(SqlValue::Text(_))), "{cast}");
    }
    let changed = one(&database, "SELECT count(*) FROM changed WHERE id = 1", &[]).await;
    assert_eq!(changed, Ok(SqlValue::Int8(0)));
    // Rust code that knows its types takes them all.
    let rows = database.rows("SELECT ARRAY[1, 2], 1.5::float8", &[]).await.unwrap();
    assert_eq!((rows[0].get::<_, Vec<i32>>(0), rows[0].get::<_, f64>(1)), (vec![1, 2], 1.5));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_what_is_at_fault() {
    let database = database().await;
    let table = "CREATE TABLE unit (id int CONSTRAINT unit_once UNIQUE, n int CONSTRAINT n_natural CHECK (n > 0), \
                 t text NOT NULL DEFAULT '')";
    database.query_batch(table).await.unwrap();
    query(&database, "INSERT INTO unit VALUES (1, 1)", &[]).await.unwrap();
    for (sql, code, constraint) in [
        ("INSERT INTO unit VALUES (1, 1)", "23505", "unit_once"),
        ("INSERT INTO unit VALUES (2, 0)", "23514", "n_natural"),
        ("INSERT INTO unit VALUES (2, 1, NULL)", "23502", ""),
    ] {
        let error = database.query(sql, Execution::Plain, &[]).await.unwrap_err();
        let Error::Constraint { name, sqlstate, .. } = &error else { panic!("{error:?}") };
        assert_eq!((name.as_str(), sqlstate.as_str()), (constraint, code));
        let QueryFailure::Unexpected(text) = QueryFailure::from(&error) else { panic!("{error:?}") };
        assert!(text.starts_with(&format!("SQLSTATE {code}: ")) && text.contains(constraint), "{text}");
    }
    for sql in ["SELEC 1", "SELECT * FROM nowhere", "SELECT nothing FROM unit", "SELECT 1; SELECT 2"] {
        let given = query(&database, sql, &[]).await;
        assert!(
            matches!(&given, Err(QueryFailure::InvalidQuery(reason)) if reason.starts_with("SQLSTATE 42")),
            "{given:?}"
        );
    }
    let given = database.query_batch("INSERT INTO unit VALUES (3, 1); SELEC").await;
    assert!(matches!(given, Err(Error::InvalidStatement { .. })), "{given:?}");
    let given = query(&database, "SELECT 1 / 0", &[]).await;
    assert!(matches!(given, Err(QueryFailure::InvalidParams(_))), "{given:?}");
    let wrong = database.rows("SELECT $1::int4", &[&1_i64]).await;
    assert!(matches!(wrong, Err(Error::InvalidParameters { .. })), "{wrong:?}");
    let read_only = database.query_batch("BEGIN READ ONLY; DELETE FROM unit").await;
    assert!(matches!(&read_only, Err(error @ Error::ReadOnly(_)) if error.is_unavailable()), "{read_only:?}");
    // The connection is as good as before.
    assert_eq!(one(&database, "SELECT count(*) FROM unit", &[]).await, Ok(SqlValue::Int8(1)));
}
