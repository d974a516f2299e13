use std::fmt;

/// A value that crosses the SQL link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each case is named after the PostgreSQL type that it stands for")]
pub enum SqlValue {
    Null,
    Bool(bool),
    Int2(i16),
    Int4(i32),
    Int8(i64),
    Text(String),
    /// In the text form that PostgreSQL reads.
    Uuid(String),
}

impl SqlValue {
    /// The PostgreSQL type, as a cast in a statement names it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int2(_) => "smallint",
            Self::Int4(_) => "integer",
            Self::Int8(_) => "bigint",
            Self::Text(_) => "text",
            Self::Uuid(_) => "uuid",
        }
    }
}

/// A case of `pg-value` that does not cross the link, by its name in the WIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedCase(String);

impl UnsupportedCase {
    /// The case of a value, read from what its derived `Debug` writes before the payload.
    pub fn of(value: &dyn fmt::Debug) -> Self {
        let mut head = Head(String::new());
        // The writer fails where the payload begins.
        let _ = fmt::write(&mut head, format_args!("{value:?}"));
        Self(head.0)
    }

    /// The PostgreSQL type of the case.
    fn type_name(&self) -> String {
        let name = self.0.replace("-array", "[]");
        name.replace("pg-", "pg_").replace("txid-", "txid_").replace('-', "")
    }
}

/// Collects `int4-array` from `PgValue::Int4Array(…)`.
struct Head(String);

impl fmt::Write for Head {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '(' => return Err(fmt::Error),
                ':' => self.0.clear(),
                'A'..='Z' if !self.0.is_empty() => self.0.extend(['-', character.to_ascii_lowercase()]),
                _ => self.0.push(character.to_ascii_lowercase()),
            }
        }
        Ok(())
    }
}

/// The parameters of a statement, or the sentence that refuses the first one that does not cross the link.
pub fn parameters<P>(given: Vec<P>) -> Result<Vec<SqlValue>, String>
where
    SqlValue: TryFrom<P, Error = UnsupportedCase>,
{
    let convert = |(value, number): (P, usize)| {
        SqlValue::try_from(value).map_err(|case| {
            let ty = case.type_name();
            format!(
                "parameter ${number} is of type {ty}, which the SQL link does not carry; pass it as text and cast it: \
                 CAST(CAST(${number} AS text) AS {ty})"
            )
        })
    };
    given.into_iter().zip(1..).map(convert).collect()
}

/// The sentence that refuses a column whose type does not cross the link.
pub fn refused_column(name: &str, ty: &str) -> String {
    format!(
        "the column {name} is of type {ty}, which the SQL link does not carry; cast it to text: CAST({name} AS text)"
    )
}

/// Converts between the types that a host or component generates from the WIT (`PgValue` and `QueryError`) and those of this
/// crate: `sql_link_types!(PgValue, QueryError);` where both names are in scope.
#[macro_export]
macro_rules! sql_link_types {
    ($value:ident, $error:ident) => {
        impl TryFrom<$value> for $crate::sql::SqlValue {
            type Error = $crate::sql::UnsupportedCase;

            fn try_from(value: $value) -> Result<Self, Self::Error> {
                Ok(match value {
                    $value::Null => Self::Null,
                    $value::Bool(truth) | $value::Boolean(truth) => Self::Bool(truth),
                    $value::Int2(number) | $value::SmallInt(number) => Self::Int2(number),
                    $value::Int4(number) | $value::Int(number) | $value::Integer(number) => {
                        Self::Int4(number)
                    }
                    $value::Int8(number) | $value::BigInt(number) => Self::Int8(number),
                    $value::Text(text) => Self::Text(text),
                    $value::Uuid(text) => Self::Uuid(text),
                    other => return Err($crate::sql::UnsupportedCase::of(&other)),
                })
            }
        }

        impl From<$crate::sql::SqlValue> for $value {
            fn from(value: $crate::sql::SqlValue) -> Self {
                match value {
                    $crate::sql::SqlValue::Null => Self::Null,
                    $crate::sql::SqlValue::Bool(truth) => Self::Bool(truth),
                    $crate::sql::SqlValue::Int2(number) => Self::Int2(number),
                    $crate::sql::SqlValue::Int4(number) => Self::Int4(number),
                    $crate::sql::SqlValue::Int8(number) => Self::Int8(number),
                    $crate::sql::SqlValue::Text(text) => Self::Text(text),
                    $crate::sql::SqlValue::Uuid(text) => Self::Uuid(text),
                }
            }
        }

        impl From<$crate::sql::QueryFailure> for $error {
            fn from(failure: $crate::sql::QueryFailure) -> Self {
                match failure {
                    $crate::sql::QueryFailure::InvalidParams(text) => Self::InvalidParams(text),
                    $crate::sql::QueryFailure::InvalidQuery(text) => Self::InvalidQuery(text),
                    $crate::sql::QueryFailure::Unexpected(text) => Self::Unexpected(text),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few cases, as a generator writes them.
    #[derive(Debug)]
    #[allow(dead_code, reason = "unsupported payloads are not read")]
    enum PgValue {
        Null,
        Bool(bool),
        Boolean(bool),
        Int2(i16),
        SmallInt(i16),
        Int4(i32),
        Int(i32),
        Integer(i32),
        Int8(i64),
        BigInt(i64),
        Text(String),
        Uuid(String),
        Jsonb(String),
        Int4Array(Vec<i32>),
        TimeTz(String),
        PgLsn(u64),
    }

    #[allow(dead_code, reason = "the tests are about values")]
    enum QueryError {
        InvalidParams(String),
        InvalidQuery(String),
        Unexpected(String),
    }

    sql_link_types!(PgValue, QueryError);

    #[test]
    fn a_supported_value_crosses_and_comes_back() {
        for value in [
            SqlValue::Null,
            SqlValue::Bool(true),
            SqlValue::Int2(i16::MIN),
            SqlValue::Int4(i32::MAX),
            SqlValue::Int8(i64::MIN),
            SqlValue::Text("ü".into()),
            SqlValue::Uuid("0193fbf0-6c2a-7c5e-9b1a-2f3e4d5c6b7a".into()),
        ] {
            assert_eq!(parameters(vec![PgValue::from(value.clone())]), Ok(vec![value]));
        }
        let aliases = vec![
            PgValue::Boolean(true),
            PgValue::SmallInt(1),
            PgValue::Int(1),
            PgValue::Integer(1),
            PgValue::BigInt(1),
        ];
        let types: Vec<_> = parameters(aliases).unwrap().iter().map(SqlValue::type_name).collect();
        assert_eq!(types, ["boolean", "smallint", "integer", "integer", "bigint"]);
    }

    #[test]
    fn an_unsupported_value_is_refused_with_its_type_and_the_cast() {
        for (value, ty) in [
            (PgValue::Jsonb("{}".into()), "jsonb"),
            (PgValue::Int4Array(vec![1]), "int4[]"),
            (PgValue::TimeTz("x".into()), "timetz"),
            (PgValue::PgLsn(1), "pg_lsn"),
        ] {
            let refused = parameters(vec![PgValue::Null, value]).unwrap_err();
            assert!(refused.starts_with(&format!("parameter $2 is of type {ty}, ")), "{refused}");
            assert!(refused.ends_with(&format!("CAST(CAST($2 AS text) AS {ty})")), "{refused}");
        }
        assert_eq!(UnsupportedCase::of(&"Plain(1)"), UnsupportedCase("\"-plain".into()));
    }
}
