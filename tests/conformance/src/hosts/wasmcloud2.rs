//! wasmCloud 2, with the relay that feeds it.

use anyhow::Result;
use tempfile::TempDir;
use waybill_tests::{OtlpSink, Postgres, Process, SinkSpan, Wash, WaybillConfig};

use crate::system::EVENTS_TOKEN;
use crate::{Databases, System, Traces};

/// `None` if wasmCloud 2, NATS or PostgreSQL is not installed.
pub async fn start() -> Result<Option<System>> {
    let postgres = Postgres::start_migrated().await?;
    let folder = TempDir::with_prefix("waybill-")?;
    let sink = OtlpSink::start().await?;
    let collector = format!("{}/v1/traces", sink.endpoint());
    let environment = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.clone()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
        // It sends all three kinds as soon as one is wanted; nobody listens at this port.
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9".to_owned()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
    ];
    let Some(wash) = Wash::start(&postgres, EVENTS_TOKEN, &environment).await? else { return Ok(None) };
    let relay = WaybillConfig::command(["relay", "--to"], folder.path())
        .argument(wash.events())
        .databases(&postgres)
        .variable("WAYBILL_EVENTS_TOKEN", EVENTS_TOKEN)
        .variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector)
        .variable("OTEL_BSP_SCHEDULE_DELAY", "100");
    let relay = Process::start(&relay).await?;
    Ok(Some(System {
        orders: wash.orders(),
        invoices: wash.invoices(),
        gateway: None,
        events_token: Some(EVENTS_TOKEN.to_owned()),
        databases: Some(Databases::of(&postgres)),
        traces: Some(Traces {
            sink,
            is_order: |span| writes(span, "INSERT INTO ORDERS"),
            is_invoice: |span| writes(span, "INSERT INTO INVOICES"),
        }),
        is_ours: true,
        running: vec![Box::new(relay), Box::new(wash), Box::new(postgres), Box::new(folder)],
    }))
}

/// Whether a span of the plugin's is of a statement that has this in it.
fn writes(span: &SinkSpan, sql: &str) -> bool {
    let query = span.attributes.get("query").filter(|_| span.name == "wasmcloud.postgres.query");
    query.is_some_and(|query| query.to_uppercase().contains(sql))
}
