use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_util::sync::CancellationToken;
use waybill_postgres::Database;
use waybill_postgres::value::QueryError as Failure;
use waybill_provider::sdk::{Context as Call, LinkConfig, LinkDeleteInfo, Provider};
use waybill_provider::{Settings, trace};
use waybill_telemetry::{Service, Span, SpanKind, names};

use crate::bindings::exports::wasmcloud::postgres::{prepared, query};
use crate::bindings::wasmcloud::postgres::types::{
    PgValue, PreparedStatementExecError, QueryError, ResultRow, StatementPrepareError,
};
use crate::convert::{failed, params_of, row_of};
use crate::link::server_config;
use crate::trace_comment;

/// The component and the name of the link that it calls by.
type LinkKey = (String, String);

/// The provider: a database for each link.
#[derive(Clone)]
pub struct PostgresProvider {
    links: Arc<RwLock<HashMap<LinkKey, Database>>>,
    service: Service,
    stop: CancellationToken,
}

impl PostgresProvider {
    /// A provider without links.
    pub fn new(service: Service, stop: CancellationToken) -> Self {
        Self { links: Arc::default(), service, stop }
    }

    fn database(&self, call: Option<&Call>) -> Result<Database, Failure> {
        let component = call.and_then(|call| call.component.as_deref()).unwrap_or_default();
        let key = (component.to_owned(), call.map_or("default", Call::link_name).to_owned());
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        links.get(&key).cloned().ok_or_else(|| {
            Failure::Unexpected(format!(
                "database unavailable: {} has no link named {} to a database",
                key.0, key.1
            ))
        })
    }

    fn put(&self, key: LinkKey, database: Option<Database>) -> Option<Database> {
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        match database {
            Some(database) => links.insert(key, database),
            None => links.remove(&key),
        }
    }

    /// A span of a statement that is made for a component, under the trace that the statement carries or else that of the
    /// call; and the statement without its trace.
    fn span<'a>(&self, call: Option<&Call>, sql: &'a str) -> (Option<Span>, &'a str) {
        let (statement, carried) = trace_comment::split(sql);
        if !self.service.is_recording() {
            return (None, statement);
        }
        let parent = carried.map_or_else(|| trace::parent(call), |trace| trace.to_context());
        let component = call.and_then(|call| call.component.as_deref()).unwrap_or_default();
        let summary = names::sql_summary(statement);
        let attributes = vec![
            names::db_system(),
            names::db_namespace(component.to_owned()),
            names::db_summary(summary.clone()),
            names::db_query(statement),
        ];
        (Some(self.service.span(summary, SpanKind::Client, &parent, attributes)), statement)
    }
}

/// Notes a failure in a span, if there is one.
fn noted<T>(span: Option<&Span>, outcome: Result<T, Failure>) -> Result<T, QueryError> {
    outcome.map_err(|error| {
        if let Some(span) = span {
            span.set_error(&error.to_string());
        }
        failed(error)
    })
}

impl Provider for PostgresProvider {
    async fn receive_link_config_as_target(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let key = (link.source_id.to_owned(), link.link_name.to_owned());
        let config = server_config(Settings::of_link(&link)).inspect_err(|error| {
            tracing::error!(component = key.0, link = key.1, "the link is refused: {error}");
        })?;
        tracing::info!(component = key.0, link = key.1, database = ?config, "linked");
        // Whether the server is there shows when it is asked; it is connected to for ever in the background.
        let database = Database::connect_lazily(config);
        if let Some(replaced) = self.put(key, Some(database)) {
            replaced.close().await;
        }
        Ok(())
    }

    async fn delete_link_as_target(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = (link.get_source_id().to_owned(), link.get_link_name().to_owned());
        if let Some(database) = self.put(key, None) {
            database.close().await;
        }
        Ok(())
    }

    async fn shutdown(&self) -> anyhow::Result<()> {
        self.stop.cancel();
        let databases: Vec<_> = self
            .links
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .drain()
            .map(|(_, database)| database)
            .collect();
        for database in databases {
            database.close().await;
        }
        Ok(())
    }
}

impl query::Handler<Option<Call>> for PostgresProvider {
    async fn query(
        &self,
        call: Option<Call>,
        sql: String,
        params: Vec<PgValue>,
    ) -> anyhow::Result<Result<Vec<ResultRow>, QueryError>> {
        let (span, statement) = self.span(call.as_ref(), &sql);
        let run = async {
            let rows = self.database(call.as_ref())?.query(statement, &params_of(params)).await?;
            Ok(rows.into_iter().map(row_of).collect())
        };
        Ok(noted(span.as_ref(), run.await))
    }

    async fn query_batch(&self, call: Option<Call>, sql: String) -> anyhow::Result<Result<(), QueryError>> {
        let (span, statements) = self.span(call.as_ref(), &sql);
        let run = async { self.database(call.as_ref())?.query_batch(statements).await };
        Ok(noted(span.as_ref(), run.await))
    }
}

/// A statement is its own token: each connection prepares it when it meets it first, so that a token is good on all of them
/// and after any of them is lost.
impl prepared::Handler<Option<Call>> for PostgresProvider {
    async fn prepare(
        &self,
        call: Option<Call>,
        statement: String,
    ) -> anyhow::Result<Result<String, StatementPrepareError>> {
        let checked = async { self.database(call.as_ref())?.check(&statement).await };
        Ok(match checked.await {
            Ok(()) => Ok(statement),
            Err(error) => Err(StatementPrepareError::Unexpected(error.to_string())),
        })
    }

    async fn exec(
        &self,
        call: Option<Call>,
        token: String,
        params: Vec<PgValue>,
    ) -> anyhow::Result<Result<u64, PreparedStatementExecError>> {
        let (span, statement) = self.span(call.as_ref(), &token);
        let run = async { self.database(call.as_ref())?.execute(statement, &params_of(params)).await };
        Ok(noted(span.as_ref(), run.await).map_err(PreparedStatementExecError::QueryError))
    }
}
