use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use http::{HeaderValue, Request, Response, StatusCode, header};
use httpdate::fmt_http_date;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _};
use wasmtime_wasi_http::WasiBody;

use super::OriginCheck;
use super::connection::{BUFFER_BYTES, Buffer};
use super::connections::{Connections, Place};
use super::linger::linger;
use super::metered_stream::MeteredStream;
use super::request_body::RequestBody;
use crate::answers::problem;

/// The time that a request's head may take to arrive, also the time that an idle connection is kept. Clients that reuse
/// connections must close an idle one earlier, since a request that meets the close is lost. Kong does (`gateway/kong.env`), and
/// so does `Poster` of `crates/transports`.
pub const IDLE_TIME: Duration = Duration::from_secs(30);

/// How long a request waits while the buffers are full, and the pause between two checks: connections that are busy now soon wait
/// for their clients and can be closed.
const ROOM_TIME: Duration = Duration::from_secs(1);
const ROOM_PAUSE: Duration = Duration::from_millis(20);

/// What every client of HTTP/2 begins with (RFC 9113, 3.4).
const HTTP_2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long the answer to such a client may take to be written.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// HTTP on one connection.
pub(super) struct HttpConnection<S> {
    place: Place,
    origins: Arc<OriginCheck>,
    service: S,
}

impl<S> HttpConnection<S>
where
    S: Service<Request<RequestBody>, Response = Response<WasiBody>, Error = Infallible> + Clone,
{
    pub(super) fn new(place: Place, origins: Arc<OriginCheck>, service: S) -> Self {
        Self { place, origins, service }
    }

    /// Serves it until its client, the stop, a limit or a fault ends it.
    pub(super) async fn serve(self, stream: TcpStream, stop: CancellationToken) {
        // A connection on which nothing arrives needs no buffers.
        let mut first = [0];
        let begins = async {
            tokio::select! {
                arrived = timeout(IDLE_TIME, stream.peek(&mut first)) => matches!(arrived, Ok(Ok(1..))),
                () = self.place.connection.closed() => false,
                () = stop.cancelled() => false,
            }
        };
        if begins.await {
            Box::pin(self.serve_requests(stream, stop)).await;
        }
    }

    /// hyper's `pipeline_flush` stays off: it holds back answers while bytes of a next request are there, without an end if that one
    /// never becomes complete, and without bound. As it is, hyper reads no request before it has sent the answer to the one before.
    async fn serve_requests(self, stream: TcpStream, stop: CancellationToken) {
        let Self { place, origins, service } = self;
        let (place, origins, connection) = (&place, &*origins, &place.connection);
        let stream = MeteredStream::new(stream, place.connections().clone(), connection.clone());
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(IDLE_TIME).max_buf_size(BUFFER_BYTES);
        // A client may close its sending half and still wait for the answer.
        http.half_close(true);
        // Whether the last request was answered before all of it was read.
        let cuts_short = &AtomicBool::new(false);
        let service = service_fn(move |request| {
            let service = service.clone();
            async move {
                let (response, is_read) = answer(place, origins, service, request).await;
                cuts_short.store(!is_read, Ordering::Relaxed);
                Ok::<_, Infallible>(response)
            }
        });
        let mut served = http.serve_connection(TokioIo::new(stream), service);
        let ended = tokio::select! {
            ended = &mut served => Some(ended),
            () = connection.closed() => return,
            () = stop.cancelled() => None,
        };
        let ended = if let Some(ended) = ended {
            ended
        } else {
            Pin::new(&mut served).graceful_shutdown();
            tokio::select! {
                ended = &mut served => ended,
                () = connection.closed() => return,
            }
        };
        if connection.is_closing() {
            return;
        }
        // A client that disconnects in the middle of its request is not an error. One whose head was refused may still be sending it.
        let is_malformed = ended.is_err_and(|error| error.is_parse());
        let parts = served.into_parts();
        let mut stream = parts.io.into_inner().into_inner();
        if is_malformed && parts.read_buf.starts_with(HTTP_2_PREFACE) {
            refuse_http_2(&mut stream).await;
        }
        linger(&mut stream, is_malformed || cuts_short.load(Ordering::Relaxed)).await;
    }
}

/// Has the service answer one request, unless limits or its origin are against it. Also returns whether the request was read to its end;
/// if not, the answer announces that the connection closes.
async fn answer<S>(
    place: &Place,
    origins: &OriginCheck,
    service: S,
    request: Request<Incoming>,
) -> (Response<WasiBody>, bool)
where
    S: Service<Request<RequestBody>, Response = Response<WasiBody>, Error = Infallible>,
{
    let (connections, connection) = (place.connections(), &place.connection);
    connection.begin_service();
    let is_withheld = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let (body, left) = RequestBody::new(body, is_withheld);
    let request = Request::from_parts(parts, body);
    let (mut response, is_read) = if timeout(ROOM_TIME, has_room(connections)).await.is_err() {
        (overloaded(), false)
    } else {
        let response = if let Some(refusal) = origins.refusal(&request) {
            drop(request);
            refusal
        } else {
            let Ok(response) = service.oneshot(request).await;
            response
        };
        (response, left.read().await)
    };
    if is_stream(&response) && !connections.begin_stream(connection) {
        response = problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many streams of events are open from this address. Close some pages, or try again in a moment.",
        );
    }
    if !is_read {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let held = connection.begin_answer(response.body().size_hint().exact());
    connections.hold(connection, Buffer::Request, connection.grown_buffer());
    connections.hold(connection, Buffer::Answer, held);
    (response, is_read)
}

/// Answers a client that begins with HTTP/2 as hyper answers all other versions that it does not know: it closes this one without an answer.
async fn refuse_http_2(stream: &mut TcpStream) {
    let date = fmt_http_date(SystemTime::now());
    let answer =
        format!("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: {date}\r\n\r\n");
    // A client that reads nothing any more needs no answer.
    let _ = timeout(REFUSAL_TIME, stream.write_all(answer.as_bytes())).await;
}

/// Waits until the buffers are within their budget.
async fn has_room(connections: &Connections) {
    while connections.is_overloaded(Buffer::Request) {
        sleep(ROOM_PAUSE).await;
    }
}

/// The answer while the buffers of all connections are full. Nothing of the request was begun.
fn overloaded() -> Response<WasiBody> {
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "The memory for requests and answers is in use. Try again in a moment.",
    )
}

/// An answer that has no end by itself.
fn is_stream(response: &Response<WasiBody>) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|it| it == "text/event-stream")
}
