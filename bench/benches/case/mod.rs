//! The orders component in this process, over a link that answers at once.

use std::sync::Arc;

use anyhow::{Result, ensure};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio::runtime::Runtime;
use wasmtime::component::Component;
use waybill::runtime::{Blueprint, Engine, HttpService, PgValue, ResultRow, ResultRowEntry, Sql, SqlReply};
use waybill_telemetry::{Context, Service};

/// Rows of a page.
const PAGE: usize = 100;

/// A link that answers at once, as the statements of orders are answered.
struct Ready;

impl Sql for Ready {
    fn query<'a>(
        &'a self,
        statement: &'a str,
        _params: Vec<PgValue>,
    ) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>> {
        let rows = if statement.contains("row_to_json") {
            let shown = r#"{"id":"019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d","amount":5000,"lines":[]}"#;
            vec![vec![entry("shown", text(shown))]]
        } else if statement.contains("INSERT") {
            let columns = ["is_customer_known", "is_customer_billable", "is_destination_known", "is_placed"];
            vec![columns.map(|column| entry(column, PgValue::Bool(true))).into()]
        } else {
            vec![order(); PAGE]
        };
        Box::pin(async move { Ok(Ok(rows)) })
    }

    fn query_batch<'a>(&'a self, _statements: &'a str) -> BoxFuture<'a, SqlReply<()>> {
        Box::pin(async { Ok(Ok(())) })
    }
}

fn entry(name: &str, value: PgValue) -> ResultRowEntry {
    ResultRowEntry { column_name: name.to_owned(), value }
}

fn text(text: &str) -> PgValue {
    PgValue::Text(text.to_owned())
}

fn order() -> ResultRow {
    vec![
        entry("id", text("019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d")),
        entry("customer_id", text("1651654165")),
        entry("amount", PgValue::Int8(5000)),
        entry("currency", text("EUR")),
        entry("status", text("pending")),
        entry("version", PgValue::Int4(1)),
        entry("created_at", text("2026-01-01T00:00:00.000Z")),
        entry("lines", text("[]")),
    ]
}

/// The path of an order.
pub const SHOW: &str = "/orders/019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d";

/// A service, and what it runs on.
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
        let runtime = Runtime::new()?;
        let blueprint = Blueprint::new("orders", engine, component, Arc::new(Ready), Service::off())?;
        Ok(Self { runtime, service: service(blueprint)? })
    }

    /// Sends one request and takes the whole answer.
    pub fn ask(&self, method: &str, path: &str, body: &'static str, expected: StatusCode) -> Result<()> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "bench")
            .header("content-type", "application/json")
            .body(Bytes::from_static(body.as_bytes()))?;
        self.runtime.block_on(async {
            let answer = self.service.handle(request, Context::new()).await?;
            let status = answer.status();
            let body = answer.into_body().collect().await?.to_bytes();
            ensure!(status == expected, "{status}: {}", String::from_utf8_lossy(&body));
            Ok(())
        })
    }
}
