use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, StoreLimits};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error as WasiHttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};
use waybill_telemetry::{Context, ReportedSpans};

use super::bindings::wasmcloud::postgres::query;
use super::standard_error::StandardError;
use super::{Call, PgValue, QueryError, ResultRow, Sql};
use crate::metrics::{Alive, instances};

/// The host's state of one instance: its capabilities, its limits and its current call.
pub struct Guest {
    pub(super) call: Call,
    pub(super) deadline: Instant,
    pub(super) limits: MemoryLimit,
    pub(super) standard_error: StandardError,
    pub(super) sql: Arc<dyn Sql>,
    http: WasiHttpCtx,
    http_hooks: NoOutgoingRequests,
    spans: Option<ReportedSpans>,
    table: ResourceTable,
    wasi: WasiCtx,
    _alive: Alive,
}

impl Guest {
    pub(super) fn new(
        sql: Arc<dyn Sql>,
        spans: Option<ReportedSpans>,
        limits: StoreLimits,
        call: Call,
        deadline: Instant,
        fonts: Option<&Path>,
    ) -> Self {
        let standard_error = StandardError::new(call.name);
        Self {
            _alive: instances().create(call.name),
            call,
            deadline,
            limits: MemoryLimit { inner: limits, bytes: 0 },
            sql,
            http: WasiHttpCtx::new(),
            http_hooks: NoOutgoingRequests,
            spans,
            table: ResourceTable::new(),
            wasi: wasi(&standard_error, fonts),
            standard_error,
        }
    }

    /// A call begins, traced under `parent`.
    pub(super) fn begin_call(&mut self, parent: Context, deadline: Instant) {
        self.standard_error.begin_call(&parent);
        self.call.spans = self.spans.as_ref().and_then(|spans| spans.of_call(&parent));
        self.call.parent = parent;
        self.deadline = deadline;
    }

    /// The call has ended well. One that has not ends with its instance.
    pub(super) fn end_call(&mut self) {
        self.standard_error.end_line();
        self.call.spans = None;
    }
}

/// Where a component looks for fonts.
const FONTS: &str = "/fonts";

/// No arguments, no environment, no sockets, and no folder but that of the fonts.
fn wasi(standard_error: &StandardError, fonts: Option<&Path>) -> WasiCtx {
    let mut wasi = WasiCtx::builder();
    wasi.stderr(standard_error.clone());
    if let Some(folder) = fonts
        && let Err(error) = wasi.preopened_dir(folder, FONTS, FsPerms::ReadOnly)
    {
        tracing::warn!("the fonts in {} cannot be used: {error}", folder.display());
    }
    wasi.build()
}

/// The limits of an instance, and what its memory has grown to.
pub(super) struct MemoryLimit {
    inner: StoreLimits,
    pub(super) bytes: usize,
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let grows = self.inner.memory_growing(current, desired, most)?;
        if grows {
            self.bytes = self.bytes.max(desired);
        }
        Ok(grows)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.inner.memory_grow_failed(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.inner.table_growing(current, desired, most)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.inner.table_grow_failed(error)
    }

    fn instances(&self) -> usize {
        self.inner.instances()
    }

    fn tables(&self) -> usize {
        self.inner.tables()
    }

    fn memories(&self) -> usize {
        self.inner.memories()
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
