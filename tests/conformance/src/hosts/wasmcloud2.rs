//! wasmCloud 2, with the relay that feeds it.

use anyhow::Result;
use waybill_tests::{OtlpSink, Postgres, SinkSpan, Wash, Wasi};

use super::fed_by_relay::{self, exporting_to};
use crate::System;
use crate::system::EVENTS_TOKEN;

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

/// Whether a span of the plugin's is of a statement that has this in it.
fn writes(span: &SinkSpan, sql: &str) -> bool {
    let query = span.attributes.get("query").filter(|_| span.name == "wasmcloud.postgres.query");
    query.is_some_and(|query| query.to_uppercase().contains(sql))
}
