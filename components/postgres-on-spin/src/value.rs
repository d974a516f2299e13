//! Values in both directions. [`waybill_contracts::sql`] lists what crosses; this maps it to Spin's types.

use waybill_contracts::sql::{SqlValue, refused_column};
use waybill_contracts::sql_link_types;

use crate::bindings::exports::wasmcloud::postgres::types::{PgValue, QueryError, ResultRowEntry};
use crate::bindings::spin::postgres::postgres::{Column, DbDataType, DbValue, ParameterValue};

sql_link_types!(PgValue, QueryError);

/// A parameter as Spin takes it.
pub fn parameter(value: SqlValue) -> ParameterValue {
    match value {
        SqlValue::Null => ParameterValue::DbNull,
        SqlValue::Bool(truth) => ParameterValue::Boolean(truth),
        SqlValue::Int2(number) => ParameterValue::Int16(number),
        SqlValue::Int4(number) => ParameterValue::Int32(number),
        SqlValue::Int8(number) => ParameterValue::Int64(number),
        SqlValue::Text(text) => ParameterValue::Str(text),
        SqlValue::Uuid(text) => ParameterValue::Uuid(text),
    }
}

/// A column as the component gets it, or the sentence that refuses it. Spin gives the types of columns with the rows, when the
/// statement has taken effect.
pub fn entry(column: &Column, value: DbValue) -> Result<ResultRowEntry, String> {
    let value = match value {
        DbValue::DbNull => SqlValue::Null,
        DbValue::Boolean(truth) => SqlValue::Bool(truth),
        DbValue::Int16(number) => SqlValue::Int2(number),
        DbValue::Int32(number) => SqlValue::Int4(number),
        DbValue::Int64(number) => SqlValue::Int8(number),
        DbValue::Str(text) => SqlValue::Text(text),
        DbValue::Uuid(text) => SqlValue::Uuid(text),
        _ => {
            let refused = refused_column(&column.name, &type_name(&column.data_type));
            return Err(format!("{refused} (the statement has taken effect)"));
        }
    };
    Ok(ResultRowEntry { column_name: column.name.clone(), value: value.into() })
}

/// Whether a column is null, or not there.
pub fn is_null(value: Option<&DbValue>) -> bool {
    matches!(value, None | Some(DbValue::DbNull))
}

fn type_name(data_type: &DbDataType) -> String {
    let name = match data_type {
        DbDataType::Other(name) => name,
        DbDataType::Floating32 => "float4",
        DbDataType::Floating64 => "float8",
        DbDataType::Binary => "bytea",
        DbDataType::Date => "date",
        DbDataType::Time => "time",
        DbDataType::Datetime => "timestamp",
        DbDataType::Decimal => "numeric",
        DbDataType::Jsonb => "jsonb",
        DbDataType::Interval => "interval",
        DbDataType::RangeInt32 => "int4range",
        DbDataType::RangeInt64 => "int8range",
        DbDataType::RangeDecimal => "numrange",
        DbDataType::ArrayInt32 => "int4[]",
        DbDataType::ArrayInt64 => "int8[]",
        DbDataType::ArrayDecimal => "numeric[]",
        DbDataType::ArrayStr => "text[]",
        // Spin's own name is better than none.
        other => return format!("{other:?}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_an_unsupported_type_is_named_with_its_type_and_the_cast() {
        for (data_type, value, ty) in [
            (DbDataType::Decimal, DbValue::Decimal("1".into()), "numeric"),
            (DbDataType::ArrayInt32, DbValue::ArrayInt32(vec![Some(1)]), "int4[]"),
            (DbDataType::Other("money".into()), DbValue::Unsupported(vec![]), "money"),
        ] {
            let refused = entry(&Column { name: "c".into(), data_type }, value).unwrap_err();
            assert!(refused.contains(&format!("column c is of type {ty}, ")), "{refused}");
            assert!(refused.contains("CAST(c AS text)"), "{refused}");
        }
    }
}
