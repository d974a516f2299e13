use std::time::Instant;

use futures::future::BoxFuture;
use waybill_postgres::Database;
use waybill_postgres::value::{PgValue, QueryError, ResultRow};
use waybill_telemetry::{Context, Service, Span, SpanKind, names};

use crate::metrics::statements;

/// The result of a statement. The outer error is the host's and ends the instance; the component handles the inner one.
pub type SqlReply<T> = wasmtime::Result<Result<T, QueryError>>;

/// The SQL capability of a component. [`Database`] is the real one; tests link others that fail on command.
pub trait Sql: Send + Sync + 'static {
    /// Runs one statement with its parameters and returns its rows.
    fn query<'a>(
        &'a self,
        statement: &'a str,
        params: &'a [PgValue],
    ) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>>;

    /// Runs several statements without parameters.
    fn query_batch<'a>(&'a self, statements: &'a str) -> BoxFuture<'a, SqlReply<()>>;
}

impl Sql for Database {
    fn query<'a>(
        &'a self,
        statement: &'a str,
        params: &'a [PgValue],
    ) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>> {
        Box::pin(async move { Ok(Self::query(self, statement, params).await) })
    }

    fn query_batch<'a>(&'a self, statements: &'a str) -> BoxFuture<'a, SqlReply<()>> {
        Box::pin(async move { Ok(Self::query_batch(self, statements).await) })
    }
}

/// The current call of an instance, under which its SQL statements are traced.
#[derive(Clone)]
pub struct Call {
    pub name: &'static str,
    /// The service that the component provides.
    pub service: Service,
    /// The span of the request or delivery.
    pub parent: Context,
}

impl Call {
    /// Runs `work` within a span of this call.
    pub(super) async fn traced<T>(&self, statement: &str, work: BoxFuture<'_, SqlReply<T>>) -> SqlReply<T> {
        let span = self.service.is_recording().then(|| self.sql_span(statement));
        let began = Instant::now();
        let reply = work.await;
        statements().ran(self.name, began.elapsed(), matches!(reply, Ok(Ok(_))));
        let Some(span) = span else { return reply };
        match &reply {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => span.set_error(&error.to_string()),
            Err(error) => span.set_error(&error.to_string()),
        }
        reply
    }

    fn sql_span(&self, statement: &str) -> Span {
        let summary = names::sql_summary(statement);
        let attributes = vec![
            names::db_system(),
            names::db_namespace(self.name),
            names::db_summary(summary.clone()),
            names::db_query(statement),
        ];
        self.service.span(summary, SpanKind::Client, &self.parent, attributes)
    }
}
