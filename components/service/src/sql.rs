//! The SQL capability (`wasmcloud:postgres/query`), typed as far as we use it.
//!
//! Nothing spans two calls: a [`Statement`] is its own transaction. So that the same statements run on every host:
//!
//! - parameters are text, uuid, int8, int4 and bool; results are text, int8, int4 and bool (times and identifiers are cast
//!   to text; JSON and times are given as text and cast);
//! - a statement that changes rows begins with its `WITH` or `INSERT` and returns exactly one row.

use std::io::Write;
use std::{fmt, vec};

use serde::de::DeserializeOwned;
use uuid::Uuid;
use waybill_contracts::sql::Unexpected;

use self::bindings::wasmcloud::postgres::query as capability;
/// A parameter or a result, of any type of PostgreSQL.
pub use self::bindings::wasmcloud::postgres::types::PgValue as Value;
use self::bindings::wasmcloud::postgres::types::{QueryError, ResultRowEntry};
use crate::Problem;

/// The interfaces in Rust, as `wit-bindgen` writes them.
#[allow(missing_docs, unsafe_code, clippy::all, clippy::pedantic)]
pub mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "sql", generate_all });
}

/// One SQL statement, named after its file.
#[derive(Debug)]
pub struct Statement {
    /// The file's name without `.sql`, for the log.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Declares the statement of `sql/NAME.sql`: `statement!(CREATE_ORDER, "create_order")`.
#[macro_export]
macro_rules! statement {
    ($(#[$doc:meta])* $constant:ident, $name:literal) => {
        $(#[$doc])*
        pub static $constant: $crate::sql::Statement =
            $crate::sql::Statement { name: $name, text: include_str!(concat!("sql/", $name, ".sql")) };
    };
}

/// Runs a statement and returns its rows.
pub fn query(statement: &'static Statement, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
    run(statement, statement.text, parameters)
}

/// Runs a statement that returns exactly one row, as part of a trace that the host does not know of.
///
/// wasmCloud begins a new trace when it hands over a message, so the statement says itself what it belongs to, in the
/// comment that [sqlcommenter](https://google.github.io/sqlcommenter/spec/) defines.
pub fn query_one_in(
    trace: Option<&Traceparent>,
    statement: &'static Statement,
    parameters: &[Value],
) -> Result<Row, SqlError> {
    match trace {
        None => query_one(statement, parameters),
        Some(Traceparent(trace)) => {
            let text = format!("{}/*traceparent='{trace}'*/", statement.text);
            only_one(statement, run(statement, &text, parameters)?)
        }
    }
}

fn run(statement: &'static Statement, text: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
    match capability::query(text, parameters) {
        Ok(rows) => Ok(rows.into_iter().map(|row| Row { statement, columns: row.into_iter() }).collect()),
        Err(error) => Err(SqlError::new(statement, error)),
    }
}

/// Runs a statement that returns exactly one row.
pub fn query_one(statement: &'static Statement, parameters: &[Value]) -> Result<Row, SqlError> {
    only_one(statement, query(statement, parameters)?)
}

fn only_one(statement: &'static Statement, mut rows: Vec<Row>) -> Result<Row, SqlError> {
    match (rows.pop(), rows.len()) {
        (Some(row), 0) => Ok(row),
        _ => Err(SqlError::defect(statement, "it did not return exactly one row")),
    }
}

/// A `traceparent` of the form that [W3C Trace Context](https://www.w3.org/TR/trace-context/) gives version 00.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traceparent(String);

impl Traceparent {
    /// Reads one; none where the text is anything else, so that nothing but it can get into a statement.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let hexadecimal = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_well_formed = parts.iter().map(|part| part.len()).eq([2, 32, 16, 2])
            && parts.iter().all(|part| hexadecimal(part))
            && parts[0] == "00";
        is_well_formed.then(|| Self(text.to_owned()))
    }
}

/// A text parameter.
pub fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

/// A text parameter that may be null.
pub fn optional_text(value: Option<String>) -> Value {
    value.map_or(Value::Null, Value::Text)
}

/// A uuid parameter.
pub fn uuid(value: Uuid) -> Value {
    Value::Uuid(value.to_string())
}

/// An int8 parameter.
pub fn int8(value: i64) -> Value {
    Value::Int8(value)
}

/// An int4 parameter.
pub fn int4(value: i32) -> Value {
    Value::Int4(value)
}

/// A row, whose columns are read one after the other in the statement's order.
#[derive(Debug)]
pub struct Row {
    statement: &'static Statement,
    columns: vec::IntoIter<ResultRowEntry>,
}

impl Row {
    /// The next column, which is text.
    pub fn text(&mut self) -> Result<String, SqlError> {
        match self.next_column()? {
            ResultRowEntry { value: Value::Text(value), .. } => Ok(value),
            other => Err(self.unexpected(&other, "text")),
        }
    }

    /// The next column, which is int8.
    pub fn int8(&mut self) -> Result<i64, SqlError> {
        match self.next_column()? {
            ResultRowEntry { value: Value::Int8(value) | Value::BigInt(value), .. } => Ok(value),
            other => Err(self.unexpected(&other, "int8")),
        }
    }

    /// The next column, which is int4.
    pub fn int4(&mut self) -> Result<i32, SqlError> {
        match self.next_column()? {
            ResultRowEntry {
                value: Value::Int4(value) | Value::Int(value) | Value::Integer(value), ..
            } => Ok(value),
            other => Err(self.unexpected(&other, "int4")),
        }
    }

    /// The next column, which is bool.
    pub fn boolean(&mut self) -> Result<bool, SqlError> {
        match self.next_column()? {
            ResultRowEntry { value: Value::Bool(value) | Value::Boolean(value), .. } => Ok(value),
            other => Err(self.unexpected(&other, "bool")),
        }
    }

    /// The next column, which is JSON as text.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, SqlError> {
        let text = self.text()?;
        serde_json::from_str(&text)
            .map_err(|error| SqlError::defect(self.statement, &format!("its JSON is another: {error}")))
    }

    fn next_column(&mut self) -> Result<ResultRowEntry, SqlError> {
        self.columns.next().ok_or_else(|| SqlError::defect(self.statement, "it returned too few columns"))
    }

    fn unexpected(&self, column: &ResultRowEntry, expected: &str) -> SqlError {
        SqlError::defect(self.statement, &format!("its column {} is not {expected}", column.column_name))
    }
}

/// Why a statement failed.
#[derive(Debug)]
pub struct SqlError {
    statement: &'static str,
    kind: Kind,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The database could not run it now; a later attempt may succeed.
    Unavailable,
    /// A constraint forbids it, whose name is in the text.
    Constraint,
    /// The statement, its parameters or its result do not fit the schema: our fault.
    Defect,
}

impl SqlError {
    /// What an error of the capability means.
    pub fn new(statement: &Statement, error: QueryError) -> Self {
        let (kind, text) = match error {
            QueryError::Unexpected(text) if Unexpected::parse(&text).is_violation() => {
                (Kind::Constraint, text)
            }
            QueryError::Unexpected(text) => (Kind::Unavailable, text),
            QueryError::InvalidParams(text) | QueryError::InvalidQuery(text) => (Kind::Defect, text),
        };
        Self { statement: statement.name, kind, text }
    }

    fn defect(statement: &Statement, text: &str) -> Self {
        Self { statement: statement.name, kind: Kind::Defect, text: text.to_owned() }
    }

    /// Whether the database could not run it now, which says nothing about the statement.
    pub fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }

    /// Whether the constraint of this name was violated.
    pub fn violates(&self, constraint: &str) -> bool {
        self.kind == Kind::Constraint && Unexpected::parse(&self.text).violates(constraint)
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {} failed: {}", self.statement, self.text)
    }
}

impl std::error::Error for SqlError {}

impl From<SqlError> for Problem {
    /// Logs the error, for it is the last that is seen of its text: the client gets none of it.
    fn from(error: SqlError) -> Self {
        log(&error);
        match error.kind {
            Kind::Unavailable => Self::unavailable(),
            Kind::Constraint | Kind::Defect => Self::internal(),
        }
    }
}

/// Writes a line to the log, which is the standard error of a component. A log that cannot be written stops nothing.
pub fn log(line: &dyn fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::respond::tests::text_of;

    static STATEMENT: Statement = Statement { name: "do_it", text: "SELECT secret" };

    fn row(values: Vec<Value>) -> Row {
        let columns: Vec<_> =
            values.into_iter().map(|value| ResultRowEntry { column_name: "c".into(), value }).collect();
        Row { statement: &STATEMENT, columns: columns.into_iter() }
    }

    #[test]
    fn a_violated_constraint_is_known_by_its_name() {
        for text in [
            "SQLSTATE 23505: duplicate key value violates unique constraint \"invoices_one_per_order\"",
            "db error: ERROR: duplicate key value violates unique constraint \"invoices_one_per_order\"",
        ] {
            let error = SqlError::new(&STATEMENT, QueryError::Unexpected(text.into()));
            assert!(error.violates("invoices_one_per_order"));
            assert!(!error.violates("orders_customer_exists"));
        }
        let away = SqlError::new(
            &STATEMENT,
            QueryError::Unexpected("database unavailable: invoices_one_per_order".into()),
        );
        assert!(!away.violates("invoices_one_per_order"));
    }

    #[test]
    fn an_unavailable_database_is_a_503_and_anything_else_a_500() {
        let status = |error| Problem::from(SqlError::new(&STATEMENT, error)).status().as_u16();
        assert_eq!(status(QueryError::Unexpected("database unavailable: no route".into())), 503);
        assert_eq!(status(QueryError::Unexpected("connection closed".into())), 503);
        assert_eq!(status(QueryError::Unexpected("SQLSTATE 23514: check".into())), 500);
        assert_eq!(status(QueryError::InvalidQuery("SQLSTATE 42P01: no table".into())), 500);
        assert_eq!(status(QueryError::InvalidParams("SQLSTATE 22003: too large".into())), 500);
    }

    #[test]
    fn an_answer_tells_nothing_of_the_statement() {
        let error = SqlError::new(&STATEMENT, QueryError::InvalidQuery("SELECT secret".into()));
        let text = text_of(Problem::from(error).into_response());
        assert!(!text.contains("SELECT") && !text.contains("do_it"), "{text}");
    }

    #[test]
    fn nothing_but_a_traceparent_is_one() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(Traceparent::read(good), Some(Traceparent(good.to_owned())));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333'-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01*/",
        ] {
            assert_eq!(Traceparent::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn columns_are_read_in_their_order() {
        let mut row = row(vec![Value::Text("a".into()), Value::Int8(1), Value::BigInt(2), Value::Int4(3)]);
        assert_eq!(row.text().unwrap(), "a");
        assert_eq!((row.int8().unwrap(), row.int8().unwrap(), row.int4().unwrap()), (1, 2, 3));
        assert!(row.text().is_err());
    }

    #[test]
    fn a_column_of_another_type_is_an_error() {
        assert!(row(vec![Value::Null]).text().is_err());
        assert!(row(vec![Value::Text("1".into())]).int8().is_err());
    }
}
