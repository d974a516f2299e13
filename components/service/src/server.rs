//! Serving a component's routes over HTTP, by either of two interfaces: `wasi:http/incoming-handler`, which every host knows, and
//! [`exchange`], which takes one call in place of some twenty.
//!
//! A WASI 0.2 instance works on one request at a time, and every capability that it calls blocks. So there is nothing to
//! schedule here.

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use wasip2;

pub use self::wasi_http::IncomingBody;
use crate::Problem;
use crate::request::Request;
use crate::respond::Response;
use crate::routes::{self, Route};

pub mod exchange;
pub mod wasi_http;

/// Exports both interfaces over the `ROUTES` of a component.
#[macro_export]
macro_rules! serve_http {
    () => {
        #[allow(unsafe_code, reason = "the exported functions are written by wit-bindgen")]
        mod http_export {
            use $crate::server::exchange::bindings::exports::waybill::components::exchange;
            use $crate::server::wasip2::exports::http::incoming_handler;
            use $crate::server::wasip2::http::types::{IncomingRequest, ResponseOutparam};

            struct Component;

            impl exchange::Guest for Component {
                fn answer(request: exchange::Request) -> exchange::Response {
                    $crate::server::exchange::answer(super::ROUTES, request)
                }
            }

            impl incoming_handler::Guest for Component {
                fn handle(request: IncomingRequest, response: ResponseOutparam) {
                    $crate::server::wasi_http::answer(super::ROUTES, request, response);
                }
            }

            $crate::server::exchange::bindings::export!(
                Component with_types_in $crate::server::exchange::bindings
            );
            $crate::server::wasip2::http::proxy::export!(Component with_types_in $crate::server::wasip2);
        }
    };
}

/// Answers the request; 400 if it is malformed.
fn answer(routes: &[&[Route]], request: Result<Request, &'static str>) -> Response {
    match request {
        Ok(request) => routes::answer(routes, request),
        Err(fault) => Problem::new(StatusCode::BAD_REQUEST, fault).into_response(),
    }
}

fn target(text: String) -> Result<PathAndQuery, &'static str> {
    PathAndQuery::from_maybe_shared(Bytes::from(text)).map_err(|_| "The address is malformed.")
}

fn method(name: &str) -> Result<Method, &'static str> {
    Method::from_bytes(name.as_bytes()).map_err(|_| "The method is malformed.")
}

fn headers(entries: Vec<(String, Vec<u8>)>) -> Result<HeaderMap, &'static str> {
    let mut headers = HeaderMap::with_capacity(entries.len());
    for (name, value) in entries {
        let name = HeaderName::try_from(name).map_err(|_| "A header's name is malformed.")?;
        let value = HeaderValue::from_maybe_shared(Bytes::from(value))
            .map_err(|_| "A header's value is malformed.")?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn fields(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}
