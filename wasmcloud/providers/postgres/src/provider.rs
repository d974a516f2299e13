use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use waybill_contracts::sql::{QueryFailure, parameters};
use waybill_contracts::sql_link_types;
use waybill_postgres::{Database, Error, Execution, Row};
use waybill_provider::wrpc::{Call, Server};
use waybill_provider::{Calls, LinkKey, Provider, Settings, Side};
use waybill_telemetry::{Service, Span, SpanKind, names, parent_of};

use crate::bindings::exports::wasmcloud::postgres::{prepared, query};
use crate::bindings::wasmcloud::postgres::types::{
    PgValue, PreparedStatementExecError, QueryError, ResultRow, ResultRowEntry, StatementPrepareError,
};
use crate::link::server_config;
use crate::{bindings, trace_comment};

sql_link_types!(PgValue, QueryError);

/// The provider: a database for each link.
#[derive(Clone)]
pub struct PostgresProvider {
    links: Arc<RwLock<HashMap<LinkKey, Database>>>,
    service: Service,
}

impl PostgresProvider {
    /// A provider without links.
    pub fn new(service: Service) -> Self {
        Self { links: Arc::default(), service }
    }

    fn database(&self, call: &Call) -> Result<Database, QueryFailure> {
        let key = LinkKey { component: call.component.clone(), side: Side::Caller, name: call.link.clone() };
        let links = self.links.read();
        links.get(&key).cloned().ok_or_else(|| {
            let reason = format!("{} has no link named {} to a database", key.component, key.name);
            QueryFailure::unavailable(&reason)
        })
    }

    fn put(&self, key: LinkKey, database: Option<Database>) -> Option<Database> {
        let mut links = self.links.write();
        match database {
            Some(database) => links.insert(key, database),
            None => links.remove(&key),
        }
    }

    /// A span of a statement that is made for a component, under the trace that the statement carries or else that of the
    /// call; and the statement without its trace.
    fn span<'a>(&self, call: &Call, sql: &'a str) -> (Option<Span>, &'a str) {
        let (statement, carried) = trace_comment::split(sql);
        if !self.service.is_recording() {
            return (None, statement);
        }
        let parent = parent_of(carried.as_ref().or(call.trace.as_ref()));
        let summary = names::sql_summary(statement);
        let attributes = vec![
            names::db_system(),
            names::db_namespace(call.component.clone()),
            names::db_summary(summary.clone()),
            names::db_query(statement),
        ];
        (Some(self.service.span(summary, SpanKind::Client, &parent, attributes)), statement)
    }
}

/// Records a failure in a span, if there is one.
fn recorded<T>(span: Option<&Span>, outcome: Result<T, QueryFailure>) -> Result<T, QueryError> {
    outcome.map_err(|failure| {
        if let Some(span) = span {
            span.set_error(&failure.to_string());
        }
        failure.into()
    })
}

fn result_row(row: &Row) -> Result<ResultRow, Error> {
    row.entries()
        .map(|entry| {
            let (name, value) = entry?;
            Ok(ResultRowEntry { column_name: name.to_owned(), value: value.into() })
        })
        .collect()
}

impl Provider for PostgresProvider {
    async fn link(&self, key: &LinkKey, settings: Settings) -> anyhow::Result<()> {
        anyhow::ensure!(key.side == Side::Caller, "this provider calls no component");
        let config = server_config(settings)?;
        tracing::info!(component = key.component, link = key.name, database = ?config, "linked");
        // Whether the server is there shows when it is asked; it connects and reconnects in the background.
        let database = Database::connect_lazily(config);
        if let Some(replaced) = self.put(key.clone(), Some(database)) {
            replaced.close().await;
        }
        Ok(())
    }

    async fn unlink(&self, key: &LinkKey) {
        if let Some(database) = self.put(key.clone(), None) {
            database.close().await;
        }
    }

    fn health(&self) -> Result<(), String> {
        let links = self.links.read();
        links.iter().try_for_each(|(key, database)| {
            database.health().map_err(|reason| format!("the database of {}: {reason}", key.component))
        })
    }

    async fn serve(&self, server: &Server) -> anyhow::Result<Calls> {
        bindings::serve(server, self.clone()).await
    }

    async fn shutdown(&self) {
        let links = std::mem::take(&mut *self.links.write());
        for database in links.into_values() {
            database.close().await;
        }
    }
}

impl query::Handler<Call> for PostgresProvider {
    async fn query(
        &self,
        call: Call,
        sql: String,
        params: Vec<PgValue>,
    ) -> anyhow::Result<Result<Vec<ResultRow>, QueryError>> {
        let (span, statement) = self.span(&call, &sql);
        let run = async {
            let database = self.database(&call)?;
            let params = parameters(params).map_err(QueryFailure::InvalidParams)?;
            let rows = database.query(statement, Execution::of(statement), &params).await;
            let rows = rows.and_then(|rows| rows.iter().map(result_row).collect());
            rows.map_err(|error| QueryFailure::from(&error))
        };
        Ok(recorded(span.as_ref(), run.await))
    }

    async fn query_batch(&self, call: Call, sql: String) -> anyhow::Result<Result<(), QueryError>> {
        let (span, statements) = self.span(&call, &sql);
        let run = async {
            let done = self.database(&call)?.query_batch(statements).await;
            done.map_err(|error| QueryFailure::from(&error))
        };
        Ok(recorded(span.as_ref(), run.await))
    }
}

/// A statement is its own token: each connection prepares it on its first use, so that a token is valid on all of them and
/// after any of them is lost.
impl prepared::Handler<Call> for PostgresProvider {
    async fn prepare(
        &self,
        call: Call,
        statement: String,
    ) -> anyhow::Result<Result<String, StatementPrepareError>> {
        let checked = async {
            let checked = self.database(&call)?.check(&statement).await;
            checked.map_err(|error| QueryFailure::from(&error))
        };
        Ok(match checked.await {
            Ok(()) => Ok(statement),
            Err(error) => Err(StatementPrepareError::Unexpected(error.to_string())),
        })
    }

    async fn exec(
        &self,
        call: Call,
        token: String,
        params: Vec<PgValue>,
    ) -> anyhow::Result<Result<u64, PreparedStatementExecError>> {
        let (span, statement) = self.span(&call, &token);
        let run = async {
            let database = self.database(&call)?;
            let params = parameters(params).map_err(QueryFailure::InvalidParams)?;
            database.execute(statement, &params).await.map_err(|error| QueryFailure::from(&error))
        };
        Ok(recorded(span.as_ref(), run.await).map_err(PreparedStatementExecError::QueryError))
    }
}
