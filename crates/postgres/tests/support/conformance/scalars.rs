use waybill_postgres::Database;
use waybill_postgres::value::{
    Date, Interval, Lexeme, LexemeWeight, MacAddressEui48, MacAddressEui64, Offset, PgValue, Point, Time,
    TimeTz, Timestamp, TimestampTz, encode_f32, encode_f64,
};

use super::{becomes, same};
use crate::support::text;

pub async fn round_trip(database: &Database) {
    numbers(database).await;
    texts(database).await;
    times(database).await;
    addresses_and_bits(database).await;
    shapes(database).await;
    systems(database).await;
    types_of_the_user(database).await;
}

async fn numbers(database: &Database) {
    for value in [true, false] {
        same(database, "boolean", PgValue::Bool(value)).await;
        becomes(database, "boolean", PgValue::Boolean(value), PgValue::Bool(value)).await;
    }
    for value in [i16::MIN, -1, 0, i16::MAX] {
        same(database, "smallint", PgValue::Int2(value)).await;
    }
    for value in [i32::MIN, -1, 0, i32::MAX] {
        same(database, "integer", PgValue::Int4(value)).await;
    }
    for value in [i64::MIN, -1, 0, i64::MAX] {
        same(database, "bigint", PgValue::Int8(value)).await;
    }
    becomes(database, "oid", PgValue::Int8(4_294_967_295), PgValue::Int8(4_294_967_295)).await;
    for value in [0.0, -0.0, 0.1, -1e300, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        same(database, "double precision", PgValue::Float8(encode_f64(value))).await;
    }
    for value in [0.0, -0.0, 0.1, -1e30, 1e-45, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
        same(database, "real", PgValue::Float4(encode_f32(value))).await;
    }
    for value in [
        "0",
        "0.00",
        "-1.50",
        "12345678901234567890123456789012345678901234567890.000000000000000000001",
        "0.00000000000000000001",
        "10000",
        "100000000.0001",
        "NaN",
        "Infinity",
        "-Infinity",
    ] {
        same(database, "numeric", PgValue::Numeric(value.to_owned())).await;
    }
    becomes(
        database,
        "numeric(10,2)",
        PgValue::Decimal("1.5".to_owned()),
        PgValue::Numeric("1.50".to_owned()),
    )
    .await;
    assert_eq!(
        text(database, "SELECT ($1::money)::numeric::text", &[PgValue::Money("12.34".to_owned())]).await,
        "12.34"
    );

    // Neighbours: what fits is taken, exactly.
    becomes(database, "smallint", PgValue::Int8(-7), PgValue::Int2(-7)).await;
    becomes(database, "bigint", PgValue::SmallInt(7), PgValue::Int8(7)).await;
    becomes(database, "integer", PgValue::Serial(7), PgValue::Int4(7)).await;
    becomes(database, "numeric", PgValue::BigInt(i64::MIN), PgValue::Numeric(i64::MIN.to_string())).await;
    becomes(database, "double precision", PgValue::Int(7), PgValue::Float8(encode_f64(7.0))).await;
    becomes(database, "double precision", PgValue::Real(encode_f32(0.5)), PgValue::Float8(encode_f64(0.5)))
        .await;
    becomes(database, "real", PgValue::Double((5, -1, 1)), PgValue::Float4(encode_f32(2.5))).await;
    becomes(database, "numeric", PgValue::Double(encode_f64(0.1)), PgValue::Numeric("0.1".to_owned())).await;
    becomes(database, "integer", PgValue::Numeric("42".to_owned()), PgValue::Int4(42)).await;
    for ty in ["boolean", "bigint", "numeric", "text", "uuid", "jsonb", "date", "int[]"] {
        same(database, ty, PgValue::Null).await;
    }
}

async fn texts(database: &Database) {
    for value in ["", "plain", "ünïcödé 🦀", "it's \"quoted\" \\ and\nbroken", "NULL"] {
        same(database, "text", PgValue::Text(value.to_owned())).await;
        same(database, "varchar", PgValue::Varchar((None, value.as_bytes().to_vec()))).await;
        becomes(database, "varchar", PgValue::Text(value.to_owned()), PgValue::Varchar((None, value.into())))
            .await;
    }
    becomes(database, "char(5)", PgValue::Char((2, b"ab".to_vec())), PgValue::Char((5, b"ab   ".to_vec())))
        .await;
    same(database, "name", PgValue::Name("a_table".to_owned())).await;
    same(database, "bytea", PgValue::Bytea((0..=255).collect())).await;
    same(database, "bytea", PgValue::Bytea(Vec::new())).await;
    let uuid = "0193fbf0-6c2a-7c5e-9b1a-2f3e4d5c6b7a";
    same(database, "uuid", PgValue::Uuid(uuid.to_owned())).await;
    becomes(database, "uuid", PgValue::Text(uuid.to_uppercase()), PgValue::Uuid(uuid.to_owned())).await;
    becomes(database, "text", PgValue::Uuid(uuid.to_owned()), PgValue::Text(uuid.to_owned())).await;
    let json = "{\"b\" :  1,\"a\": [1.50, null]}";
    same(database, "json", PgValue::Json(json.to_owned())).await;
    becomes(database, "json", PgValue::Text(json.to_owned()), PgValue::Json(json.to_owned())).await;
    same(database, "jsonb", PgValue::Jsonb("{\"a\": [1.50, null], \"b\": 1}".to_owned())).await;
    becomes(database, "jsonb", PgValue::Text("7".to_owned()), PgValue::Jsonb("7".to_owned())).await;
    becomes(database, "numeric", PgValue::Text("1.50".to_owned()), PgValue::Numeric("1.50".to_owned())).await;
    // A parameter whose type nothing tells is text.
    let given = crate::support::one(database, "SELECT $1 AS value", &[PgValue::Text("x".to_owned())]).await;
    assert_eq!(given, Ok(PgValue::Text("x".to_owned())));
}

const MORNING: Time = Time { hour: 6, min: 5, sec: 4, micro: 30_201 };

async fn times(database: &Database) {
    let days = [
        (2026, 11, 24),
        (2000, 2, 29),
        (1, 1, 1),
        (0, 12, 31),
        (-4712, 1, 1),
        (294_276, 12, 31),
        (1969, 12, 31),
    ];
    for ymd in days {
        same(database, "date", PgValue::Date(Date::Ymd(ymd))).await;
        let timestamp = Timestamp { date: Date::Ymd(ymd), time: MORNING };
        same(database, "timestamp", PgValue::Timestamp(timestamp)).await;
        let utc = TimestampTz { timestamp, offset: Offset::EasternHemisphereSecs(0) };
        same(database, "timestamptz", PgValue::TimestampTz(utc)).await;
    }
    let midnight = Time { hour: 0, min: 0, sec: 0, micro: 0 };
    for date in [Date::PositiveInfinity, Date::NegativeInfinity] {
        same(database, "date", PgValue::Date(date)).await;
        same(database, "timestamp", PgValue::Timestamp(Timestamp { date, time: midnight })).await;
    }
    for time in [
        midnight,
        MORNING,
        Time { hour: 23, min: 59, sec: 59, micro: 999_999 },
        Time { hour: 24, ..midnight },
    ] {
        same(database, "time", PgValue::Time(time)).await;
        for zone in ["+00:00", "-03:30", "+13:45"] {
            same(database, "timetz", PgValue::TimeTz(TimeTz { timesonze: zone.to_owned(), time })).await;
        }
    }
    let berlin = TimestampTz {
        timestamp: Timestamp {
            date: Date::Ymd((2026, 1, 1)),
            time: Time { hour: 0, min: 30, sec: 0, micro: 1 },
        },
        offset: Offset::EasternHemisphereSecs(3600),
    };
    let same_instant = TimestampTz {
        timestamp: Timestamp {
            date: Date::Ymd((2025, 12, 31)),
            time: Time { hour: 23, min: 30, sec: 0, micro: 1 },
        },
        offset: Offset::EasternHemisphereSecs(0),
    };
    becomes(database, "timestamptz", PgValue::TimestampTz(berlin), PgValue::TimestampTz(same_instant)).await;
    let rfc3339 = PgValue::Text("2026-01-01T00:30:00.000001+01:00".to_owned());
    becomes(database, "timestamptz", rfc3339, PgValue::TimestampTz(same_instant)).await;
    same(database, "daterange", PgValue::Interval(new_year())).await;
}

/// From the last day of a year to the first of the next, the form that PostgreSQL gives back.
pub(super) fn new_year() -> Interval {
    Interval {
        start: Date::Ymd((2025, 12, 31)),
        start_inclusive: true,
        end: Date::Ymd((2026, 1, 2)),
        end_inclusive: false,
    }
}

async fn addresses_and_bits(database: &Database) {
    for value in ["192.168.1.7", "192.168.1.7/24", "2001:db8::1", "2001:db8::1/64", "::ffff:1.2.3.4"] {
        same(database, "inet", PgValue::Inet(value.to_owned())).await;
    }
    for value in ["192.168.1.0/24", "10.0.0.1/32", "2001:db8::/32"] {
        same(database, "cidr", PgValue::Cidr(value.to_owned())).await;
    }
    same(database, "macaddr", PgValue::Macaddr(MacAddressEui48 { bytes: (8, 0, 43, 1, 2, 255) })).await;
    same(database, "macaddr8", PgValue::Macaddr8(MacAddressEui64 { bytes: (8, 0, 43, 1, 2, 255, 0, 1) }))
        .await;
    same(database, "bit(10)", PgValue::Bit((10, vec![0b1010_0110, 0b0100_0000]))).await;
    same(database, "varbit", PgValue::Varbit((Some(3), vec![0b1010_0000]))).await;
    becomes(database, "varbit", PgValue::BitVarying((None, vec![5])), PgValue::Varbit((Some(8), vec![5])))
        .await;
}

pub(super) fn point(x: f64, y: f64) -> Point {
    (encode_f64(x), encode_f64(y))
}

async fn shapes(database: &Database) {
    let (a, b, c) = (point(-1.5, 0.1), point(2.0, 3.25), point(1e100, -1e-100));
    same(database, "point", PgValue::Point(c)).await;
    same(database, "lseg", PgValue::Lseg((a, b))).await;
    same(database, "box", PgValue::Box((a, b))).await;
    same(database, "circle", PgValue::Circle((a, encode_f64(0.3)))).await;
    same(database, "path", PgValue::Path(vec![a, b, c])).await;
    same(database, "polygon", PgValue::Polygon(vec![a, b, c])).await;
    let line = PgValue::Line((point(0.0, 0.0), point(1.0, 1.0)));
    assert_eq!(text(database, "SELECT ($1::line)::text", &[line]).await, "{1,-1,0}");
}

async fn systems(database: &Database) {
    same(database, "pg_lsn", PgValue::PgLsn(0x16_B374_D848)).await;
    same(database, "pg_snapshot", PgValue::PgSnapshot((10, 20, vec![10, 14, 15]))).await;
    same(database, "int2vector", PgValue::Int2Vector(vec![1, -2, 3])).await;
    let lexemes = vec![
        Lexeme { position: Some(3), weight: Some(LexemeWeight::A), data: "cat's".to_owned() },
        Lexeme { position: Some(5), weight: Some(LexemeWeight::D), data: "cat's".to_owned() },
        Lexeme { position: None, weight: None, data: "rat\\".to_owned() },
    ];
    same(database, "tsvector", PgValue::TsVector(lexemes)).await;
    let query = PgValue::TsQuery("'fat' & 'rat'".to_owned());
    assert_eq!(text(database, "SELECT ($1::tsquery)::text", &[query]).await, "'fat' & 'rat'");
}

async fn types_of_the_user(database: &Database) {
    database.query_batch("CREATE TYPE mood AS ENUM ('sad', 'ok')").await.unwrap();
    database.query_batch("CREATE DOMAIN natural_number AS bigint CHECK (VALUE > 0)").await.unwrap();
    same(database, "mood", PgValue::Text("ok".to_owned())).await;
    same(database, "mood[]", PgValue::TextArray(vec!["ok".to_owned(), "sad".to_owned()])).await;
    same(database, "natural_number", PgValue::Int8(5)).await;
}
