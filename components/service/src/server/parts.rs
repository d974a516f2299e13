//! The parts of requests and responses, as both interfaces carry them and as the `http` crate has them.

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
#[cfg(not(feature = "wasip3"))]
use wasip2::http::types;
#[cfg(feature = "wasip3")]
use wasip3::http::types;

use crate::Problem;
use crate::request::Request;
use crate::respond::Response;
use crate::routes::{self, Route};

/// Answers the request; 400 if it is malformed.
pub fn answer(routes: &[&[Route]], request: Result<Request, &'static str>) -> Response {
    match request {
        Ok(request) => routes::answer(routes, request),
        Err(fault) => Problem::new(StatusCode::BAD_REQUEST, fault).into_response(),
    }
}

pub fn target(text: String) -> Result<PathAndQuery, &'static str> {
    PathAndQuery::from_maybe_shared(Bytes::from(text)).map_err(|_| "The address is malformed.")
}

pub fn method(name: &str) -> Result<Method, &'static str> {
    Method::from_bytes(name.as_bytes()).map_err(|_| "The method is malformed.")
}

/// The method as `wasi:http` has it; both versions write it alike.
pub fn method_of(method: types::Method) -> Result<Method, &'static str> {
    Ok(match method {
        types::Method::Get => Method::GET,
        types::Method::Head => Method::HEAD,
        types::Method::Post => Method::POST,
        types::Method::Put => Method::PUT,
        types::Method::Delete => Method::DELETE,
        types::Method::Connect => Method::CONNECT,
        types::Method::Options => Method::OPTIONS,
        types::Method::Trace => Method::TRACE,
        types::Method::Patch => Method::PATCH,
        types::Method::Other(name) => self::method(&name)?,
    })
}

pub fn headers(entries: Vec<(String, Vec<u8>)>) -> Result<HeaderMap, &'static str> {
    let mut headers = HeaderMap::with_capacity(entries.len());
    for (name, value) in entries {
        let name = HeaderName::try_from(name).map_err(|_| "A header's name is malformed.")?;
        let value = HeaderValue::from_maybe_shared(Bytes::from(value))
            .map_err(|_| "A header's value is malformed.")?;
        headers.append(name, value);
    }
    Ok(headers)
}

pub fn fields(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}
