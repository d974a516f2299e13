use waybill_postgres::Database;
use waybill_postgres::value::{Date, PgValue, QueryError, Time, encode_f64};

use crate::support::one;

/// Values that do not fit their parameter: the error names the parameter's number, the case and the type.
pub async fn values(database: &Database) {
    let text = |text: &str| PgValue::Text(text.to_owned());
    let cases = [
        ("smallint", PgValue::Int8(40_000), "int8", "int2"),
        ("integer", PgValue::BigInt(i64::MAX), "big-int", "int4"),
        ("oid", PgValue::Int4(-1), "int4", "oid"),
        ("real", PgValue::Float8(encode_f64(0.1)), "float8", "float4"),
        ("double precision", PgValue::Int8(i64::MAX), "int8", "float8"),
        ("integer", PgValue::Float8(encode_f64(1.0)), "float8", "int4"),
        ("integer", PgValue::Numeric("1.5".to_owned()), "numeric", "int4"),
        ("integer", text("5"), "text", "int4"),
        ("boolean", text("true"), "text", "bool"),
        ("bytea", text("x"), "text", "bytea"),
        ("text[]", text("{}"), "text", "_text"),
        ("text", PgValue::TextArray(Vec::new()), "text-array", "text"),
        ("text", PgValue::Int4(1), "int4", "text"),
        ("text", text("a\0b"), "text", "text"),
        ("varchar", PgValue::Varchar((None, vec![0xFF])), "varchar", "varchar"),
        ("uuid", text("not-a-uuid"), "text", "uuid"),
        ("uuid", PgValue::Uuid("0".to_owned()), "uuid", "uuid"),
        ("numeric", PgValue::Numeric("1,5".to_owned()), "numeric", "numeric"),
        ("date", PgValue::Date(Date::Ymd((2025, 2, 29))), "date", "date"),
        ("time", PgValue::Time(Time { hour: 25, min: 0, sec: 0, micro: 0 }), "time", "time"),
        ("bit(3)", PgValue::Bit((3, Vec::new())), "bit", "bit"),
        ("pg_snapshot", PgValue::TxidSnapshot(1), "txid-snapshot", "pg_snapshot"),
    ];
    for (ty, value, case, name) in cases {
        match one(database, &format!("SELECT $1::int4, $2::{ty}"), &[PgValue::Null, value.clone()]).await {
            Err(QueryError::InvalidParams(reason)) => {
                assert!(reason.starts_with(&format!("parameter $2: the {case} value")), "{reason}");
                assert!(reason.contains(&format!("type {name}:")), "{reason}");
            }
            other => panic!("{value:?} as {ty} gave {other:?}"),
        }
    }
    // What only the server can judge.
    for (ty, value) in
        [("json", text("{")), ("date", text("no day")), ("inet", PgValue::Inet("1.2.3".to_owned()))]
    {
        match one(database, &format!("SELECT $1::{ty}"), std::slice::from_ref(&value)).await {
            Err(QueryError::InvalidParams(reason)) => assert!(reason.starts_with("SQLSTATE 22"), "{reason}"),
            other => panic!("{value:?} as {ty} gave {other:?}"),
        }
    }
    for params in [&[][..], &[PgValue::Null, PgValue::Null]] {
        let given = database.query("SELECT $1::text", params).await;
        assert!(matches!(given, Err(QueryError::InvalidParams(_))), "{given:?}");
    }
    unreadable(database).await;
}

/// Columns that no case holds: the error names column and type and says what to do.
async fn unreadable(database: &Database) {
    let columns = [
        ("'1 month'::interval", "interval"),
        ("'1'::money", "money"),
        ("'{1,1,0}'::line", "line"),
        ("'[1,2)'::int4range", "int4range"),
        ("ARRAY[1, NULL]", "_int4"),
        ("ARRAY[[1], [2]]", "_int4"),
        ("'[2026-01-01,)'::daterange", "daterange"),
        ("ROW(1, 2)", "record"),
    ];
    for (expression, ty) in columns {
        match one(database, &format!("SELECT {expression} AS odd"), &[]).await {
            Err(QueryError::Unexpected(reason)) => {
                assert!(
                    reason.contains("odd") && reason.contains(ty) && reason.contains("cast it to text"),
                    "{reason}"
                );
            }
            other => panic!("{expression} gave {other:?}"),
        }
    }
}

/// Statements at fault, and what each is told as.
pub async fn statements(database: &Database) {
    database.query_batch("CREATE TABLE unit (id int CONSTRAINT unit_once UNIQUE, n int CONSTRAINT n_natural CHECK (n > 0))").await.unwrap();
    database.query("INSERT INTO unit VALUES (1, 1)", &[]).await.unwrap();

    let unexpected = async |sql: &str| match database.query(sql, &[]).await {
        Err(QueryError::Unexpected(reason)) => reason,
        other => panic!("{sql} gave {other:?}"),
    };
    let reason = unexpected("INSERT INTO unit VALUES (1, 1)").await;
    assert!(reason.starts_with("SQLSTATE 23505: ") && reason.contains("unit_once"), "{reason}");
    let reason = unexpected("INSERT INTO unit VALUES (2, 0)").await;
    assert!(reason.starts_with("SQLSTATE 23514: ") && reason.contains("n_natural"), "{reason}");

    for sql in ["SELEC 1", "SELECT * FROM nowhere", "SELECT nothing FROM unit", "SELECT 1; SELECT 2"] {
        let given = database.query(sql, &[]).await;
        assert!(
            matches!(&given, Err(QueryError::InvalidQuery(reason)) if reason.starts_with("SQLSTATE 42")),
            "{given:?}"
        );
    }
    let given = database.query_batch("INSERT INTO unit VALUES (3, 1); SELEC").await;
    assert!(matches!(given, Err(QueryError::InvalidQuery(_))), "{given:?}");
    let given = database.query("SELECT 1 / 0", &[]).await;
    assert!(matches!(given, Err(QueryError::InvalidParams(_))), "{given:?}");

    // The connection is as good as before.
    assert_eq!(one(database, "SELECT count(*) FROM unit", &[]).await, Ok(PgValue::Int8(1)));
}
