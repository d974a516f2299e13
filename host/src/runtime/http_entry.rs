use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};
use wasmtime_wasi_http::p3::bindings::{Service, ServicePre};
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _};

use super::Guest;
use super::bindings::exchange::exports::waybill::components::exchange;
use super::bindings::exchange::{Http, HttpPre};
use super::handler;
use super::pool::Template;
use crate::answers::whole;

pub(super) type Answer = wasmtime::Result<Response<WasiBody>>;

/// The export by which HTTP enters a component.
pub(super) enum HttpEntry {
    /// `waybill:components/exchange`: one call.
    OneCall(HttpPre<Guest>),
    /// `wasi:http/incoming-handler` of WASI 0.2: a call for each part of request and answer.
    IncomingHandler(ProxyPre<Guest>),
    /// `wasi:http/handler` of WASI 0.3: a task, with bodies as streams.
    Handler(ServicePre<Guest>),
}

/// That export of an instance.
pub(super) enum InstanceEntry {
    OneCall(Http),
    IncomingHandler(Proxy),
    Handler(Service),
}

impl HttpEntry {
    /// The fastest one that the component exports; an error if it exports none.
    pub(super) fn of(component: &InstancePre<Guest>) -> wasmtime::Result<Self> {
        match HttpPre::new(component.clone()) {
            Ok(one_call) => Ok(Self::OneCall(one_call)),
            Err(_) => Self::by_wasi_http(component),
        }
    }

    pub(super) fn by_wasi_http(component: &InstancePre<Guest>) -> wasmtime::Result<Self> {
        match ServicePre::new(component.clone()) {
            Ok(handler) => Ok(Self::Handler(handler)),
            Err(_) => ProxyPre::new(component.clone()).map(Self::IncomingHandler),
        }
    }
}

impl Template for HttpEntry {
    type Exports = InstanceEntry;

    async fn instantiate(&self, store: &mut Store<Guest>) -> wasmtime::Result<InstanceEntry> {
        Ok(match self {
            Self::OneCall(component) => InstanceEntry::OneCall(component.instantiate_async(store).await?),
            Self::IncomingHandler(component) => {
                InstanceEntry::IncomingHandler(component.instantiate_async(store).await?)
            }
            Self::Handler(component) => InstanceEntry::Handler(component.instantiate_async(store).await?),
        })
    }
}

impl InstanceEntry {
    /// Calls the component with a request. The answer may be there before the component is done, while it writes the body.
    pub(super) async fn call(
        &self,
        store: &mut Store<Guest>,
        request: Request<Bytes>,
        answer: oneshot::Sender<Answer>,
    ) -> wasmtime::Result<()> {
        match self {
            Self::OneCall(exports) => {
                let response = in_one_call(exports, store, &request).await?;
                // The caller may have disconnected.
                let _ = answer.send(read(response));
                Ok(())
            }
            Self::IncomingHandler(exports) => {
                let mut http = store.data_mut().http();
                let request = request.map(whole);
                let request = http.new_incoming_request(Scheme::Http, request)?;
                let outparam = http.new_response_outparam_from_callback(move |value| {
                    let _ = answer.send(value.map_err(wasmtime::Error::from));
                })?;
                exports.wasi_http_incoming_handler().call_handle(store, request, outparam).await
            }
            Self::Handler(exports) => handler::call(exports, store, request, answer).await,
        }
    }
}

async fn in_one_call(
    exports: &Http,
    store: &mut Store<Guest>,
    request: &Request<Bytes>,
) -> wasmtime::Result<exchange::Response> {
    let headers = request.headers().iter().filter(|(name, _)| !is_of_the_connection(name));
    let headers: Vec<_> = headers.map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = exchange::Request {
        method: request.method().as_str(),
        target: request.uri().path_and_query().map_or("/", PathAndQuery::as_str),
        headers: &headers,
        body: request.body(),
    };
    exports.waybill_components_exchange().call_answer(store, request).await
}

fn read(answer: exchange::Response) -> Answer {
    let mut response = Response::new(whole(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status)?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        let name = HeaderName::try_from(name)?;
        // The length is known here.
        if name != header::CONTENT_LENGTH && !is_of_the_connection(&name) {
            headers.append(name, HeaderValue::from_maybe_shared(Bytes::from(value))?);
        }
    }
    Ok(response)
}

/// Headers between a client and this host (RFC 9110, 7.6.1), which a component neither gets nor sets, as with `wasi:http`.
fn is_of_the_connection(name: &HeaderName) -> bool {
    [header::HOST, header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE].contains(name)
        || [header::PROXY_AUTHENTICATE, header::PROXY_AUTHORIZATION].contains(name)
        || ["keep-alive", "http2-settings"].contains(&name.as_str())
}
