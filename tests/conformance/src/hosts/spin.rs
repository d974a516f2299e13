//! Spin, with the relay that feeds it.

use anyhow::Result;
use waybill_tests::{OtlpSink, Postgres, SinkSpan, Spin};

use super::fed_by_relay::{self, exporting_to};
use crate::System;
use crate::system::EVENTS_TOKEN;

/// `None` if Spin or PostgreSQL is not installed.
pub async fn start() -> Result<Option<System>> {
    let Some(program) = Spin::program() else { return Ok(None) };
    let postgres = Postgres::start_migrated().await?;
    let sink = OtlpSink::start().await?;
    let spin = Spin::start(program, &postgres, EVENTS_TOKEN, &exporting_to(&sink)).await?;
    let is_order = |span: &SinkSpan| executes(span, "orders");
    let is_invoice = |span: &SinkSpan| executes(span, "invoices");
    fed_by_relay::start(spin, postgres, sink, is_order, is_invoice).await.map(Some)
}

/// Whether a span of Spin's is a request's work in a component.
fn executes(span: &SinkSpan, component: &str) -> bool {
    span.name == format!("execute_wasm_component {component}")
}
