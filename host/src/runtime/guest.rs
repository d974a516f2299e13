use std::sync::Arc;
use std::time::Instant;

use wasmtime::StoreLimits;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error as WasiHttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

use super::bindings::wasmcloud::postgres::query;
use super::{Call, PgValue, QueryError, ResultRow, Sql};
use crate::metrics::{Alive, instances};

/// The host's state of one instance: its capabilities, its limits and its current call.
pub struct Guest {
    pub(super) call: Call,
    pub(super) deadline: Instant,
    pub(super) limits: StoreLimits,
    pub(super) sql: Arc<dyn Sql>,
    http: WasiHttpCtx,
    http_hooks: NoOutgoingRequests,
    table: ResourceTable,
    wasi: WasiCtx,
    _alive: Alive,
}

impl Guest {
    pub(super) fn new(sql: Arc<dyn Sql>, limits: StoreLimits, call: Call, deadline: Instant) -> Self {
        Self {
            _alive: instances().create(call.name),
            call,
            deadline,
            limits,
            sql,
            http: WasiHttpCtx::new(),
            http_hooks: NoOutgoingRequests,
            table: ResourceTable::new(),
            // No arguments, no environment, no folders, no sockets.
            wasi: WasiCtx::builder().inherit_stderr().build(),
        }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.http_hooks, table: &mut self.table, ctx: &mut self.http }
    }
}

impl query::Host for Guest {
    async fn query(
        &mut self,
        statement: String,
        params: Vec<PgValue>,
    ) -> wasmtime::Result<Result<Vec<ResultRow>, QueryError>> {
        let (call, sql) = (&self.call, &self.sql);
        call.traced(&statement, sql.query(&statement, params)).await
    }

    async fn query_batch(&mut self, statements: String) -> wasmtime::Result<Result<(), QueryError>> {
        let (call, sql) = (&self.call, &self.sql);
        call.traced(&statements, sql.query_batch(&statements)).await
    }
}

/// Components send no requests: only the relay sends anything out of the system.
struct NoOutgoingRequests;

type SentRequest = Result<
    (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), WasiHttpError>> + Send>),
    WasiHttpError,
>;

impl WasiHttpHooks for NoOutgoingRequests {
    fn send_request(
        &mut self,
        _request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _sent: Box<dyn Future<Output = Result<(), WasiHttpError>> + Send>,
    ) -> Box<dyn Future<Output = SentRequest> + Send> {
        Box::new(std::future::ready(Err(WasiHttpError::HttpRequestDenied)))
    }
}
