//! What a request with a large answer takes: an estimate before it begins, and its answer until it is written.

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use wasmtime_wasi_http::WasiBody;

use crate::answers::whole;
use crate::endpoints::endpoints;
use crate::pages::parameter;
use crate::runtime::ReservedMemory;

/// What a row of a page takes, in bytes, if it is as large as a request's body may be: 20 MiB were measured for 100 of them.
const ROW_BYTES: usize = 200 << 10;

/// Rows of a page: without `limit`, and at most.
const DEFAULT_ROWS: usize = 20;
const MOST_ROWS: usize = 100;

/// What a page or PDF of the longest invoice takes, in bytes.
const DOCUMENT_BYTES: usize = 10 << 20;

/// The bytes to reserve for a request of this route; 0 if its answer is small.
pub(super) fn large_answer_bytes(request: &Request<Bytes>, route: &str) -> usize {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return 0;
    }
    let Some(endpoint) = endpoints().iter().find(|it| it.method == Method::GET && it.path == route) else {
        return 0;
    };
    if endpoint.is_list {
        let limit = request.uri().query().and_then(|query| parameter(query, "limit"));
        let rows = limit.and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_ROWS);
        return rows.clamp(1, MOST_ROWS) * ROW_BYTES;
    }
    let is_json =
        request.headers().get(header::ACCEPT).is_none_or(|it| it.as_bytes().starts_with(b"application/json"));
    if endpoint.is_document && !is_json { DOCUMENT_BYTES } else { 0 }
}

/// Keeps the memory of the answer reserved until it is written. One of unknown length is not in memory as a whole.
pub(super) async fn keep(reserved: ReservedMemory, response: Response<WasiBody>) -> Response<WasiBody> {
    if response.body().size_hint().exact().is_none() {
        return response;
    }
    let (head, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => Response::from_parts(head, whole(reserved.keep(body.to_bytes()))),
        // A component writes the body after the head, and may trap in between.
        Err(error) => Response::from_parts(head, failed(error)),
    }
}

/// A body that breaks off, as it would have without being kept.
fn failed(error: wasmtime_wasi_http::Error) -> WasiBody {
    let parts = futures::stream::once(async move { Err::<hyper::body::Frame<Bytes>, _>(error) });
    http_body_util::StreamBody::new(parts).boxed_unsync()
}
