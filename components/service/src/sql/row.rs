//! Rows, read by the names of their columns.

use std::mem;

use serde::de::DeserializeOwned;

use super::bindings::wasmcloud::postgres::types::ResultRowEntry;
use super::{SqlError, Value};

/// What a row is read into. It is derived: each field is the column of its name, or `#[column(json)]` of JSON as text.
pub trait FromRow: Sized {
    /// Reads the columns.
    fn from_row(row: &mut Row) -> Result<Self, SqlError>;
}

/// A row of a result. Each column is taken out once.
#[derive(Debug)]
pub struct Row {
    statement: &'static str,
    columns: Vec<ResultRowEntry>,
}

impl Row {
    /// A row of the result of `statement`.
    pub(super) fn new(statement: &'static str, columns: Vec<ResultRowEntry>) -> Self {
        Self { statement, columns }
    }

    /// Takes the value of a column.
    pub fn get<T: Column>(&mut self, name: &str) -> Result<T, SqlError> {
        let value = self.take(name)?;
        T::read(value).ok_or_else(|| self.defect(name, &format!("is not {}", T::TYPE)))
    }

    /// Takes the value of a column of JSON as text. SQL's null is JSON's.
    pub fn json<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, SqlError> {
        let text: Option<String> = self.get(name)?;
        serde_json::from_str(text.as_deref().unwrap_or("null"))
            .map_err(|error| self.defect(name, &format!("has other JSON than expected: {error}")))
    }

    fn take(&mut self, name: &str) -> Result<Value, SqlError> {
        match self.columns.iter_mut().find(|column| column.column_name == name) {
            Some(column) => Ok(mem::replace(&mut column.value, Value::Null)),
            None => Err(self.defect(name, "is missing")),
        }
    }

    fn defect(&self, column: &str, fault: &str) -> SqlError {
        SqlError::defect(self.statement, &format!("its column {column} {fault}"))
    }
}

/// A type that a column is read as.
pub trait Column: Sized {
    /// Its name in errors.
    const TYPE: &'static str;

    /// Reads a value; `None` if it is of another type.
    fn read(value: Value) -> Option<Self>;
}

macro_rules! column {
    ($rust:ty, $name:literal, $($case:ident)|+) => {
        impl Column for $rust {
            const TYPE: &'static str = $name;

            fn read(value: Value) -> Option<Self> {
                if let $(Value::$case(value))|+ = value { Some(value) } else { None }
            }
        }
    };
}

column!(String, "text", Text);
column!(i64, "int8", Int8 | BigInt);
column!(i32, "int4", Int4 | Int | Integer);
column!(bool, "bool", Bool | Boolean);

impl<T: Column> Column for Option<T> {
    const TYPE: &'static str = T::TYPE;

    fn read(value: Value) -> Option<Self> {
        if matches!(value, Value::Null) { Some(None) } else { T::read(value).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use waybill_statement_macro::FromRow;

    use super::*;

    fn row(columns: Vec<(&str, Value)>) -> Row {
        let entry = |(name, value): (&str, Value)| ResultRowEntry { column_name: name.into(), value };
        Row::new("do_it", columns.into_iter().map(entry).collect())
    }

    #[derive(Debug, PartialEq, FromRow)]
    struct Example {
        name: String,
        amount: i64,
        version: Option<i32>,
        is_known: bool,
        #[column(json)]
        lines: Vec<u8>,
        #[column(json)]
        reference: Option<String>,
    }

    #[test]
    fn columns_are_read_by_their_names() {
        let mut row = row(vec![
            ("lines", Value::Text("[1]".into())),
            ("is_known", Value::Bool(true)),
            ("reference", Value::Null),
            ("version", Value::Null),
            ("amount", Value::BigInt(7)),
            ("name", Value::Text("a".into())),
        ]);
        let expected = Example {
            name: "a".into(),
            amount: 7,
            version: None,
            is_known: true,
            lines: vec![1],
            reference: None,
        };
        assert_eq!(Example::from_row(&mut row).unwrap(), expected);
    }

    #[test]
    fn a_column_that_does_not_fit_is_named() {
        for (value, fault) in [
            (Value::Null, "statement do_it failed: its column a is not text"),
            (Value::Int8(1), "statement do_it failed: its column a is not text"),
        ] {
            assert_eq!(row(vec![("a", value)]).get::<String>("a").unwrap_err().to_string(), fault);
        }
        let missing = row(vec![("a", Value::Null)]).get::<String>("b").unwrap_err();
        assert_eq!(missing.to_string(), "statement do_it failed: its column b is missing");
        assert!(row(vec![("a", Value::Text("{".into()))]).json::<Vec<u8>>("a").is_err());
        assert!(row(vec![("a", Value::Null)]).json::<Vec<u8>>("a").is_err());
    }
}
