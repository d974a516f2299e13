use std::sync::Arc;
use std::time::Instant;

use wasmtime::StoreLimits;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error as WasiHttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};
use waybill_telemetry::{Context, Service};

use super::Sql;
use crate::metrics::{Alive, instances};

/// On whose behalf a guest works just now: what its SQL statements are traced under.
#[derive(Clone)]
pub struct Call {
    /// The component's name.
    pub name: &'static str,
    /// The service that the component provides.
    pub service: Service,
    /// The span of the request or delivery.
    pub parent: Context,
}

/// What the host keeps for one instance: its capabilities, its limits and the call that it works on.
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
            // No arguments, no environment, no folders, no sockets: a component has its links and nothing else.
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

/// Components answer requests and send none: whatever leaves the system leaves it by the relay.
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
