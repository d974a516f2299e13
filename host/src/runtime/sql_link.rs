use std::time::Instant;

use futures::future::BoxFuture;
use waybill_contracts::sql::{QueryFailure, parameters};
use waybill_contracts::sql_link_types;
use waybill_postgres::{Database, Error, Execution, Row};
use waybill_telemetry::{CallSpans, Context, Service, Span, SpanKind, names};

pub use super::bindings::wasmcloud::postgres::types::{PgValue, QueryError, ResultRow, ResultRowEntry};
use crate::metrics::statements;

sql_link_types!(PgValue, QueryError);

/// The reply to a statement. The outer error is the host's and ends the instance; the inner one is the component's to handle.
pub type SqlReply<T> = wasmtime::Result<Result<T, QueryFailure>>;

/// The SQL capability of a component. [`Database`] is the real one; tests link others that fail on command.
pub trait Sql: Send + Sync + 'static {
    /// Runs one statement with its parameters and returns its rows.
    fn query<'a>(
        &'a self,
        statement: &'a str,
        params: Vec<PgValue>,
    ) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>>;

    /// Runs several statements without parameters.
    fn query_batch<'a>(&'a self, statements: &'a str) -> BoxFuture<'a, SqlReply<()>>;
}

impl Sql for Database {
    fn query<'a>(
        &'a self,
        statement: &'a str,
        params: Vec<PgValue>,
    ) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>> {
        Box::pin(async move { Ok(query(self, statement, params).await) })
    }

    fn query_batch<'a>(&'a self, statements: &'a str) -> BoxFuture<'a, SqlReply<()>> {
        Box::pin(
            async move { Ok(Self::query_batch(self, statements).await.map_err(|error| (&error).into())) },
        )
    }
}

async fn query(
    database: &Database,
    statement: &str,
    params: Vec<PgValue>,
) -> Result<Vec<ResultRow>, QueryFailure> {
    let params = parameters(params).map_err(QueryFailure::InvalidParams)?;
    let rows = database.query(statement, Execution::of(statement), &params).await;
    let rows = rows.and_then(|rows| rows.iter().map(result_row).collect());
    rows.map_err(|error| (&error).into())
}

fn result_row(row: &Row) -> Result<ResultRow, Error> {
    row.entries()
        .map(|entry| {
            entry.map(|(name, value)| ResultRowEntry { column_name: name.to_owned(), value: value.into() })
        })
        .collect()
}

/// The current call of an instance, under which its SQL statements are traced.
pub struct Call {
    pub name: &'static str,
    /// The service that the component provides.
    pub service: Service,
    /// The span of the request or delivery.
    pub parent: Context,
    /// The spans that the component reports within it; `None` if they are not recorded.
    pub spans: Option<CallSpans>,
}

impl Call {
    /// Runs `work` within a span of this call.
    pub(super) async fn traced<T>(
        &self,
        statement: &str,
        work: BoxFuture<'_, SqlReply<T>>,
    ) -> wasmtime::Result<Result<T, QueryError>> {
        let span = self.service.is_recording().then(|| self.sql_span(statement));
        let began = Instant::now();
        let reply = work.await;
        statements().ran(self.name, began.elapsed(), matches!(reply, Ok(Ok(_))));
        if let Some(span) = span {
            match &reply {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => span.set_error(&error.to_string()),
                Err(error) => span.set_error(&error.to_string()),
            }
        }
        Ok(reply?.map_err(QueryError::from))
    }

    fn sql_span(&self, statement: &str) -> Span {
        let summary = names::sql_summary(statement);
        let attributes = vec![
            names::db_system(),
            names::db_namespace(self.name),
            names::db_summary(summary.clone()),
            names::db_query(statement),
        ];
        let within = self.spans.as_ref().and_then(CallSpans::innermost);
        self.service.span(summary, SpanKind::Client, within.as_ref().unwrap_or(&self.parent), attributes)
    }
}
