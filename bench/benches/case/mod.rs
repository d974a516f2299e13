//! The components in this process, over a link that answers at once.

use std::sync::Arc;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio::runtime::Runtime;
use wasmtime::component::Component;
use waybill::runtime::{Blueprint, Engine, HttpService};
use waybill_telemetry::{Context, Service};

use self::link::Ready;

mod link;

/// The path of an order.
pub const SHOW: &str = "/orders/019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d";

/// What a component needs besides its code.
pub fn blueprint(name: &'static str, engine: &Engine, component: &Component) -> Result<Blueprint> {
    Blueprint::new(name, engine, component, Arc::new(Ready), Service::off())
}

/// The service of orders, and what it runs on.
pub struct Case {
    runtime: Runtime,
    service: HttpService,
}

impl Case {
    /// The component as a service that is made of its blueprint.
    pub fn new(
        engine: &Engine,
        component: &Component,
        service: impl FnOnce(Blueprint) -> Result<HttpService>,
    ) -> Result<Self> {
        Ok(Self { runtime: Runtime::new()?, service: service(blueprint("orders", engine, component)?)? })
    }

    /// Sends one request and takes the whole answer.
    pub fn ask(&self, method: &str, path: &str, body: impl Into<Bytes>, expected: StatusCode) -> Result<()> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "bench")
            .header("content-type", "application/json")
            .body(body.into())?;
        self.runtime.block_on(async {
            let answer = self.service.handle(request, Context::new()).await?;
            let status = answer.status();
            let body = answer.into_body().collect().await?.to_bytes();
            ensure!(status == expected, "{status}: {}", String::from_utf8_lossy(&body));
            Ok(())
        })
    }
}
