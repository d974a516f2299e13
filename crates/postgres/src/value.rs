//! The values, rows and errors of the interface `wasmcloud:postgres/types@0.1.1-draft`.
//!
//! Names, order and types are those of `wit/deps/wasmcloud-postgres-0.1.1-draft`, and what each case means is written
//! there. With the feature `component` a wasmtime host uses them as they are:
//! `bindgen!({ with: { "wasmcloud:postgres/types": waybill_postgres::value } })`.
//!
//! How values become parameters is told in [`bind`], how columns become values in [`read`].

// The component model's derive macros write `unsafe impl`s; nothing here is unsafe by hand.
#![cfg_attr(feature = "component", allow(unsafe_code))]

use std::fmt;

#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

mod array;
pub mod bind;
mod calendar;
mod class;
#[cfg(feature = "component")]
mod link;
mod literal;
mod numeric;
mod pg_value;
pub mod read;
mod text;
mod wire;

#[cfg(feature = "component")]
pub use link::{Host, HostWithStore, add_to_linker};
pub use pg_value::PgValue;
pub use waybill_floats::{HashableF32, HashableF64, decode_f32, decode_f64, encode_f32, encode_f64};

/// x and y.
pub type Point = (HashableF64, HashableF64);
/// A corner of a box.
pub type LowerLeftPoint = Point;
/// A corner of a box.
pub type UpperRightPoint = Point;
/// The start of a line or a segment.
pub type StartPoint = Point;
/// The end of a line or a segment.
pub type EndPoint = Point;
/// The centre of a circle.
pub type CenterPoint = Point;
/// The radius of a circle.
pub type Radius = HashableF64;
/// An IPv4 address in text form.
pub type Ipv4Addr = String;
/// An IPv6 address in text form.
pub type Ipv6Addr = String;
/// A network in CIDR notation.
pub type Subnet = String;
/// The lowest transaction that a snapshot sees as still active.
pub type Xmin = i64;
/// The first transaction that a snapshot does not know yet.
pub type Xmax = i64;
/// The transactions in progress when a snapshot was taken.
pub type XipList = Vec<i64>;
/// The upper half of a log sequence number.
pub type LogfileNum = u32;
/// The lower half of a log sequence number.
pub type LogfileByteOffset = u32;
/// The name of a result column.
pub type ColumnName = String;
/// A number of any precision, in text form.
pub type Numeric = String;
/// One row of a result, its columns in the statement's order.
pub type ResultRow = Vec<ResultRowEntry>;

/// Why a query failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(variant))]
pub enum QueryError {
    /// A parameter cannot be bound: its number, its type or its text does not fit the statement.
    #[cfg_attr(feature = "component", component(name = "invalid-params"))]
    InvalidParams(String),
    /// The statement itself is at fault: syntax, a missing table or column, no privilege.
    #[cfg_attr(feature = "component", component(name = "invalid-query"))]
    InvalidQuery(String),
    /// Anything else: a violated constraint (the text names it), a lost connection, a time limit.
    #[cfg_attr(feature = "component", component(name = "unexpected"))]
    Unexpected(String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidParams(text) => write!(f, "invalid parameters: {text}"),
            Self::InvalidQuery(text) => write!(f, "invalid query: {text}"),
            Self::Unexpected(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for QueryError {}

/// Why a statement could not be prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(variant))]
pub enum StatementPrepareError {
    /// The only case there is; the text says more.
    #[cfg_attr(feature = "component", component(name = "unexpected"))]
    Unexpected(String),
}

/// Why a prepared statement could not be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(variant))]
pub enum PreparedStatementExecError {
    /// The token was never given out, or its connection is gone.
    #[cfg_attr(feature = "component", component(name = "unknown-prepared-query"))]
    UnknownPreparedQuery,
    /// The statement failed as a query fails.
    #[cfg_attr(feature = "component", component(name = "query-error"))]
    QueryError(QueryError),
    /// Anything else.
    #[cfg_attr(feature = "component", component(name = "unexpected"))]
    Unexpected(String),
}

/// The weight of a lexeme in a text search vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(enum))]
#[repr(u8)]
pub enum LexemeWeight {
    /// Counts most.
    #[cfg_attr(feature = "component", component(name = "A"))]
    A,
    /// Counts second most.
    #[cfg_attr(feature = "component", component(name = "B"))]
    B,
    /// Counts third most.
    #[cfg_attr(feature = "component", component(name = "C"))]
    C,
    /// Counts least, and is the default.
    #[cfg_attr(feature = "component", component(name = "D"))]
    D,
}

/// A word of a text search vector.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct Lexeme {
    /// Where it stands.
    #[cfg_attr(feature = "component", component(name = "position"))]
    pub position: Option<u16>,
    /// How much it counts.
    #[cfg_attr(feature = "component", component(name = "weight"))]
    pub weight: Option<LexemeWeight>,
    /// The word.
    #[cfg_attr(feature = "component", component(name = "data"))]
    pub data: String,
}

/// An offset from UTC, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(variant))]
pub enum Offset {
    /// East of Greenwich.
    #[cfg_attr(feature = "component", component(name = "eastern-hemisphere-secs"))]
    EasternHemisphereSecs(i32),
    /// West of Greenwich.
    #[cfg_attr(feature = "component", component(name = "western-hemisphere-secs"))]
    WesternHemisphereSecs(i32),
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(variant))]
pub enum Date {
    /// After all days.
    #[cfg_attr(feature = "component", component(name = "positive-infinity"))]
    PositiveInfinity,
    /// Before all days.
    #[cfg_attr(feature = "component", component(name = "negative-infinity"))]
    NegativeInfinity,
    /// Year, month (1 to 12), day (1 to 31). The year before 1 is 0 (1 BC), as in ISO 8601.
    #[cfg_attr(feature = "component", component(name = "ymd"))]
    Ymd((i32, u32, u32)),
}

/// A span between two days: PostgreSQL's `daterange`, not its `interval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct Interval {
    /// The first day.
    #[cfg_attr(feature = "component", component(name = "start"))]
    pub start: Date,
    /// Whether the first day belongs to it.
    #[cfg_attr(feature = "component", component(name = "start-inclusive"))]
    pub start_inclusive: bool,
    /// The last day.
    #[cfg_attr(feature = "component", component(name = "end"))]
    pub end: Date,
    /// Whether the last day belongs to it.
    #[cfg_attr(feature = "component", component(name = "end-inclusive"))]
    pub end_inclusive: bool,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct Time {
    /// 0 to 24.
    #[cfg_attr(feature = "component", component(name = "hour"))]
    pub hour: u32,
    /// 0 to 59.
    #[cfg_attr(feature = "component", component(name = "min"))]
    pub min: u32,
    /// 0 to 60.
    #[cfg_attr(feature = "component", component(name = "sec"))]
    pub sec: u32,
    /// 0 to 999,999.
    #[cfg_attr(feature = "component", component(name = "micro"))]
    pub micro: u32,
}

/// A time of day with its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct TimeTz {
    /// The zone (spelt so in the interface). A column gives an offset such as `+02:00`.
    #[cfg_attr(feature = "component", component(name = "timesonze"))]
    pub timesonze: String,
    /// The time of day in that zone.
    #[cfg_attr(feature = "component", component(name = "time"))]
    pub time: Time,
}

/// A day and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct Timestamp {
    /// The day.
    #[cfg_attr(feature = "component", component(name = "date"))]
    pub date: Date,
    /// The time of day.
    #[cfg_attr(feature = "component", component(name = "time"))]
    pub time: Time,
}

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct TimestampTz {
    /// The day and time of day at the offset.
    #[cfg_attr(feature = "component", component(name = "timestamp"))]
    pub timestamp: Timestamp,
    /// The offset from UTC. A column always gives 0.
    #[cfg_attr(feature = "component", component(name = "offset"))]
    pub offset: Offset,
}

/// A six-byte hardware address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct MacAddressEui48 {
    /// Its bytes.
    #[cfg_attr(feature = "component", component(name = "bytes"))]
    pub bytes: (u8, u8, u8, u8, u8, u8),
}

/// An eight-byte hardware address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct MacAddressEui64 {
    /// Its bytes.
    #[cfg_attr(feature = "component", component(name = "bytes"))]
    pub bytes: (u8, u8, u8, u8, u8, u8, u8, u8),
}

/// One column of a result row.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "component", derive(ComponentType, Lift, Lower), component(record))]
pub struct ResultRowEntry {
    /// The column's name.
    #[cfg_attr(feature = "component", component(name = "column-name"))]
    pub column_name: ColumnName,
    /// The column's value.
    #[cfg_attr(feature = "component", component(name = "value"))]
    pub value: PgValue,
}
