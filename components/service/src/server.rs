//! Serving a component's routes as `wasi:http/incoming-handler`.
//!
//! A WASI 0.2 instance works on one request at a time, and every capability that it calls blocks. So there is nothing to
//! schedule here: the routes' future is polled once and is ready. What a request costs are mainly the calls into the host,
//! hence each is made once and only when its result is needed.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::BodyExt;
use tower_service::Service;
pub use wasip2;
use wasip2::http::types::{self, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasip2::io::streams::StreamError;

use self::incoming_body::IncomingBody;
use crate::Problem;
use crate::sql::log;

mod incoming_body;

/// Exports `wasi:http/incoming-handler` over the routes that a function of the component makes.
///
/// They are made once for each instance, since a host may send many requests to one.
#[macro_export]
macro_rules! serve_http {
    ($routes:path) => {
        #[allow(unsafe_code, reason = "the exported function is written by wit-bindgen")]
        mod http_export {
            use $crate::server::wasip2::exports::http::incoming_handler::Guest;
            use $crate::server::wasip2::http::types::{IncomingRequest, ResponseOutparam};

            thread_local! {
                static ROUTES: ::axum::Router = $routes();
            }

            struct Component;

            impl Guest for Component {
                fn handle(request: IncomingRequest, response: ResponseOutparam) {
                    $crate::server::answer(ROUTES.with(Clone::clone), request, response);
                }
            }

            $crate::server::wasip2::http::proxy::export!(Component with_types_in $crate::server::wasip2);
        }
    };
}

/// Answers one request.
///
/// A client that goes away meanwhile is no reason to end the instance, which others will use: a failure to answer is
/// logged, and that is all.
pub fn answer(routes: Router, request: IncomingRequest, outparam: ResponseOutparam) {
    let response = match read(request) {
        Ok(request) => {
            let is_head = request.method() == Method::HEAD;
            let mut response = run(routes, request);
            if is_head {
                // Hosts hold a body to its announced length, and an answer to HEAD has none.
                response.headers_mut().remove(header::CONTENT_LENGTH);
            }
            response
        }
        Err(fault) => Problem::new(StatusCode::BAD_REQUEST, fault).into_response(),
    };
    if let Err(fault) = write(response, outparam) {
        log(&format_args!("an answer was not sent completely: {fault}"));
    }
}

fn run(mut routes: Router, request: Request) -> Response {
    let answer = pin!(routes.call(request));
    match answer.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok::<_, Infallible>(response)) => response,
        Poll::Pending => {
            log(&"an operation waits for something that is no capability, and would wait for ever");
            Problem::internal().into_response()
        }
    }
}

/// Reads what comes before the body. Scheme and authority are not asked for, since no operation looks at them.
fn read(incoming: IncomingRequest) -> Result<Request, &'static str> {
    let method = method_of(incoming.method())?;
    let target = incoming.path_with_query().unwrap_or_else(|| "/".to_owned());
    let target =
        PathAndQuery::from_maybe_shared(Bytes::from(target)).map_err(|_| "The address is malformed.")?;
    let headers = headers_of(&incoming.headers())?;
    let mut request = Request::new(Body::new(IncomingBody::new(incoming, &headers)));
    *request.method_mut() = method;
    *request.uri_mut() = Uri::from(target);
    *request.headers_mut() = headers;
    Ok(request)
}

fn method_of(method: types::Method) -> Result<Method, &'static str> {
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
        types::Method::Other(name) => {
            Method::from_bytes(name.as_bytes()).map_err(|_| "The method is malformed.")?
        }
    })
}

fn headers_of(fields: &Fields) -> Result<HeaderMap, &'static str> {
    let entries = fields.entries();
    let mut headers = HeaderMap::with_capacity(entries.len());
    for (name, value) in entries {
        let name = HeaderName::try_from(name).map_err(|_| "A header's name is malformed.")?;
        let value = HeaderValue::from_maybe_shared(Bytes::from(value))
            .map_err(|_| "A header's value is malformed.")?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn write(response: Response, outparam: ResponseOutparam) -> Result<(), String> {
    let (parts, body) = response.into_parts();
    let fields: Vec<(String, Vec<u8>)> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    let fields = match Fields::from_list(&fields) {
        Ok(fields) => fields,
        Err(error) => {
            // No response is set: that is what the host answers with an error of its own.
            return Err(format!("the host refused a header: {error:?}"));
        }
    };
    let outgoing = OutgoingResponse::new(fields);
    outgoing.set_status_code(parts.status.as_u16()).map_err(|()| "the host refused the status".to_owned())?;
    let outgoing_body = outgoing.body().map_err(|()| "the host gave no body".to_owned())?;
    ResponseOutparam::set(outparam, Ok(outgoing));
    write_body(body, &outgoing_body)?;
    // A body that is dropped without this is an answer that broke off.
    OutgoingBody::finish(outgoing_body, None).map_err(|error| error.to_string())
}

fn write_body(mut body: Body, outgoing: &OutgoingBody) -> Result<(), String> {
    let stream = outgoing.write().map_err(|()| "the host gave no stream".to_owned())?;
    let describe = |error| match error {
        StreamError::Closed => "the client is gone".to_owned(),
        StreamError::LastOperationFailed(error) => error.to_debug_string(),
    };
    while let Poll::Ready(Some(frame)) = pin!(body.frame()).poll(&mut Context::from_waker(Waker::noop())) {
        let frame = frame.map_err(|error| error.to_string())?;
        let mut rest: &[u8] = frame.data_ref().map_or(&[], |data| data);
        while !rest.is_empty() {
            let room = stream.check_write().map_err(describe)?;
            if room == 0 {
                stream.subscribe().block();
                continue;
            }
            let (now, later) = rest.split_at(rest.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
            stream.write(now).map_err(describe)?;
            rest = later;
        }
    }
    Ok(())
}
