use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use uuid::Uuid;
use wasmtime_wasi_http::WasiBody;
use waybill_relay::Waker;
use waybill_telemetry::{TraceContextExt as _, TraceId};

use super::large_answers::{keep, large_answer_bytes};
use super::trace::Exchange;
use crate::answers::problem;
use crate::runtime::{HttpError, HttpService};
use crate::timeline::Timelines;

/// Calls the component, then wakes the relay and records the order.
#[derive(Clone)]
pub(super) struct Invocation {
    pub(super) name: &'static str,
    pub(super) component: HttpService,
    pub(super) relay: Option<Waker>,
    pub(super) timelines: Option<Timelines>,
}

impl Invocation {
    pub(super) async fn invoke(
        &self,
        mut request: Request<Bytes>,
        exchange: &Exchange<'_>,
    ) -> Response<WasiBody> {
        exchange.continue_trace(request.headers_mut());
        let response = self.call(request, exchange).await;
        if exchange.writes() {
            self.after_write(exchange, &response);
        }
        response
    }

    async fn call(&self, request: Request<Bytes>, exchange: &Exchange<'_>) -> Response<WasiBody> {
        let bytes = large_answer_bytes(&request, exchange.route);
        if bytes == 0 {
            return self.call_component(request, exchange).await;
        }
        let Some(reserved) = self.component.answers().reserve(bytes).await else {
            return problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many requests with large answers are in flight. Try again in a moment, or ask for smaller pages.",
            );
        };
        keep(reserved, self.call_component(request, exchange).await).await
    }

    async fn call_component(&self, request: Request<Bytes>, exchange: &Exchange<'_>) -> Response<WasiBody> {
        match self.component.handle(request, exchange.span().context().clone()).await {
            Ok(response) => response,
            Err(HttpError::Busy) => problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many requests are in flight. Try again in a moment.",
            ),
            Err(HttpError::TimedOut) => problem(
                StatusCode::GATEWAY_TIMEOUT,
                "The service did not answer in time; the request may still take effect.",
            ),
            Err(HttpError::Failed(error)) => {
                let request_id = exchange.request_id();
                tracing::error!(component = self.name, request_id, "a request failed: {error:#}");
                problem(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The service failed while it handled this request.",
                )
            }
        }
    }

    /// After a write: wakes the relay, and records the order.
    fn after_write(&self, exchange: &Exchange<'_>, response: &Response<WasiBody>) {
        if let Some(relay) = &self.relay {
            relay.wake();
        }
        // A repeated request gets the kept answer, about an order that exists already.
        let placed = exchange.route == "/orders"
            && response.status() == StatusCode::CREATED
            && !response.headers().contains_key("idempotency-replayed");
        if let (true, Some(timelines)) = (placed, &self.timelines) {
            let location =
                response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
            let order = location.and_then(|path| Uuid::try_parse(path.rsplit('/').next()?).ok());
            if let Some(order) = order {
                let trace = exchange.span().context().span().span_context().trace_id();
                timelines.placed(order, exchange.began, (trace != TraceId::INVALID).then_some(trace));
            }
        }
    }
}
