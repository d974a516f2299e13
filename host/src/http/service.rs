use bytes::Bytes;
use http::{Request, Response};
use wasmtime_wasi_http::WasiBody;
use waybill_relay::Waker;
use waybill_telemetry::Service;

use super::admit::Admission;
use super::invoke::Invocation;
use super::request_body::RequestBody;
use super::trace::Tracing;
use crate::access::Access;
use crate::health::Health;
use crate::runtime::HttpService;
use crate::settings::Token;
use crate::timeline::Timelines;

/// One component as an HTTP service: a request is traced, admitted, and then answered by the component.
#[derive(Clone)]
pub struct ComponentService {
    tracing: Tracing,
    admission: Admission,
    invocation: Invocation,
}

impl ComponentService {
    /// Serves `component`, which is known as `name`, without asking for keys.
    pub fn new(name: &'static str, component: HttpService, service: Service, access: Access) -> Self {
        Self {
            tracing: Tracing::new(name, service),
            admission: Admission { access, requires_keys: false, events_token: None, health: Health::new() },
            invocation: Invocation { name, component, relay: None, timelines: None },
        }
    }

    /// Whether a request needs an API key. One service may ask for it on one address and not on another.
    #[must_use]
    pub fn requiring_keys(mut self, requires: bool) -> Self {
        self.admission.requires_keys = requires;
        self
    }

    /// Continues the traces of events that come with this token, where keys are required of others.
    #[must_use]
    pub fn knowing_events_token(mut self, token: Option<&Token>) -> Self {
        self.admission.events_token = token.cloned();
        self
    }

    /// Wakes this relay after each request that may have written to the outbox.
    #[must_use]
    pub fn waking(mut self, relay: Waker) -> Self {
        self.invocation.relay = Some(relay);
        self
    }

    /// Records when orders are placed.
    #[must_use]
    pub fn recording(mut self, timelines: Timelines) -> Self {
        self.invocation.timelines = Some(timelines);
        self
    }

    /// `/health` is 503 while one of these checks fails, and 410 while the process drains; otherwise the component answers it.
    #[must_use]
    pub fn with_health(mut self, health: Health) -> Self {
        self.admission.health = health;
        self
    }

    /// Where a newer build of the component takes the place of this one.
    pub fn component(&self) -> &HttpService {
        &self.invocation.component
    }

    pub fn access(&self) -> &Access {
        &self.admission.access
    }

    /// Answers a request from the network.
    pub async fn handle(&self, request: Request<RequestBody>) -> Response<WasiBody> {
        let arrival = self.tracing.receive(&request);
        let checked = self.admission.check(&request).await;
        let exchange = arrival.begin(&request, self.admission.may_continue_trace(&request, &checked));
        let response = match self.admission.admit(request, checked, exchange.span()).await {
            Ok(request) => self.invocation.invoke(request, &exchange).await,
            Err(refusal) => refusal,
        };
        exchange.end(response.status());
        response
    }

    /// Answers a request that this process itself makes. Its key is checked if `check` is true.
    pub async fn ask(&self, request: Request<Bytes>, check: bool) -> Response<WasiBody> {
        let request = match self.admission.admit_own(request, check).await {
            Ok(request) => request,
            Err(refusal) => return refusal,
        };
        let exchange = self.tracing.receive(&request).begin(&request, true);
        let response = self.invocation.invoke(request, &exchange).await;
        exchange.end(response.status());
        response
    }
}
