//! Values in both directions. What is not listed here is refused, with the advice to cast it: a value either arrives as it
//! was sent or does not arrive.
//!
//! | parameter | binds to |
//! | --- | --- |
//! | `null` | anything |
//! | `bool`, `boolean` | `boolean` |
//! | `int8`, `big-int`, `big-serial`, `serial8` | `bigint` |
//! | `int4`, `int`, `integer`, `serial`, `serial4` | `integer` |
//! | `int2`, `small-int`, `small-serial`, `serial2` | `smallint` |
//! | `float8`, `double`; `float4`, `real` | `double precision`; `real` |
//! | `text`, `name`, `varchar`, `char` | `text`, `varchar`, `char(n)`, `name` |
//! | `uuid`, `bytea`, `date`, `time`, `timestamp` | their own type |
//! | `int4-array`, `int8-array`, `text-array` | their own type |
//!
//! Columns of these types arrive as `bool`, `int8`, `int4`, `int2`, `float8`, `float4`, `text`, `uuid`, `bytea`, `date`,
//! `time`, `timestamp` and the three arrays, or as `null`.

use waybill_floats::{decode_f32, decode_f64, encode_f32, encode_f64};

use crate::bindings::exports::wasmcloud::postgres::types::{Date, PgValue, ResultRowEntry, Time, Timestamp};
use crate::bindings::spin::postgres::postgres::{Column, DbDataType, DbValue, ParameterValue};

const MICROSECOND_NS: u32 = 1000;

/// A parameter as Spin takes it; the error says why it cannot.
pub fn parameter(value: PgValue) -> Result<ParameterValue, String> {
    Ok(match value {
        PgValue::Null => ParameterValue::DbNull,
        PgValue::Bool(truth) | PgValue::Boolean(truth) => ParameterValue::Boolean(truth),
        PgValue::Int8(n) | PgValue::BigInt(n) | PgValue::BigSerial(n) | PgValue::Serial8(n) => {
            ParameterValue::Int64(n)
        }
        PgValue::Int4(n) | PgValue::Int(n) | PgValue::Integer(n) => ParameterValue::Int32(n),
        PgValue::Serial(n) | PgValue::Serial4(n) => {
            ParameterValue::Int32(n.try_into().map_err(|_| format!("{n} is out of the range of integer"))?)
        }
        PgValue::Int2(n) | PgValue::SmallInt(n) | PgValue::SmallSerial(n) | PgValue::Serial2(n) => {
            ParameterValue::Int16(n)
        }
        PgValue::Float8(parts) | PgValue::Double(parts) => ParameterValue::Floating64(decode_f64(parts)?),
        PgValue::Float4(parts) | PgValue::Real(parts) => ParameterValue::Floating32(decode_f32(parts)?),
        PgValue::Text(text) | PgValue::Name(text) => ParameterValue::Str(text),
        PgValue::Varchar((_, bytes)) | PgValue::Char((_, bytes)) => text_of(bytes)?,
        PgValue::Uuid(text) => ParameterValue::Uuid(text),
        PgValue::Bytea(bytes) => ParameterValue::Binary(bytes),
        PgValue::Date(date) => ParameterValue::Date(day(date)?),
        PgValue::Time(time) => ParameterValue::Time(clock(time)?),
        PgValue::Timestamp(Timestamp { date, time }) => {
            let ((year, month, day), (hour, minute, second, ns)) = (day(date)?, clock(time)?);
            ParameterValue::Datetime((year, month, day, hour, minute, second, ns))
        }
        PgValue::Int4Array(items) => ParameterValue::ArrayInt32(items.into_iter().map(Some).collect()),
        PgValue::Int8Array(items) => ParameterValue::ArrayInt64(items.into_iter().map(Some).collect()),
        PgValue::TextArray(items) => ParameterValue::ArrayStr(items.into_iter().map(Some).collect()),
        _ => {
            return Err(
                "Spin does not carry this type exactly; give it as text and cast it in the statement, for \
                        example CAST($1 AS text)::jsonb"
                    .to_owned(),
            );
        }
    })
}

/// A column as the component is given it; the error says why it cannot be.
pub fn entry(column: &Column, value: DbValue) -> Result<ResultRowEntry, String> {
    let value = match value {
        DbValue::DbNull => PgValue::Null,
        DbValue::Boolean(truth) => PgValue::Bool(truth),
        DbValue::Int64(n) => PgValue::Int8(n),
        DbValue::Int32(n) => PgValue::Int4(n),
        DbValue::Int16(n) => PgValue::Int2(n),
        DbValue::Floating64(number) => PgValue::Float8(encode_f64(number)),
        DbValue::Floating32(number) => PgValue::Float4(encode_f32(number)),
        DbValue::Str(text) => PgValue::Text(text),
        DbValue::Uuid(text) => PgValue::Uuid(text),
        DbValue::Binary(bytes) => PgValue::Bytea(bytes),
        DbValue::Date(day) => PgValue::Date(date(day)),
        DbValue::Time(clock) => PgValue::Time(time(clock)),
        DbValue::Datetime((year, month, day, hour, minute, second, ns)) => PgValue::Timestamp(Timestamp {
            date: date((year, month, day)),
            time: time((hour, minute, second, ns)),
        }),
        DbValue::ArrayInt32(items) => PgValue::Int4Array(without_null(column, items)?),
        DbValue::ArrayInt64(items) => PgValue::Int8Array(without_null(column, items)?),
        DbValue::ArrayStr(items) => PgValue::TextArray(without_null(column, items)?),
        _ => {
            return Err(format!(
                "the column {} is of a type ({}) that Spin does not carry exactly; cast it to text in the statement",
                column.name,
                type_name(&column.data_type)
            ));
        }
    };
    Ok(ResultRowEntry { column_name: column.name.clone(), value })
}

/// Whether a column is null, or not there.
pub fn is_null(value: Option<&DbValue>) -> bool {
    matches!(value, None | Some(DbValue::DbNull))
}

fn text_of(bytes: Vec<u8>) -> Result<ParameterValue, String> {
    String::from_utf8(bytes).map(ParameterValue::Str).map_err(|_| "it is not UTF-8".to_owned())
}

fn day(date: Date) -> Result<(i32, u8, u8), String> {
    match date {
        Date::Ymd((year, month, day)) => match (month.try_into(), day.try_into()) {
            (Ok(month), Ok(day)) => Ok((year, month, day)),
            _ => Err(format!("there is no day {day} in a month {month}")),
        },
        Date::PositiveInfinity | Date::NegativeInfinity => {
            Err("Spin does not carry infinity; give it as text and cast it in the statement".to_owned())
        }
    }
}

fn clock(time: Time) -> Result<(u8, u8, u8, u32), String> {
    let Time { hour, min, sec, micro } = time;
    match (hour.try_into(), min.try_into(), sec.try_into(), micro.checked_mul(MICROSECOND_NS)) {
        (Ok(hour), Ok(min), Ok(sec), Some(ns)) if micro < 1_000_000 => Ok((hour, min, sec, ns)),
        _ => Err(format!("there is no time {hour}:{min}:{sec} and {micro} microseconds")),
    }
}

fn date((year, month, day): (i32, u8, u8)) -> Date {
    Date::Ymd((year, month.into(), day.into()))
}

/// PostgreSQL's times have microseconds, so nothing is cut off.
fn time((hour, min, sec, ns): (u8, u8, u8, u32)) -> Time {
    Time { hour: hour.into(), min: min.into(), sec: sec.into(), micro: ns / MICROSECOND_NS }
}

fn without_null<T>(column: &Column, items: Vec<Option<T>>) -> Result<Vec<T>, String> {
    items.into_iter().collect::<Option<_>>().ok_or_else(|| {
        format!("the array in the column {} has a null, which the interface does not carry", column.name)
    })
}

fn type_name(data_type: &DbDataType) -> String {
    match data_type {
        DbDataType::Other(name) => name.clone(),
        DbDataType::Decimal => "numeric".to_owned(),
        DbDataType::ArrayDecimal => "numeric[]".to_owned(),
        DbDataType::Jsonb => "jsonb".to_owned(),
        DbDataType::Interval => "interval".to_owned(),
        DbDataType::RangeInt32 => "int4range".to_owned(),
        DbDataType::RangeInt64 => "int8range".to_owned(),
        DbDataType::RangeDecimal => "numrange".to_owned(),
        // Spin's own name is better than none.
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(data_type: DbDataType) -> Column {
        Column { name: "c".into(), data_type }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_reason() {
        for (value, reason) in [
            (PgValue::Jsonb("{}".into()), "give it as text"),
            (PgValue::Numeric("1".into()), "give it as text"),
            (PgValue::Serial(u32::MAX), "out of the range"),
            (PgValue::Varchar((None, vec![0xff])), "not UTF-8"),
            (PgValue::Date(Date::PositiveInfinity), "infinity"),
            (PgValue::Date(Date::Ymd((2026, 256, 1))), "no day"),
            (PgValue::Time(Time { hour: 1, min: 1, sec: 1, micro: 1_000_000 }), "no time"),
            (PgValue::Float4((1, 1000, 1)), "the number"),
        ] {
            let shown = format!("{value:?}");
            let fault = parameter(value).unwrap_err();
            assert!(fault.contains(reason), "{shown}: {fault}");
        }
    }

    #[test]
    fn a_column_that_is_not_carried_is_named_with_its_type() {
        for (data_type, value, kind) in [
            (DbDataType::Decimal, DbValue::Decimal("1".into()), "numeric"),
            (DbDataType::Other("money".into()), DbValue::Unsupported(vec![]), "money"),
        ] {
            let fault = entry(&column(data_type), value).unwrap_err();
            assert!(fault.contains("column c") && fault.contains(kind), "{fault}");
        }
        let with_null = entry(&column(DbDataType::ArrayInt32), DbValue::ArrayInt32(vec![Some(1), None]));
        assert!(with_null.unwrap_err().contains("null"));
    }
}
