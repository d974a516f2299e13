//! Spin, with the relay that feeds it.

use anyhow::Result;
use tempfile::TempDir;
use waybill_tests::{OtlpSink, Postgres, Process, SinkSpan, Spin, WaybillConfig};

use crate::system::EVENTS_TOKEN;
use crate::{Databases, System, Traces};

/// `None` if Spin or PostgreSQL is not installed.
pub async fn start() -> Result<Option<System>> {
    let Some(program) = Spin::program() else { return Ok(None) };
    let postgres = Postgres::start_migrated().await?;
    let folder = TempDir::with_prefix("waybill-")?;
    let sink = OtlpSink::start().await?;
    // Only traces: Spin would send metrics and logs to a common endpoint too.
    let collector = format!("{}/v1/traces", sink.endpoint());
    let environment = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.clone()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
    ];
    let spin = Spin::start(program, &postgres, EVENTS_TOKEN, &environment).await?;
    let relay = WaybillConfig::command(["relay", "--to"], folder.path())
        .argument(spin.events())
        .databases(&postgres)
        .variable("WAYBILL_EVENTS_TOKEN", EVENTS_TOKEN)
        .variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector)
        .variable("OTEL_BSP_SCHEDULE_DELAY", "100");
    let relay = Process::start(&relay).await?;
    Ok(Some(System {
        orders: spin.http(),
        invoices: spin.http(),
        gateway: None,
        events_token: Some(EVENTS_TOKEN.to_owned()),
        databases: Some(Databases::of(&postgres)),
        traces: Some(Traces {
            sink,
            is_order: |span| executes(span, "orders"),
            is_invoice: |span| executes(span, "invoices"),
        }),
        is_ours: true,
        running: vec![Box::new(relay), Box::new(spin), Box::new(postgres), Box::new(folder)],
    }))
}

/// Whether a span of Spin's is a request's work in a component.
fn executes(span: &SinkSpan, component: &str) -> bool {
    span.name == format!("execute_wasm_component {component}")
}
