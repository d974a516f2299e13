//! The SQL capability (`wasmcloud:postgres/query`), typed as far as the services use it.
//!
//! Nothing spans two calls: a [`Statement`] is its own transaction. So that each statement runs on every host:
//!
//! - parameters are text, uuid, int8, int4 and bool; results are text, int8, int4 and bool (times and identifiers are cast to
//!   text; JSON and times are given as text and cast);
//! - a statement that changes rows begins with its `WITH` or `INSERT` and returns exactly one row.

use std::fmt;
use std::io::Write;

pub use waybill_statement_macro::{FromRow, statement};
pub use waybill_trace_context::Traceparent;

use self::bindings::wasmcloud::postgres::query as capability;
/// A parameter or a result, of any type of PostgreSQL.
pub use self::bindings::wasmcloud::postgres::types::PgValue as Value;
pub use self::error::SqlError;
pub use self::row::{Column, FromRow, Row};

mod error;
mod row;

/// The interfaces in Rust, as `wit-bindgen` writes them.
#[allow(missing_docs, unsafe_code, clippy::all, clippy::pedantic)]
pub mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "sql", generate_all });
}

/// An SQL statement with its parameters, as [`statement!`] makes it of a file.
pub trait Statement: Sized {
    /// The file's name without `.sql`, for the log.
    const NAME: &'static str;
    /// What is sent: the marker of its [`Execution`](waybill_contracts::Execution), and the statement with numbered parameters.
    const TEXT: &'static str;
    /// What its columns are read into.
    type Row: FromRow;

    /// The values of the parameters by their numbers.
    fn parameters(self) -> Vec<Value>;

    /// Runs the statement and returns its rows.
    fn query(self) -> Result<Vec<Self::Row>, SqlError> {
        let rows = run(Self::NAME, Self::TEXT, &self.parameters())?;
        rows.into_iter().map(|mut row| Self::Row::from_row(&mut row)).collect()
    }

    /// Runs a statement that returns at most one row.
    fn query_optional(self) -> Result<Option<Self::Row>, SqlError> {
        let row = run(Self::NAME, Self::TEXT, &self.parameters())?.pop();
        row.map(|mut row| Self::Row::from_row(&mut row)).transpose()
    }

    /// Runs a statement that returns exactly one row.
    fn query_one(self) -> Result<Self::Row, SqlError> {
        Self::Row::from_row(&mut only_one(Self::NAME, Self::TEXT, &self.parameters())?)
    }

    /// Runs a statement that returns exactly one row, as part of a trace that the host does not know of.
    ///
    /// wasmCloud begins a new trace for each message, so the statement says itself what it belongs to, in the comment that
    /// [sqlcommenter](https://google.github.io/sqlcommenter/spec/) defines.
    fn query_one_in(self, trace: Option<&Traceparent>) -> Result<Self::Row, SqlError> {
        match trace {
            None => self.query_one(),
            Some(trace) => {
                let text = format!("{}/*traceparent='{trace}'*/", Self::TEXT);
                Self::Row::from_row(&mut only_one(Self::NAME, &text, &self.parameters())?)
            }
        }
    }
}

fn run(statement: &'static str, text: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
    match capability::query(text, parameters) {
        Ok(rows) => Ok(rows.into_iter().map(|columns| Row::new(statement, columns)).collect()),
        Err(error) => Err(SqlError::new(statement, error)),
    }
}

fn only_one(statement: &'static str, text: &str, parameters: &[Value]) -> Result<Row, SqlError> {
    let mut rows = run(statement, text, parameters)?;
    match (rows.pop(), rows.len()) {
        (Some(row), 0) => Ok(row),
        _ => Err(SqlError::defect(statement, "it did not return exactly one row")),
    }
}

/// Writes a line to the log, which is the standard error of a component. A log that cannot be written stops nothing.
pub fn log(line: &dyn fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
