//! The 97 cases.

#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

use super::{
    CenterPoint, Date, EndPoint, HashableF32, HashableF64, Interval, Lexeme, LowerLeftPoint, MacAddressEui48,
    MacAddressEui64, Numeric, Point, Radius, StartPoint, Time, TimeTz, Timestamp, TimestampTz,
    UpperRightPoint, XipList, Xmax, Xmin,
};

/// A value of any PostgreSQL type.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each case is named after the PostgreSQL type that it stands for")]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(variant))]
pub enum PgValue {
    #[cfg_attr(feature = "component", component(name = "null"))]
    Null,
    #[cfg_attr(feature = "component", component(name = "big-int"))]
    BigInt(i64),
    #[cfg_attr(feature = "component", component(name = "int8"))]
    Int8(i64),
    #[cfg_attr(feature = "component", component(name = "int8-array"))]
    Int8Array(Vec<i64>),
    #[cfg_attr(feature = "component", component(name = "big-serial"))]
    BigSerial(i64),
    #[cfg_attr(feature = "component", component(name = "serial8"))]
    Serial8(i64),
    #[cfg_attr(feature = "component", component(name = "bool"))]
    Bool(bool),
    #[cfg_attr(feature = "component", component(name = "boolean"))]
    Boolean(bool),
    #[cfg_attr(feature = "component", component(name = "bool-array"))]
    BoolArray(Vec<bool>),
    #[cfg_attr(feature = "component", component(name = "double"))]
    Double(HashableF64),
    #[cfg_attr(feature = "component", component(name = "float8"))]
    Float8(HashableF64),
    #[cfg_attr(feature = "component", component(name = "float8-array"))]
    Float8Array(Vec<HashableF64>),
    #[cfg_attr(feature = "component", component(name = "real"))]
    Real(HashableF32),
    #[cfg_attr(feature = "component", component(name = "float4"))]
    Float4(HashableF32),
    #[cfg_attr(feature = "component", component(name = "float4-array"))]
    Float4Array(Vec<HashableF32>),
    #[cfg_attr(feature = "component", component(name = "integer"))]
    Integer(i32),
    #[cfg_attr(feature = "component", component(name = "int"))]
    Int(i32),
    #[cfg_attr(feature = "component", component(name = "int4"))]
    Int4(i32),
    #[cfg_attr(feature = "component", component(name = "int4-array"))]
    Int4Array(Vec<i32>),
    #[cfg_attr(feature = "component", component(name = "numeric"))]
    Numeric(Numeric),
    #[cfg_attr(feature = "component", component(name = "decimal"))]
    Decimal(Numeric),
    #[cfg_attr(feature = "component", component(name = "numeric-array"))]
    NumericArray(Vec<Numeric>),
    #[cfg_attr(feature = "component", component(name = "serial"))]
    Serial(u32),
    #[cfg_attr(feature = "component", component(name = "serial4"))]
    Serial4(u32),
    #[cfg_attr(feature = "component", component(name = "small-int"))]
    SmallInt(i16),
    #[cfg_attr(feature = "component", component(name = "int2"))]
    Int2(i16),
    #[cfg_attr(feature = "component", component(name = "int2-array"))]
    Int2Array(Vec<i16>),
    #[cfg_attr(feature = "component", component(name = "int2-vector"))]
    Int2Vector(Vec<i16>),
    #[cfg_attr(feature = "component", component(name = "int2-vector-array"))]
    Int2VectorArray(Vec<Vec<i16>>),
    #[cfg_attr(feature = "component", component(name = "small-serial"))]
    SmallSerial(i16),
    #[cfg_attr(feature = "component", component(name = "serial2"))]
    Serial2(i16),
    #[cfg_attr(feature = "component", component(name = "bit"))]
    Bit((u32, Vec<u8>)),
    #[cfg_attr(feature = "component", component(name = "bit-array"))]
    BitArray(Vec<(u32, Vec<u8>)>),
    #[cfg_attr(feature = "component", component(name = "bit-varying"))]
    BitVarying((Option<u32>, Vec<u8>)),
    #[cfg_attr(feature = "component", component(name = "varbit"))]
    Varbit((Option<u32>, Vec<u8>)),
    #[cfg_attr(feature = "component", component(name = "varbit-array"))]
    VarbitArray(Vec<(Option<u32>, Vec<u8>)>),
    #[cfg_attr(feature = "component", component(name = "bytea"))]
    Bytea(Vec<u8>),
    #[cfg_attr(feature = "component", component(name = "bytea-array"))]
    ByteaArray(Vec<Vec<u8>>),
    #[cfg_attr(feature = "component", component(name = "char"))]
    Char((u32, Vec<u8>)),
    #[cfg_attr(feature = "component", component(name = "char-array"))]
    CharArray(Vec<(u32, Vec<u8>)>),
    #[cfg_attr(feature = "component", component(name = "varchar"))]
    Varchar((Option<u32>, Vec<u8>)),
    #[cfg_attr(feature = "component", component(name = "varchar-array"))]
    VarcharArray(Vec<(Option<u32>, Vec<u8>)>),
    #[cfg_attr(feature = "component", component(name = "cidr"))]
    Cidr(String),
    #[cfg_attr(feature = "component", component(name = "cidr-array"))]
    CidrArray(Vec<String>),
    #[cfg_attr(feature = "component", component(name = "inet"))]
    Inet(String),
    #[cfg_attr(feature = "component", component(name = "inet-array"))]
    InetArray(Vec<String>),
    #[cfg_attr(feature = "component", component(name = "macaddr"))]
    Macaddr(MacAddressEui48),
    #[cfg_attr(feature = "component", component(name = "macaddr-array"))]
    MacaddrArray(Vec<MacAddressEui48>),
    #[cfg_attr(feature = "component", component(name = "macaddr8"))]
    Macaddr8(MacAddressEui64),
    #[cfg_attr(feature = "component", component(name = "macaddr8-array"))]
    Macaddr8Array(Vec<MacAddressEui64>),
    #[cfg_attr(feature = "component", component(name = "box"))]
    Box((LowerLeftPoint, UpperRightPoint)),
    #[cfg_attr(feature = "component", component(name = "box-array"))]
    BoxArray(Vec<(LowerLeftPoint, UpperRightPoint)>),
    #[cfg_attr(feature = "component", component(name = "circle"))]
    Circle((CenterPoint, Radius)),
    #[cfg_attr(feature = "component", component(name = "circle-array"))]
    CircleArray(Vec<(CenterPoint, Radius)>),
    #[cfg_attr(feature = "component", component(name = "line"))]
    Line((StartPoint, EndPoint)),
    #[cfg_attr(feature = "component", component(name = "line-array"))]
    LineArray(Vec<(StartPoint, EndPoint)>),
    #[cfg_attr(feature = "component", component(name = "lseg"))]
    Lseg((StartPoint, EndPoint)),
    #[cfg_attr(feature = "component", component(name = "lseg-array"))]
    LsegArray(Vec<(StartPoint, EndPoint)>),
    #[cfg_attr(feature = "component", component(name = "path"))]
    Path(Vec<Point>),
    #[cfg_attr(feature = "component", component(name = "path-array"))]
    PathArray(Vec<Vec<Point>>),
    #[cfg_attr(feature = "component", component(name = "point"))]
    Point(Point),
    #[cfg_attr(feature = "component", component(name = "point-array"))]
    PointArray(Vec<Point>),
    #[cfg_attr(feature = "component", component(name = "polygon"))]
    Polygon(Vec<Point>),
    #[cfg_attr(feature = "component", component(name = "polygon-array"))]
    PolygonArray(Vec<Vec<Point>>),
    #[cfg_attr(feature = "component", component(name = "date"))]
    Date(Date),
    #[cfg_attr(feature = "component", component(name = "date-array"))]
    DateArray(Vec<Date>),
    #[cfg_attr(feature = "component", component(name = "interval"))]
    Interval(Interval),
    #[cfg_attr(feature = "component", component(name = "interval-array"))]
    IntervalArray(Vec<Interval>),
    #[cfg_attr(feature = "component", component(name = "time"))]
    Time(Time),
    #[cfg_attr(feature = "component", component(name = "time-array"))]
    TimeArray(Vec<Time>),
    #[cfg_attr(feature = "component", component(name = "time-tz"))]
    TimeTz(TimeTz),
    #[cfg_attr(feature = "component", component(name = "time-tz-array"))]
    TimeTzArray(Vec<TimeTz>),
    #[cfg_attr(feature = "component", component(name = "timestamp"))]
    Timestamp(Timestamp),
    #[cfg_attr(feature = "component", component(name = "timestamp-array"))]
    TimestampArray(Vec<Timestamp>),
    #[cfg_attr(feature = "component", component(name = "timestamp-tz"))]
    TimestampTz(TimestampTz),
    #[cfg_attr(feature = "component", component(name = "timestamp-tz-array"))]
    TimestampTzArray(Vec<TimestampTz>),
    #[cfg_attr(feature = "component", component(name = "json"))]
    Json(String),
    #[cfg_attr(feature = "component", component(name = "json-array"))]
    JsonArray(Vec<String>),
    #[cfg_attr(feature = "component", component(name = "jsonb"))]
    Jsonb(String),
    #[cfg_attr(feature = "component", component(name = "jsonb-array"))]
    JsonbArray(Vec<String>),
    #[cfg_attr(feature = "component", component(name = "money"))]
    Money(Numeric),
    #[cfg_attr(feature = "component", component(name = "money-array"))]
    MoneyArray(Vec<Numeric>),
    #[cfg_attr(feature = "component", component(name = "pg-lsn"))]
    PgLsn(u64),
    #[cfg_attr(feature = "component", component(name = "pg-lsn-array"))]
    PgLsnArray(Vec<u64>),
    #[cfg_attr(feature = "component", component(name = "pg-snapshot"))]
    PgSnapshot((Xmin, Xmax, XipList)),
    #[cfg_attr(feature = "component", component(name = "txid-snapshot"))]
    TxidSnapshot(i64),
    #[cfg_attr(feature = "component", component(name = "name"))]
    Name(String),
    #[cfg_attr(feature = "component", component(name = "name-array"))]
    NameArray(Vec<String>),
    #[cfg_attr(feature = "component", component(name = "text"))]
    Text(String),
    #[cfg_attr(feature = "component", component(name = "text-array"))]
    TextArray(Vec<String>),
    #[cfg_attr(feature = "component", component(name = "xml"))]
    Xml(String),
    #[cfg_attr(feature = "component", component(name = "xml-array"))]
    XmlArray(Vec<String>),
    #[cfg_attr(feature = "component", component(name = "ts-query"))]
    TsQuery(String),
    #[cfg_attr(feature = "component", component(name = "ts-vector"))]
    TsVector(Vec<Lexeme>),
    #[cfg_attr(feature = "component", component(name = "uuid"))]
    Uuid(String),
    #[cfg_attr(feature = "component", component(name = "uuid-array"))]
    UuidArray(Vec<String>),
    #[cfg_attr(feature = "component", component(name = "hstore"))]
    Hstore(Vec<(String, Option<String>)>),
}
