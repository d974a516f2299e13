//! The exported interfaces. Spin makes a new instance for each request, so what is kept here lives as long as a request.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use waybill_contracts::sql::{QueryFailure, parameters};

use self::prepared::{PreparedStatementExecError, PreparedStatementToken, StatementPrepareError};
use self::types::{PgValue, QueryError, ResultRow};
use crate::bindings::exports::wasmcloud::postgres::{prepared, query, types};
use crate::bindings::fermyon::spin::variables;
use crate::bindings::spin::postgres::postgres::{Connection, Error, ParameterValue, RowSet};
use crate::statement::{Plan, plan, single};
use crate::value::{entry, is_null, parameter};
use crate::{address, error};

#[allow(unsafe_code, reason = "the exported functions are written by wit-bindgen")]
mod export {
    use super::Component;

    crate::bindings::export!(Component with_types_in crate::bindings);
}

/// How long to wait for a server whose connections are all in use, and the pause between two attempts.
const FULL_LIMIT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(160);

struct Component;

thread_local! {
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

impl query::Guest for Component {
    fn query(statement: String, params: Vec<PgValue>) -> Result<Vec<ResultRow>, QueryError> {
        Ok(query(&statement, params)?)
    }

    fn query_batch(statements: String) -> Result<(), QueryError> {
        // Several statements are refused: they would not be one transaction.
        query(&statements, Vec::new())?;
        Ok(())
    }
}

fn query(statement: &str, params: Vec<PgValue>) -> Result<Vec<ResultRow>, QueryFailure> {
    let plan = plan(statement).map_err(QueryFailure::InvalidQuery)?;
    let parameters = spin_parameters(params)?;
    match plan {
        Plan::Rows { statement, is_padded } => {
            let rows = on_connection(|connection| connection.query(&statement, &parameters))?;
            result(rows, is_padded)
        }
        Plan::Effect(statement) => {
            on_connection(|connection| connection.execute(&statement, &parameters))?;
            Ok(Vec::new())
        }
    }
}

impl prepared::Guest for Component {
    /// The statement is its own token: nothing of it has to be remembered, so a token is good in any instance.
    fn prepare(statement: String) -> Result<PreparedStatementToken, StatementPrepareError> {
        single(&statement).map_err(StatementPrepareError::Unexpected)?;
        Ok(statement)
    }

    fn exec(
        statement: PreparedStatementToken,
        params: Vec<PgValue>,
    ) -> Result<u64, PreparedStatementExecError> {
        let run = || {
            let statement = single(&statement).map_err(QueryFailure::InvalidQuery)?;
            let parameters = spin_parameters(params)?;
            on_connection(|connection| connection.execute(statement, &parameters))
        };
        run().map_err(|failure: QueryFailure| PreparedStatementExecError::QueryError(failure.into()))
    }
}

fn spin_parameters(params: Vec<PgValue>) -> Result<Vec<ParameterValue>, QueryFailure> {
    let params = parameters(params).map_err(QueryFailure::InvalidParams)?;
    Ok(params.into_iter().map(parameter).collect())
}

/// Runs one statement on this instance's connection. After a failure that is not the database's own answer the connection
/// goes back to Spin, so that the next statement gets another one.
fn on_connection<T>(run: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, QueryFailure> {
    let connection = connection()?;
    run(&connection).map_err(|error| {
        let is_read_only = error::is_read_only(&error);
        let failure = error::failure(error);
        if failure.is_unavailable() {
            CONNECTION.set(None);
        }
        if is_read_only {
            end(&connection);
        }
        failure
    })
}

/// Ends a session at the server, so that Spin's pool does not keep it for the next request: a server that takes no writes may have a
/// successor behind the same address. The answer is the end of the connection, which says nothing.
fn end(connection: &Connection) {
    let _ = connection.execute("SELECT pg_terminate_backend(pg_backend_pid())", &[]);
}

fn connection() -> Result<Rc<Connection>, QueryFailure> {
    if let Some(connection) = CONNECTION.with_borrow(Clone::clone) {
        return Ok(connection);
    }
    let url = variable(address::URL_VARIABLE)?.ok_or_else(|| {
        QueryFailure::unavailable(&format!(
            "the variable {} is not set; an example is postgres://waybill:secret@db.example.com:5432/orders",
            address::URL_VARIABLE
        ))
    })?;
    let settings = variable(address::SETTINGS_VARIABLE)?.unwrap_or_default();
    let address = address::address(&url, &settings).map_err(|fault| QueryFailure::unavailable(&fault))?;
    let connection = Rc::new(open(&address).map_err(error::failure)?);
    CONNECTION.set(Some(connection.clone()));
    Ok(connection)
}

/// Takes a connection. Spin's pools may grow larger than the server allows, and a server that is full for now has room again
/// as soon as another request is done, so this asks again for a while. Nothing was sent to it yet.
fn open(address: &str) -> Result<Connection, Error> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match Connection::open(address) {
            Err(error) if error::is_full(&error) && begun.elapsed() < FULL_LIMIT => {
                sleep(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            done => return done,
        }
    }
}

fn variable(name: &str) -> Result<Option<String>, QueryFailure> {
    match variables::get(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(variables::Error::Undefined(_)) => Ok(None),
        Err(
            variables::Error::InvalidName(reason)
            | variables::Error::Provider(reason)
            | variables::Error::Other(reason),
        ) => Err(QueryFailure::unavailable(&format!("the variable {name} cannot be read: {reason}"))),
    }
}

/// The rows of the original statement: without the first column, and without the padding row.
fn result(set: RowSet, is_padded: bool) -> Result<Vec<ResultRow>, QueryFailure> {
    let RowSet { columns, rows } = set;
    let skipped = usize::from(is_padded);
    rows.into_iter()
        .filter(|row| !is_padded || !is_null(row.first()))
        .map(|row| {
            let columns = columns.iter().zip(row).skip(skipped);
            columns
                .map(|(column, value)| entry(column, value))
                .collect::<Result<_, _>>()
                .map_err(QueryFailure::InvalidQuery)
        })
        .collect()
}
