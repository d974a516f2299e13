//! Values as parameters.
//!
//! The server infers each parameter's type from the statement; a value binds to that type exactly or not at all:
//!
//! | cases | bind to |
//! | --- | --- |
//! | `null` | anything |
//! | `bool`, `boolean` | `boolean` |
//! | integers and serials | the integer types and `oid` where the number fits, `numeric`, and the floats where exact |
//! | `double`, `real` and their aliases | the float types where exact, `numeric` |
//! | `numeric`, `decimal`, `money` | `numeric`, `money`, and an integer type if it is a whole number that fits |
//! | `text`, `varchar`, `char`, `name` | any type that is written as text, as a quoted literal would: text types, `uuid`, `json`, `numeric`, enums, dates, … but neither numbers of the machine, `boolean`, `bytea` nor arrays |
//! | `uuid`, `json`, `jsonb`, `xml`, `cidr`, `inet` | their own type, and text |
//! | `interval` | `daterange` (it is a span between two days) |
//! | arrays | arrays of what their items bind to |
//! | everything else | its own type |
//!
//! Only `boolean`, the machine's numbers and `bytea` travel in binary form; for the rest the text form is as exact, and
//! the server's own parser is the best judge of it.

use std::error::Error;
use std::fmt;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::class::{Class, accepts, base, class};
use super::literal::{Refusal, put};
use super::pg_value::PgValue;
use super::text::text;
use super::{decode_f32, decode_f64};

/// A value with the parameter's number, so that an error can name both.
#[derive(Debug)]
pub(crate) struct Parameter<'a> {
    pub(crate) number: usize,
    pub(crate) value: &'a PgValue,
}

/// A value that does not fit its parameter.
#[derive(Debug)]
pub(crate) struct BindError(String);

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for BindError {}

type Bound = Result<IsNull, Box<dyn Error + Sync + Send>>;

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Bound {
        bind(self.value, ty, out).map_err(|reason| {
            let (number, case) = (self.number, self.value.case());
            BindError(format!("parameter ${number}: the {case} value cannot be bound to type {ty}: {reason}"))
                .into()
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, ty: &Type) -> Format {
        format_of(self.value, ty)
    }

    to_sql_checked!();
}

impl ToSql for PgValue {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Bound {
        bind(self, ty, out).map_err(|reason| {
            BindError(format!("the {} value cannot be bound to type {ty}: {reason}", self.case())).into()
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, ty: &Type) -> Format {
        format_of(self, ty)
    }

    to_sql_checked!();
}

impl PgValue {
    /// The case's name in the interface, for messages.
    pub fn case(&self) -> String {
        /// Takes what `Debug` writes, up to the payload.
        struct Head(String);
        impl fmt::Write for Head {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                for character in text.chars() {
                    match character {
                        '(' => return Err(fmt::Error),
                        'A'..='Z' if !self.0.is_empty() => {
                            self.0.extend(['-', character.to_ascii_lowercase()]);
                        }
                        _ => self.0.push(character.to_ascii_lowercase()),
                    }
                }
                Ok(())
            }
        }
        let mut head = Head(String::new());
        // The error is the end of the name.
        let _ = fmt::write(&mut head, format_args!("{self:?}"));
        head.0
    }
}

fn format_of(value: &PgValue, ty: &Type) -> Format {
    let ty = base(ty);
    match class(value) {
        (Class::Bool | Class::Bytea, false) => Format::Binary,
        (Class::Integer | Class::Float, false) if *ty != Type::NUMERIC => Format::Binary,
        _ => Format::Text,
    }
}

fn bind(value: &PgValue, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refusal> {
    let ty = base(ty);
    let (class, is_array) = class(value);
    let item = match ty.kind() {
        // The catalogue calls it an array; its text is none, and the interface gives it a case of its own.
        Kind::Array(item) if *ty != Type::INT2_VECTOR => Some(base(item)),
        _ => None,
    };
    let item_type = item.filter(|_| is_array).unwrap_or(ty);
    let is_fitting = class == Class::Null || is_array == item.is_some();
    if !is_fitting || !accepts(class, item_type) {
        return Err("the types differ; cast the parameter in the statement, for example $1::text".to_owned());
    }
    match (value, class) {
        (PgValue::Null, _) => return Ok(IsNull::Yes),
        (PgValue::Bool(value) | PgValue::Boolean(value), _) => out.put_u8((*value).into()),
        (PgValue::Bytea(bytes), _) => out.put_slice(bytes),
        (_, Class::Integer) if !is_array => integer(integer_of(value), ty, out)?,
        (PgValue::Double(parts) | PgValue::Float8(parts), _) => float(decode_f64(*parts)?, ty, out)?,
        (PgValue::Real(parts) | PgValue::Float4(parts), _) => float(decode_f32(*parts)?.into(), ty, out)?,
        _ => text(value, item_type, out)?,
    }
    Ok(IsNull::No)
}

/// The number of any integer case.
fn integer_of(value: &PgValue) -> i64 {
    match value {
        PgValue::BigInt(n) | PgValue::Int8(n) | PgValue::BigSerial(n) | PgValue::Serial8(n) => *n,
        PgValue::Integer(n) | PgValue::Int(n) | PgValue::Int4(n) => (*n).into(),
        PgValue::Serial(n) | PgValue::Serial4(n) => (*n).into(),
        PgValue::SmallInt(n) | PgValue::Int2(n) | PgValue::SmallSerial(n) | PgValue::Serial2(n) => {
            (*n).into()
        }
        _ => 0,
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "whether it is lost is checked right after"
)]
fn integer(number: i64, ty: &Type, out: &mut BytesMut) -> Result<(), Refusal> {
    let too_large = |_| format!("{number} is out of its range");
    match *ty {
        Type::INT2 => out.put_i16(number.try_into().map_err(too_large)?),
        Type::INT4 => out.put_i32(number.try_into().map_err(too_large)?),
        Type::OID => out.put_u32(number.try_into().map_err(too_large)?),
        Type::FLOAT4 | Type::FLOAT8 => {
            let value = number as f64;
            // Through i128, because `as i64` would saturate at the upper end and hide the difference.
            if value as i128 != i128::from(number) {
                return Err(format!("{number} cannot be held exactly"));
            }
            float(value, ty, out)?;
        }
        Type::NUMERIC => put!(out, "{number}")?,
        _ => out.put_i64(number),
    }
    Ok(())
}

fn float(value: f64, ty: &Type, out: &mut BytesMut) -> Result<(), Refusal> {
    match *ty {
        Type::FLOAT8 => out.put_f64(value),
        Type::FLOAT4 => {
            let narrow = waybill_floats::narrow(value);
            if f64::from(narrow).to_bits() != value.to_bits() && !value.is_nan() {
                return Err(format!("{value} cannot be held exactly"));
            }
            out.put_f32(narrow);
        }
        Type::NUMERIC => put!(out, "{value:?}")?,
        _ => return Err("a float does not become an integer; cast it in the statement".to_owned()),
    }
    Ok(())
}
