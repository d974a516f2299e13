//! Values of the SQL link as parameters. A value binds to exactly its own type, as on every host (see
//! [`waybill_contracts::sql`]), so that a statement which runs here runs everywhere.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use thiserror::Error;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};
use waybill_contracts::sql::SqlValue;

/// A parameter, with the number by which an error names it.
#[derive(Debug)]
pub(crate) struct Parameter<'a> {
    number: usize,
    value: &'a SqlValue,
}

/// The parameters of a statement.
pub(crate) fn numbered(values: &[SqlValue]) -> impl ExactSizeIterator<Item = Parameter<'_>> + Clone + Send {
    values.iter().enumerate().map(|(index, value)| Parameter { number: index + 1, value })
}

/// A value has another type than the statement gives its parameter.
#[derive(Debug, Error)]
#[error(
    "parameter ${number} is {given} and the statement takes {taken}; cast it: CAST(${number} AS {given})"
)]
pub(crate) struct Misfit {
    number: usize,
    given: &'static str,
    taken: String,
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.value, ty) {
            (SqlValue::Null, _) => return Ok(IsNull::Yes),
            (SqlValue::Bool(truth), &Type::BOOL) => out.put_u8(u8::from(*truth)),
            (SqlValue::Int2(number), &Type::INT2) => out.put_i16(*number),
            (SqlValue::Int4(number), &Type::INT4) => out.put_i32(*number),
            (SqlValue::Int8(number), &Type::INT8) => out.put_i64(*number),
            (SqlValue::Text(text), ty) if is_text(ty) => out.put_slice(text.as_bytes()),
            (SqlValue::Uuid(text), &Type::UUID) => out.put_slice(text.as_bytes()),
            (value, ty) => {
                let (given, taken) = (value.type_name(), ty.name().to_owned());
                return Err(Misfit { number: self.number, given, taken }.into());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        match self.value {
            // The server's parser judges a UUID's text, and text is the same in both formats.
            SqlValue::Text(_) | SqlValue::Uuid(_) => Format::Text,
            _ => Format::Binary,
        }
    }

    to_sql_checked!();
}

/// Whether values of the type are text on the link.
pub(crate) fn is_text(ty: &Type) -> bool {
    matches!(*ty, Type::TEXT | Type::VARCHAR | Type::BPCHAR)
}
