use std::future::poll_fn;

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::p3::bindings::Service;
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _, p3};

use super::Guest;
use crate::answers::whole;

/// Calls `wasi:http/handler` with a request, and runs the instance until the task of the request has ended: the answer is there
/// before, while the component writes the body. So an instance that is used again has nothing left of the request before.
///
/// A blocking import holds the whole instance, so that no time limit inside of it would be kept: the caller sets one.
pub(super) async fn call(
    exports: &Service,
    store: &mut Store<Guest>,
    request: Request<Bytes>,
    answer: oneshot::Sender<wasmtime::Result<Response<WasiBody>>>,
) -> wasmtime::Result<()> {
    store
        .run_concurrent(async |store| {
            let response = handle(exports, store, request).await?;
            // The caller may have disconnected.
            let _ = answer.send(response);
            poll_fn(|context| store.poll_no_interesting_tasks(context)).await;
            Ok(())
        })
        .await?
}

async fn handle(
    exports: &Service,
    store: &Accessor<Guest>,
    request: Request<Bytes>,
) -> wasmtime::Result<wasmtime::Result<Response<WasiBody>>> {
    // The other value says how the body was read, which the answer says too.
    let request =
        store.with(|mut store| p3::Request::from_http(store.data_mut().http().hooks, request.map(whole)).0);
    Ok(match exports.handle(store, request).await? {
        Ok(response) => store.with(|store| response.into_http(store, async { Ok(()) })),
        Err(code) => Err(wasmtime::format_err!("the component gave no answer: {code:?}")),
    })
}
