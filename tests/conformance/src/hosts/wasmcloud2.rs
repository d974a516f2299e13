//! wasmCloud 2, with the relay that feeds it, over HTTP or RabbitMQ.

use anyhow::Result;
use tempfile::TempDir;
use waybill_tests::{
    OtherHost as _, OtlpSink, Postgres, Process, Rabbit, SinkSpan, Wash, Wasi, WaybillConfig,
};

use super::fed_by_relay::{self, exporting_to};
use crate::system::EVENTS_TOKEN;
use crate::{Databases, System};

/// `None` if wasmCloud 2, NATS or PostgreSQL is not installed.
pub async fn start(wasi: Wasi) -> Result<Option<System>> {
    let postgres = Postgres::start_migrated().await?;
    let sink = OtlpSink::start().await?;
    let [traces, delay] = exporting_to(&sink);
    let environment = [
        traces,
        delay,
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
        // It sends all three kinds as soon as one is wanted; nobody listens at this port.
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9".to_owned()),
    ];
    let Some(host) = Wash::start(&postgres, EVENTS_TOKEN, &environment, wasi).await? else { return Ok(None) };
    let is_order = |span: &SinkSpan| writes(span, "INSERT INTO ORDERS");
    let is_invoice = |span: &SinkSpan| writes(span, "INSERT INTO INVOICES");
    let mut system = fed_by_relay::start(host, postgres, sink, is_order, is_invoice).await?;
    if wasi == Wasi::V0_3 {
        // Of an instance that is kept, the host traces statements without the request that they belong to.
        system.traces = None;
    }
    Ok(Some(system))
}

/// The same over RabbitMQ, of whose messages the host's traces know nothing. `None` if RabbitMQ is not installed either.
pub async fn start_over_rabbitmq() -> Result<Option<System>> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(None) };
    let postgres = Postgres::start_migrated().await?;
    let wash = Wash::start_consuming(&postgres, EVENTS_TOKEN, &[], &broker_url).await?;
    let Some(wash) = wash else { return Ok(None) };
    let folder = TempDir::with_prefix("waybill-")?;
    let relay = WaybillConfig::command(["relay"], folder.path())
        .databases(&postgres)
        .variable("BROKER_URL", &broker_url);
    let relay = Process::start(&relay).await?;
    Ok(Some(System {
        orders: wash.orders(),
        invoices: wash.invoices(),
        gateway: None,
        events_token: Some(EVENTS_TOKEN.to_owned()),
        databases: Some(Databases::of(&postgres)),
        traces: None,
        is_ours: true,
        running: vec![Box::new(relay), Box::new(wash), Box::new(postgres), Box::new(folder)],
    }))
}

/// Whether a span of the plugin's is of a statement that has this in it.
fn writes(span: &SinkSpan, sql: &str) -> bool {
    let query = span.attributes.get("query").filter(|_| span.name == "wasmcloud.postgres.query");
    query.is_some_and(|query| query.to_uppercase().contains(sql))
}
