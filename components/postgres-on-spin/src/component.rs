//! The exported interfaces. Spin makes a new instance for each request, so what is kept here lives as long as a request.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use self::prepared::{PreparedStatementExecError, PreparedStatementToken, StatementPrepareError};
use self::types::{PgValue, QueryError, ResultRow};
use crate::address;
use crate::bindings::exports::wasmcloud::postgres::{prepared, query, types};
use crate::bindings::fermyon::spin::variables;
use crate::bindings::spin::postgres::postgres::{Connection, Error, ParameterValue, RowSet};
use crate::error::{self, invalid_params, invalid_query};
use crate::statement::{Plan, plan, single};
use crate::value::{entry, parameter};

#[allow(unsafe_code, reason = "the exported functions are written by wit-bindgen")]
mod export {
    use super::Component;

    crate::bindings::export!(Component with_types_in crate::bindings);
}

/// How long a server that has no room for another connection is waited for, and how long between two attempts.
const FULL_LIMIT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(160);

struct Component;

thread_local! {
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

impl query::Guest for Component {
    fn query(statement: String, params: Vec<PgValue>) -> Result<Vec<ResultRow>, QueryError> {
        let plan = plan(&statement).map_err(invalid_query)?;
        let parameters = parameters(params)?;
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

    fn query_batch(statements: String) -> Result<(), QueryError> {
        // Several are refused there: they would not be one transaction.
        Self::query(statements, Vec::new()).map(|_| ())
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
            let statement = single(&statement).map_err(invalid_query)?;
            let parameters = parameters(params)?;
            on_connection(|connection| connection.execute(statement, &parameters))
        };
        run().map_err(PreparedStatementExecError::QueryError)
    }
}

fn parameters(params: Vec<PgValue>) -> Result<Vec<ParameterValue>, QueryError> {
    let numbered = params.into_iter().zip(1..);
    numbered
        .map(|(value, number)| {
            parameter(value).map_err(|fault| invalid_params(format!("the parameter ${number}: {fault}")))
        })
        .collect()
}

/// Runs one statement on this instance's connection. After a failure that is not the database's own answer the connection
/// is given back, so that the next statement gets another one.
fn on_connection<T>(run: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, QueryError> {
    let connection = connection()?;
    run(&connection).map_err(|error| {
        let error = error::query_error(error);
        if error::is_unavailable(&error) {
            CONNECTION.set(None);
        }
        error
    })
}

fn connection() -> Result<Rc<Connection>, QueryError> {
    if let Some(connection) = CONNECTION.with_borrow(Clone::clone) {
        return Ok(connection);
    }
    let url = variable(address::URL_VARIABLE)?.ok_or_else(|| {
        error::unavailable(&format!(
            "the variable {} is not set; an example is postgres://waybill:secret@db.example.com:5432/orders",
            address::URL_VARIABLE
        ))
    })?;
    let settings = variable(address::SETTINGS_VARIABLE)?.unwrap_or_default();
    let address = address::address(&url, &settings).map_err(|fault| error::unavailable(&fault))?;
    let connection = Rc::new(open(&address).map_err(error::query_error)?);
    CONNECTION.set(Some(connection.clone()));
    Ok(connection)
}

/// Takes a connection. Spin's pools may grow larger than the server allows, and a server that is full for now has room again
/// as soon as another request is done, so it is asked again for a while. Nothing has been sent to it yet.
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

fn variable(name: &str) -> Result<Option<String>, QueryError> {
    match variables::get(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(variables::Error::Undefined(_)) => Ok(None),
        Err(
            variables::Error::InvalidName(reason)
            | variables::Error::Provider(reason)
            | variables::Error::Other(reason),
        ) => Err(error::unavailable(&format!("the variable {name} cannot be read: {reason}"))),
    }
}

/// The rows of the statement as it was given: without the first column, and without the row that stands for none.
fn result(set: RowSet, is_padded: bool) -> Result<Vec<ResultRow>, QueryError> {
    let RowSet { columns, rows } = set;
    let skipped = usize::from(is_padded);
    rows.into_iter()
        .filter(|row| !is_padded || !crate::value::is_null(row.first()))
        .map(|row| {
            let columns = columns.iter().zip(row).skip(skipped);
            columns
                .map(|(column, value)| entry(column, value))
                .collect::<Result<_, _>>()
                .map_err(invalid_query)
        })
        .collect()
}
