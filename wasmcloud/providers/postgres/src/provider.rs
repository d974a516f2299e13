use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use waybill_postgres::Database;
use waybill_postgres::value::QueryError as Failure;
use waybill_provider::wrpc::{Call, Server};
use waybill_provider::{Calls, LinkKey, Provider, Settings, Side};
use waybill_telemetry::{Service, Span, SpanKind, names, parent_of};

use crate::bindings::exports::wasmcloud::postgres::{prepared, query};
use crate::bindings::wasmcloud::postgres::types::{
    PgValue, PreparedStatementExecError, QueryError, ResultRow, StatementPrepareError,
};
use crate::convert::{failed, params_of, row_of};
use crate::link::server_config;
use crate::{bindings, trace_comment};

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

    fn database(&self, call: &Call) -> Result<Database, Failure> {
        let key = LinkKey { component: call.component.clone(), side: Side::Caller, name: call.link.clone() };
        let links = self.links.read();
        links.get(&key).cloned().ok_or_else(|| {
            Failure::Unexpected(format!(
                "database unavailable: {} has no link named {} to a database",
                key.component, key.name
            ))
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
fn recorded<T>(span: Option<&Span>, outcome: Result<T, Failure>) -> Result<T, QueryError> {
    outcome.map_err(|error| {
        if let Some(span) = span {
            span.set_error(&error.to_string());
        }
        failed(error)
    })
}

impl Provider for PostgresProvider {
    async fn link(&self, key: &LinkKey, settings: Settings) -> anyhow::Result<()> {
        anyhow::ensure!(key.side == Side::Caller, "this provider calls no component");
        let config = server_config(settings)?;
        tracing::info!(component = key.component, link = key.name, database = ?config, "linked");
        // It connects in the background; a statement shows whether the server is there.
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
            let rows = self.database(&call)?.query(statement, &params_of(params)).await?;
            Ok(rows.into_iter().map(row_of).collect())
        };
        Ok(recorded(span.as_ref(), run.await))
    }

    async fn query_batch(&self, call: Call, sql: String) -> anyhow::Result<Result<(), QueryError>> {
        let (span, statements) = self.span(&call, &sql);
        let run = async { self.database(&call)?.query_batch(statements).await };
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
        let checked = async { self.database(&call)?.check(&statement).await };
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
        let run = async { self.database(&call)?.execute(statement, &params_of(params)).await };
        Ok(recorded(span.as_ref(), run.await).map_err(PreparedStatementExecError::QueryError))
    }
}
