use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::{Span, names};

use super::admin;
use super::body::read_body;
use super::request_body::RequestBody;
use crate::access::{Access, KeyId, Refusal};
use crate::answers::problem;
use crate::health::Health;
use crate::settings::Token;

/// The status of `/health` while the process drains. A load balancer that goes on to use copies whose database or broker is
/// unavailable (503) can tell the two apart.
pub const DRAINING: StatusCode = StatusCode::GONE;

/// The caller of a request that may be answered; `None` if it needs no key.
pub(super) type Checked = Result<Option<KeyId>, Refusal>;

/// What a request must pass before an instance of the component is occupied.
#[derive(Clone)]
pub(super) struct Admission {
    pub(super) access: Access,
    pub(super) requires_keys: bool,
    /// The token of events, where this process knows it.
    pub(super) events_token: Option<Token>,
    pub(super) health: Health,
}

impl Admission {
    /// Checks the API key, before the body is read.
    pub(super) async fn check<B>(&self, request: &Request<B>) -> Checked {
        if !self.requires_keys {
            return Ok(None);
        }
        self.access.check(request.method(), request.uri().path(), request.headers()).await
    }

    /// Whether a request may continue the trace that it names: its caller has a key or the token of events, or none is required. Anyone
    /// could otherwise add spans to the traces of others.
    pub(super) fn may_continue_trace<B>(&self, request: &Request<B>, checked: &Checked) -> bool {
        let has_token = |token| Access::has_events_token(request.headers(), request.uri().path(), token);
        match checked {
            Ok(Some(_)) => true,
            Ok(None) => !self.requires_keys || self.events_token.as_ref().is_some_and(has_token),
            Err(_) => false,
        }
    }

    /// Returns the request as the component may get it: with its whole body, with its caller's name and without an API key.
    pub(super) async fn admit(
        &self,
        mut request: Request<RequestBody>,
        checked: Checked,
        span: &Span,
    ) -> Result<Request<Bytes>, Response<WasiBody>> {
        if let Some(unhealthy) = self.unhealthy(&request) {
            return Err(unhealthy);
        }
        let caller = checked.map_err(Refusal::answer)?;
        if let Some(key) = &caller {
            span.set_attribute(names::enduser_id(key.as_str()));
        }
        // Its name takes the place of its API key.
        let path = request.uri().path().to_owned();
        Access::name_caller(request.headers_mut(), &path, caller.as_ref());
        // HTTP/1.0 has no Host header, and no instance can be called without an authority.
        if request.uri().authority().is_none() && !request.headers().contains_key(header::HOST) {
            request.headers_mut().insert(header::HOST, HeaderValue::from_static("localhost"));
        }
        read_body(request).await
    }

    /// Admits a request that this process itself makes.
    pub(super) async fn admit_own(
        &self,
        mut request: Request<Bytes>,
        check: bool,
    ) -> Result<Request<Bytes>, Response<WasiBody>> {
        let (method, path) = (request.method(), request.uri().path().to_owned());
        let caller = if check {
            self.access.check(method, &path, request.headers()).await.map_err(Refusal::answer)?
        } else {
            None
        };
        Access::name_caller(request.headers_mut(), &path, caller.as_ref());
        Ok(request)
    }

    /// Answers `/health` itself while a check fails that the component does not know of.
    fn unhealthy(&self, request: &Request<RequestBody>) -> Option<Response<WasiBody>> {
        let asked =
            request.uri().path() == admin::HEALTH && matches!(*request.method(), Method::GET | Method::HEAD);
        let reason = if asked { self.health.now().err()? } else { return None };
        Some(if self.health.is_draining() {
            problem(DRAINING, "The process is draining: send requests to another copy.")
        } else {
            problem(StatusCode::SERVICE_UNAVAILABLE, &reason)
        })
    }
}
