//! Spin's conversions of parameters and columns, for the types that the adapter uses. Anything else fails, as it does there
//! or because the adapter must not ask for it.

use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use super::bindings::spin::postgres::postgres::{DbDataType, DbValue, ParameterValue};

type Fault = Box<dyn Error + Sync + Send>;

/// A parameter. It binds to the type that its Rust value binds to and to no other; null binds to any.
#[derive(Debug)]
pub struct Parameter(pub ParameterValue);

impl ToSql for Parameter {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match &self.0 {
            ParameterValue::DbNull => Ok(IsNull::Yes),
            ParameterValue::Boolean(value) => value.to_sql_checked(ty, out),
            ParameterValue::Int16(value) => value.to_sql_checked(ty, out),
            ParameterValue::Int32(value) => value.to_sql_checked(ty, out),
            ParameterValue::Int64(value) => value.to_sql_checked(ty, out),
            ParameterValue::Str(value) => value.to_sql_checked(ty, out),
            ParameterValue::Uuid(value) => value.parse::<Uuid>()?.to_sql_checked(ty, out),
            other => Err(format!("the adapter is not expected to send {other:?}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub fn column_type(ty: &Type) -> DbDataType {
    match *ty {
        Type::BOOL => DbDataType::Boolean,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbDataType::Str,
        Type::BYTEA => DbDataType::Binary,
        Type::UUID => DbDataType::Uuid,
        Type::DATE => DbDataType::Date,
        Type::TIME => DbDataType::Time,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DbDataType::Datetime,
        Type::NUMERIC => DbDataType::Decimal,
        Type::JSONB => DbDataType::Jsonb,
        Type::INT4_ARRAY => DbDataType::ArrayInt32,
        Type::INT8_ARRAY => DbDataType::ArrayInt64,
        Type::TEXT_ARRAY => DbDataType::ArrayStr,
        _ => DbDataType::Other(ty.name().to_owned()),
    }
}

pub fn column_value(row: &Row, index: usize) -> Result<DbValue, tokio_postgres::Error> {
    fn of<'a, T: FromSql<'a>>(
        row: &'a Row,
        index: usize,
        convert: impl Fn(T) -> DbValue,
    ) -> Result<DbValue, tokio_postgres::Error> {
        Ok(row.try_get::<_, Option<T>>(index)?.map_or(DbValue::DbNull, convert))
    }
    match *row.columns()[index].type_() {
        Type::BOOL => of(row, index, DbValue::Boolean),
        Type::INT2 => of(row, index, DbValue::Int16),
        Type::INT4 => of(row, index, DbValue::Int32),
        Type::INT8 => of(row, index, DbValue::Int64),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => of(row, index, DbValue::Str),
        Type::UUID => of(row, index, |value: Uuid| DbValue::Uuid(value.to_string())),
        _ => of(row, index, |Bytes(bytes)| DbValue::Unsupported(bytes)),
    }
}

struct Bytes(Vec<u8>);

impl FromSql<'_> for Bytes {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, Fault> {
        Ok(Self(raw.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
