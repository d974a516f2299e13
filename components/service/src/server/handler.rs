//! `wasi:http/handler` of WASI 0.3, whose bodies are streams.
//!
//! An operation is the same function as for WASI 0.2: it has the whole body before it begins, and blocks in its statements. So an
//! instance that is given several requests at once works on one after the other, and shares nothing between them.

use std::marker::PhantomData;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use wasip3::http::types::{self, ErrorCode, Fields};
use wasip3::wit_bindgen::StreamResult;
use wasip3::{wit_future, wit_stream};

use super::parts::{self, fields, headers, method_of, target};
use crate::body::{MAX_BODY_BYTES, announced_bytes};
use crate::body_error::BodyError;
use crate::request::{Body, Request};
use crate::respond::Response;
use crate::routes::Route;
use crate::sql::log;

/// Answers one request. An error is the host's to answer.
pub async fn answer(routes: &[&[Route]], request: types::Request) -> Result<types::Response, ErrorCode> {
    let request = read(request).await;
    // Without a length the host would send the body in chunks. An answer to HEAD has none, and hosts hold a body to it.
    let is_head = matches!(&request, Ok(Request { method: Method::HEAD, .. }));
    let mut response = parts::answer(routes, request);
    if !is_head && response.status() != StatusCode::NO_CONTENT {
        let length = HeaderValue::from(response.body().len());
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    write(response)
}

async fn read(incoming: types::Request) -> Result<Request, &'static str> {
    let method = method_of(incoming.get_method())?;
    let target = target(incoming.get_path_with_query().unwrap_or_else(|| "/".to_owned()))?;
    let headers = headers(incoming.get_headers().copy_all())?;
    let body = match body_of(incoming, &method, &headers).await {
        Ok(bytes) => Body::Whole(bytes),
        Err(error) => Body::Missing(error),
    };
    Ok(Request { method, target, headers, body, fields: PhantomData })
}

/// Reads the whole body, of [`MAX_BODY_BYTES`] at most. That of a `GET` means nothing (RFC 9110, 9.3.1) and is not read.
async fn body_of(incoming: types::Request, method: &Method, headers: &HeaderMap) -> Result<Bytes, BodyError> {
    let announced = match announced_bytes(headers) {
        Some(0) => return Ok(Bytes::new()),
        _ if [Method::GET, Method::HEAD].contains(method) => return Ok(Bytes::new()),
        Some(bytes) => Some(usize::try_from(bytes).map_err(|_| BodyError::TooLarge)?),
        None => None,
    };
    if announced.is_some_and(|bytes| bytes > MAX_BODY_BYTES) {
        return Err(BodyError::TooLarge);
    }
    let (unused, handled) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = types::Request::consume_body(incoming, handled);
    // The host hears how the request was handled from the answer. Now that it listens, this is no event to wait for.
    drop(unused);
    let mut read = Vec::with_capacity(announced.unwrap_or(MAX_BODY_BYTES + 1));
    // After the announced length the body has ended; asking the host would be one more call.
    while announced.is_none_or(|announced| read.len() < announced) {
        let result;
        (result, read) = stream.read(read).await;
        if read.len() > MAX_BODY_BYTES {
            return Err(BodyError::TooLarge);
        }
        if matches!(result, StreamResult::Complete(_)) {
            continue;
        }
        // The stream has ended, and this says why.
        drop(stream);
        return match trailers.await {
            Ok(_) if announced.is_none() => Ok(read.into()),
            Ok(_) | Err(_) => Err(BodyError::Interrupted),
        };
    }
    Ok(read.into())
}

fn write(response: Response) -> Result<types::Response, ErrorCode> {
    let (parts, body) = response.into_parts();
    let fields = Fields::from_list(&fields(&parts.headers))
        .map_err(|error| failed(&format!("the host refused a header: {error}")))?;
    let (unused, no_trailers) = wit_future::new(|| Ok(None));
    let (writer, contents) = if body.is_empty() { (None, None) } else { Some(wit_stream::new()).unzip() };
    let (outgoing, _) = types::Response::new(fields, contents, no_trailers);
    outgoing.set_status_code(parts.status.as_u16()).map_err(|()| failed("the host refused the status"))?;
    // The host reads body and trailers after it has the answer.
    wasip3::spawn(async move {
        if let Some(mut writer) = writer {
            let unsent = writer.write_all(body.into()).await;
            if !unsent.is_empty() {
                log(&"an answer was not sent completely: the client is gone");
            }
        }
        drop(unused);
    });
    Ok(outgoing)
}

fn failed(fault: &str) -> ErrorCode {
    log(&fault);
    ErrorCode::InternalError(Some(fault.to_owned()))
}
