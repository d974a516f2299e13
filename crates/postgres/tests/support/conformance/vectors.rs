use waybill_postgres::Database;
use waybill_postgres::value::{
    Date, MacAddressEui48, MacAddressEui64, Offset, PgValue, Time, TimeTz, Timestamp, TimestampTz,
    encode_f32, encode_f64,
};

use super::scalars::{new_year, point};
use super::{becomes, same};

fn words() -> Vec<String> {
    ["", "NULL", "a,b", "{}", "\"q\"", "back\\slash", " ünï "].map(str::to_owned).to_vec()
}

pub async fn round_trip(database: &Database) {
    plain(database).await;
    times(database).await;
    others(database).await;
}

async fn plain(database: &Database) {
    same(database, "bool[]", PgValue::BoolArray(vec![true, false])).await;
    same(database, "int2[]", PgValue::Int2Array(vec![i16::MIN, 0, i16::MAX])).await;
    same(database, "int4[]", PgValue::Int4Array(vec![i32::MIN, 0, i32::MAX])).await;
    same(database, "int8[]", PgValue::Int8Array(vec![i64::MIN, 0, i64::MAX])).await;
    same(database, "int8[]", PgValue::Int8Array(Vec::new())).await;
    becomes(database, "int4[]", PgValue::Int8Array(vec![1, 2]), PgValue::Int4Array(vec![1, 2])).await;
    let floats = [0.1, f64::NAN, f64::NEG_INFINITY, -0.0, 1e300];
    same(database, "float8[]", PgValue::Float8Array(floats.map(encode_f64).to_vec())).await;
    same(database, "float4[]", PgValue::Float4Array([0.1, f32::MAX].map(encode_f32).to_vec())).await;
    same(database, "numeric[]", PgValue::NumericArray(["1.50", "NaN", "-0.001"].map(str::to_owned).to_vec()))
        .await;
    same(database, "text[]", PgValue::TextArray(words())).await;
    let bytes = || words().into_iter().map(|word| (None, word.into_bytes())).collect();
    same(database, "varchar[]", PgValue::VarcharArray(bytes())).await;
    same(database, "char(2)[]", PgValue::CharArray(vec![(2, b"ab".to_vec()), (2, b"c ".to_vec())])).await;
    same(database, "name[]", PgValue::NameArray(vec!["a".to_owned(), "b c".to_owned()])).await;
    same(database, "bytea[]", PgValue::ByteaArray(vec![(0..=255).collect(), Vec::new()])).await;
    let uuids = vec!["0193fbf0-6c2a-7c5e-9b1a-2f3e4d5c6b7a".to_owned()];
    same(database, "uuid[]", PgValue::UuidArray(uuids)).await;
    let json = || vec!["{\"a\": \"b,\\\"c\"}".to_owned(), "null".to_owned()];
    same(database, "json[]", PgValue::JsonArray(json())).await;
    same(database, "jsonb[]", PgValue::JsonbArray(json())).await;
}

async fn times(database: &Database) {
    let date = Date::Ymd((2026, 11, 24));
    let time = Time { hour: 6, min: 5, sec: 4, micro: 30_201 };
    let timestamp = Timestamp { date, time };
    let utc = TimestampTz { timestamp, offset: Offset::EasternHemisphereSecs(0) };
    let zoned = TimeTz { timesonze: "-03:30".to_owned(), time };
    same(database, "date[]", PgValue::DateArray(vec![date, Date::Ymd((-43, 3, 15)), Date::NegativeInfinity]))
        .await;
    same(database, "time[]", PgValue::TimeArray(vec![time, time])).await;
    same(database, "timetz[]", PgValue::TimeTzArray(vec![zoned])).await;
    same(database, "timestamp[]", PgValue::TimestampArray(vec![timestamp])).await;
    same(database, "timestamptz[]", PgValue::TimestampTzArray(vec![utc, utc])).await;
    same(database, "daterange[]", PgValue::IntervalArray(vec![new_year()])).await;
}

async fn others(database: &Database) {
    same(database, "inet[]", PgValue::InetArray(vec!["10.0.0.1".to_owned(), "::1".to_owned()])).await;
    same(database, "cidr[]", PgValue::CidrArray(vec!["10.0.0.0/8".to_owned()])).await;
    same(database, "macaddr[]", PgValue::MacaddrArray(vec![MacAddressEui48 { bytes: (1, 2, 3, 4, 5, 6) }]))
        .await;
    let eight = MacAddressEui64 { bytes: (1, 2, 3, 4, 5, 6, 7, 8) };
    same(database, "macaddr8[]", PgValue::Macaddr8Array(vec![eight])).await;
    same(database, "bit(3)[]", PgValue::BitArray(vec![(3, vec![0b1010_0000]), (3, vec![0])])).await;
    same(database, "varbit[]", PgValue::VarbitArray(vec![(Some(0), Vec::new()), (Some(9), vec![255, 128])]))
        .await;
    let (a, b) = (point(-1.5, 0.1), point(2.0, 3.25));
    same(database, "point[]", PgValue::PointArray(vec![a, b])).await;
    same(database, "lseg[]", PgValue::LsegArray(vec![(a, b)])).await;
    same(database, "box[]", PgValue::BoxArray(vec![(a, b), (a, b)])).await;
    same(database, "circle[]", PgValue::CircleArray(vec![(a, encode_f64(0.5))])).await;
    same(database, "path[]", PgValue::PathArray(vec![vec![a, b], vec![b]])).await;
    same(database, "polygon[]", PgValue::PolygonArray(vec![vec![a, b, a]])).await;
    same(database, "pg_lsn[]", PgValue::PgLsnArray(vec![0, u64::MAX])).await;
    same(database, "int2vector[]", PgValue::Int2VectorArray(vec![vec![1, 2], vec![-3]])).await;
}
