//! `wasi:http/incoming-handler`.
//!
//! A request's cost is mainly its calls into the host, so each is made once and only when its result is needed.

use std::marker::PhantomData;

use http::{HeaderValue, Method, StatusCode, header};
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasip2::io::streams::StreamError;

pub use self::incoming_body::IncomingBody;
use super::parts::{self, fields, headers, method_of, target};
use crate::body::announced_bytes;
use crate::request::{Body, Request};
use crate::respond::Response;
use crate::routes::Route;
use crate::sql::log;

mod incoming_body;

/// Answers one request.
///
/// A client that disconnects meanwhile is no reason to end the instance, which others will use: a failure to answer is
/// logged, and that is all.
pub fn answer(routes: &[&[Route]], request: IncomingRequest, outparam: ResponseOutparam) {
    let request = read(request);
    // Without a length the host would send the body in chunks. An answer to HEAD has none, and hosts hold a body to it.
    let is_head = matches!(&request, Ok(Request { method: Method::HEAD, .. }));
    let mut response = parts::answer(routes, request);
    if !is_head && response.status() != StatusCode::NO_CONTENT {
        let length = HeaderValue::from(response.body().len());
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    if let Err(fault) = write(response, outparam) {
        log(&format_args!("an answer was not sent completely: {fault}"));
    }
}

/// Reads what comes before the body.
fn read(incoming: IncomingRequest) -> Result<Request, &'static str> {
    let method = method_of(incoming.method())?;
    let target = target(incoming.path_with_query().unwrap_or_else(|| "/".to_owned()))?;
    let headers = headers(incoming.headers().entries())?;
    let body = Body::Incoming(IncomingBody::new(incoming, announced_bytes(&headers)));
    Ok(Request { method, target, headers, body, fields: PhantomData })
}

fn write(response: Response, outparam: ResponseOutparam) -> Result<(), String> {
    let (parts, body) = response.into_parts();
    let fields = match Fields::from_list(&fields(&parts.headers)) {
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
    write_body(&body, &outgoing_body)?;
    // A body that is dropped without this is an answer that broke off.
    OutgoingBody::finish(outgoing_body, None).map_err(|error| error.to_string())
}

fn write_body(mut rest: &[u8], outgoing: &OutgoingBody) -> Result<(), String> {
    let stream = outgoing.write().map_err(|()| "the host gave no stream".to_owned())?;
    let describe = |error| match error {
        StreamError::Closed => "the client is gone".to_owned(),
        StreamError::LastOperationFailed(error) => error.to_debug_string(),
    };
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
    Ok(())
}
