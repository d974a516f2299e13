//! A tiny collector that speaks OTLP over HTTP and over gRPC, and remembers what it got.

use std::convert::Infallible;
use std::net::SocketAddr;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// One export as it arrived.
pub struct Export {
    pub path: String,
    pub headers: HeaderMap,
    pub request: ExportTraceServiceRequest,
}

impl Export {
    /// The resource's attribute of this name, as text.
    pub fn resource(&self, key: &str) -> Option<String> {
        let resource = self.request.resource_spans[0].resource.as_ref()?;
        let attribute = resource.attributes.iter().find(|attribute| attribute.key == key)?;
        let value = attribute.value.as_ref()?.value.as_ref()?;
        let opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue(text) = value else {
            return None;
        };
        Some(text.clone())
    }

    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.request.resource_spans.iter().flat_map(|spans| &spans.scope_spans).flat_map(|spans| &spans.spans)
    }
}

/// Starts a collector on a free port. It answers every export with `status`.
pub async fn start(status: StatusCode) -> (SocketAddr, mpsc::Receiver<Export>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (exports, received) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let exports = exports.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(request, status, exports.clone()));
                let _ =
                    Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (address, received)
}

async fn answer(
    request: Request<Incoming>,
    status: StatusCode,
    exports: mpsc::Sender<Export>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let grpc = parts.headers.get("content-type").is_some_and(|kind| kind == "application/grpc");
    // A gRPC message follows a flag and its length.
    let message = if grpc { body.slice(5..) } else { body };
    let request = ExportTraceServiceRequest::decode(message).unwrap();
    let path = parts.uri.path().to_owned();
    exports.send(Export { path, headers: parts.headers, request }).await.unwrap();

    let response = Response::builder();
    Ok(if grpc {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        let frames = [Frame::data(Bytes::from_static(&[0; 5])), Frame::trailers(trailers)];
        let body = StreamBody::new(futures::stream::iter(frames.map(Ok)));
        response.header("content-type", "application/grpc").body(BodyExt::boxed(body)).unwrap()
    } else {
        response.status(status).body(Full::default().boxed()).unwrap()
    })
}
