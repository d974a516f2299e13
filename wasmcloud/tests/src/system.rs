//! A wasmCloud lattice, with RabbitMQ behind our providers.

use anyhow::Result;
use conformance::{Databases, EVENTS_TOKEN, System, Traces};
use waybill_tests::{OtlpSink, Postgres, Rabbit, SinkSpan};

use crate::Lattice;

/// Starts the system. `None` where PostgreSQL, RabbitMQ or the lattice is not here.
pub async fn system() -> Result<Option<System>> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(None) };
    let postgres = Postgres::start_migrated().await?;
    let sink = OtlpSink::start().await?;
    let environment = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{}/v1/traces", sink.endpoint())),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
    ];
    let lattice =
        Lattice::start("wadm.local.yaml", &postgres, &broker_url, EVENTS_TOKEN, &environment).await?;
    let Some(lattice) = lattice else { return Ok(None) };
    Ok(Some(System {
        orders: lattice.orders(),
        invoices: lattice.invoices(),
        gateway: None,
        events_token: Some(EVENTS_TOKEN.to_owned()),
        databases: Some(Databases::of(&postgres)),
        traces: Some(Traces { sink, is_order, is_invoice }),
        is_ours: true,
        running: vec![Box::new(lattice), Box::new(postgres)],
    }))
}

/// The host starts a trace of its own for a request, so that the caller's goes on with the order's event.
fn is_order(span: &SinkSpan) -> bool {
    span.service == "orders" && span.name.contains("order.created")
}

fn is_invoice(span: &SinkSpan) -> bool {
    let sql = span.attributes.get("db.query.text");
    span.service == "postgres" && sql.is_some_and(|sql| sql.to_uppercase().contains("INSERT INTO INVOICES"))
}
