//! Requests to a composed component: a new instance for each, as Spin makes them.

use ::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use tokio::sync::oneshot;
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

use super::{Compiled, LIMIT, Variables};

/// A response, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

pub fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(format!("http://test{path}")).body(Full::default()).unwrap()
}

pub fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Request<Full<Bytes>> {
    let request = Request::post(format!("http://test{path}")).header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Full::new(Bytes::from(body.to_owned()))).unwrap()
}

impl Compiled {
    pub async fn send(&self, variables: &Variables, request: Request<Full<Bytes>>) -> Answer {
        let answered = self.answer(variables, request);
        tokio::time::timeout(LIMIT, answered).await.expect("an answer in time")
    }

    async fn answer(&self, variables: &Variables, request: Request<Full<Bytes>>) -> Answer {
        let component = ProxyPre::new(self.linker.instantiate_pre(&self.component).unwrap()).unwrap();
        let mut store = self.store(variables);
        let request =
            request.map(|body| body.map_err(|never| -> wasmtime_wasi_http::Error { match never {} }));
        let (sender, receiver) = oneshot::channel();
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request).unwrap();
        let outparam = store.data_mut().http().new_response_outparam(sender).unwrap();
        let proxy = component.instantiate_async(&mut store).await.unwrap();
        let handled = tokio::spawn(async move {
            proxy.wasi_http_incoming_handler().call_handle(&mut store, request, outparam).await
        });
        let response = receiver.await.expect("the component answers").expect("without an error");
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        handled.await.unwrap().unwrap();
        Answer { status: head.status, headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}
