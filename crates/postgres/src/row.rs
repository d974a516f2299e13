//! Rows of the SQL link.

use std::error::Error as StdError;

use tokio_postgres::Column;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;
use waybill_contracts::sql::{SqlValue, refused_column};

use crate::Error;
use crate::parameter::is_text;

/// One row of a result.
#[derive(Debug)]
pub struct Row(tokio_postgres::Row);

impl Row {
    pub(crate) fn new(row: tokio_postgres::Row) -> Self {
        Self(row)
    }

    /// Name and value of each column, in the statement's order.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Result<(&str, SqlValue), Error>> {
        self.0.columns().iter().enumerate().map(|(index, column)| {
            let Read(value) = self.0.try_get(index)?;
            Ok((column.name(), value))
        })
    }
}

/// Refuses a result that the link does not carry. It is called before the statement runs, so that nothing is changed.
pub(crate) fn refuse_unsupported(columns: &[Column]) -> Result<(), Error> {
    match columns.iter().find(|column| !is_supported(column.type_())) {
        None => Ok(()),
        Some(column) => {
            Err(Error::invalid_statement(refused_column(column.name(), &type_name(column.type_()))))
        }
    }
}

fn is_supported(ty: &Type) -> bool {
    matches!(*ty, Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8 | Type::UUID) || is_text(ty)
}

/// The type's name; the catalogue gives arrays one with an underscore before it.
fn type_name(ty: &Type) -> String {
    match ty.name().strip_prefix('_') {
        Some(item) => format!("{item}[]"),
        None => ty.name().to_owned(),
    }
}

/// A column's value.
struct Read(SqlValue);

impl<'a> FromSql<'a> for Read {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(match *ty {
            Type::BOOL => SqlValue::Bool(bool::from_sql(ty, raw)?),
            Type::INT2 => SqlValue::Int2(i16::from_sql(ty, raw)?),
            Type::INT4 => SqlValue::Int4(i32::from_sql(ty, raw)?),
            Type::INT8 => SqlValue::Int8(i64::from_sql(ty, raw)?),
            Type::UUID => SqlValue::Uuid(Uuid::from_slice(raw)?.to_string()),
            _ => SqlValue::Text(String::from_sql(ty, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(SqlValue::Null))
    }

    fn accepts(ty: &Type) -> bool {
        is_supported(ty)
    }
}
