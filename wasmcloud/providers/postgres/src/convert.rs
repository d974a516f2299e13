//! The values of the interface, between the types that wRPC carries and those of `crates/postgres`. Both are written after
//! the same WIT: case by case and field by field the same, but that lists of bytes are `Bytes` on one side.

use bytes::Bytes;
use waybill_postgres::value as ours;

use crate::bindings::wasmcloud::postgres::types as theirs;

/// Parameters as the database takes them.
pub fn params_of(params: Vec<theirs::PgValue>) -> Vec<ours::PgValue> {
    params.carry()
}

/// A row as it is sent.
pub fn row_of(row: ours::ResultRow) -> theirs::ResultRow {
    row.carry()
}

/// An error as it is sent.
pub fn failed(error: ours::QueryError) -> theirs::QueryError {
    match error {
        ours::QueryError::InvalidParams(text) => theirs::QueryError::InvalidParams(text),
        ours::QueryError::InvalidQuery(text) => theirs::QueryError::InvalidQuery(text),
        ours::QueryError::Unexpected(text) => theirs::QueryError::Unexpected(text),
    }
}

/// Becomes the same value on the other side.
trait Carry<Other> {
    fn carry(self) -> Other;
}

macro_rules! same {
    ($($kind:ty),*) => {
        $(impl Carry<$kind> for $kind {
            fn carry(self) -> $kind {
                self
            }
        })*
    };
}

same!(bool, u8, u16, u32, u64, i8, i16, i32, i64, String);

impl Carry<Vec<u8>> for Bytes {
    fn carry(self) -> Vec<u8> {
        self.into()
    }
}

impl Carry<Bytes> for Vec<u8> {
    fn carry(self) -> Bytes {
        self.into()
    }
}

impl<T: Carry<Other>, Other> Carry<Vec<Other>> for Vec<T> {
    fn carry(self) -> Vec<Other> {
        self.into_iter().map(Carry::carry).collect()
    }
}

impl<T: Carry<Other>, Other> Carry<Option<Other>> for Option<T> {
    fn carry(self) -> Option<Other> {
        self.map(Carry::carry)
    }
}

macro_rules! tuples {
    ($(($($from:ident $to:ident $index:tt),*))*) => {
        $(impl<$($from: Carry<$to>, $to),*> Carry<($($to,)*)> for ($($from,)*) {
            fn carry(self) -> ($($to,)*) {
                ($(self.$index.carry(),)*)
            }
        })*
    };
}

tuples! {
    (A B 0, C D 1)
    (A B 0, C D 1, E F 2)
    (A B 0, C D 1, E F 2, G H 3, I J 4, K L 5)
    (A B 0, C D 1, E F 2, G H 3, I J 4, K L 5, M N 6, O P 7)
}

/// Both directions of a record or a variant.
macro_rules! both {
    (record $name:ident { $($field:ident),* }) => {
        both!(@record ours theirs $name $($field)*);
        both!(@record theirs ours $name $($field)*);
    };
    (variant $name:ident { $($plain:ident),* | $($case:ident),* }) => {
        both!(@variant ours theirs $name { $($plain)* } $($case)*);
        both!(@variant theirs ours $name { $($plain)* } $($case)*);
    };
    (@record $from:ident $to:ident $name:ident $($field:ident)*) => {
        impl Carry<$to::$name> for $from::$name {
            fn carry(self) -> $to::$name {
                $to::$name { $($field: self.$field.carry()),* }
            }
        }
    };
    (@variant $from:ident $to:ident $name:ident { $($plain:ident)* } $($case:ident)*) => {
        impl Carry<$to::$name> for $from::$name {
            fn carry(self) -> $to::$name {
                match self {
                    $($from::$name::$plain => $to::$name::$plain,)*
                    $($from::$name::$case(value) => $to::$name::$case(value.carry()),)*
                }
            }
        }
    };
}

both!(record Interval { start, start_inclusive, end, end_inclusive });
both!(record Lexeme { position, weight, data });
both!(record MacAddressEui48 { bytes });
both!(record MacAddressEui64 { bytes });
both!(record ResultRowEntry { column_name, value });
both!(record Time { hour, min, sec, micro });
both!(record TimeTz { timesonze, time });
both!(record Timestamp { date, time });
both!(record TimestampTz { timestamp, offset });
both!(variant Date { PositiveInfinity, NegativeInfinity | Ymd });
both!(variant LexemeWeight { A, B, C, D | });
both!(variant Offset { | EasternHemisphereSecs, WesternHemisphereSecs });
both!(variant PgValue {
    Null |
    BigInt, Int8, Int8Array, BigSerial, Serial8, Bool, Boolean, BoolArray, Double, Float8, Float8Array,
    Real, Float4, Float4Array, Integer, Int, Int4, Int4Array, Numeric, Decimal, NumericArray, Serial,
    Serial4, SmallInt, Int2, Int2Array, Int2Vector, Int2VectorArray, SmallSerial, Serial2, Bit,
    BitArray, BitVarying, Varbit, VarbitArray, Bytea, ByteaArray, Char, CharArray, Varchar,
    VarcharArray, Cidr, CidrArray, Inet, InetArray, Macaddr, MacaddrArray, Macaddr8, Macaddr8Array, Box,
    BoxArray, Circle, CircleArray, Line, LineArray, Lseg, LsegArray, Path, PathArray, Point, PointArray,
    Polygon, PolygonArray, Date, DateArray, Interval, IntervalArray, Time, TimeArray, TimeTz,
    TimeTzArray, Timestamp, TimestampArray, TimestampTz, TimestampTzArray, Json, JsonArray, Jsonb,
    JsonbArray, Money, MoneyArray, PgLsn, PgLsnArray, PgSnapshot, TxidSnapshot, Name, NameArray, Text,
    TextArray, Xml, XmlArray, TsQuery, TsVector, Uuid, UuidArray, Hstore
});
