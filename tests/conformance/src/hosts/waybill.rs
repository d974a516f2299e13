//! Our own binary, `waybill up`.

use anyhow::Result;
use tempfile::TempDir;
use waybill_tests::{OtlpSink, Postgres, Wasi, Waybill, WaybillConfig};

use crate::system::{EVENTS_TOKEN, Running};
use crate::{Databases, System, Traces};

/// On its own PostgreSQL, which no other test uses.
pub async fn local(wasi: Wasi) -> Result<System> {
    up(None, wasi).await
}

/// On a server.
pub async fn servers(wasi: Wasi) -> Result<System> {
    up(Some(Postgres::start().await?), wasi).await
}

async fn up(postgres: Option<Postgres>, wasi: Wasi) -> Result<System> {
    let folder = TempDir::with_prefix("waybill-")?;
    let sink = OtlpSink::start().await?;
    let mut config = WaybillConfig::up(folder.path())
        .components(wasi)
        .variable("WAYBILL_EVENTS_TOKEN", EVENTS_TOKEN)
        .variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint())
        .variable("OTEL_BSP_SCHEDULE_DELAY", "100");
    if let Some(postgres) = &postgres {
        config = config.databases(postgres);
    }
    let waybill = Waybill::start(&config).await?;
    let databases = postgres.as_ref().map(Databases::of);
    let (orders, invoices) = (waybill.orders.clone(), waybill.invoices.clone());
    let gateway = Some(waybill.gateway.clone());
    // In the order in which they end.
    let mut running: Vec<Box<dyn Running>> = vec![Box::new(waybill)];
    running.extend(postgres.map(|postgres| Box::new(postgres) as Box<dyn Running>));
    running.push(Box::new(folder));
    Ok(System {
        orders,
        invoices,
        gateway,
        events_token: Some(EVENTS_TOKEN.to_owned()),
        databases,
        traces: Some(Traces {
            sink,
            is_order: |span| span.is_insert_by("orders"),
            is_invoice: |span| span.is_insert_by("invoices"),
        }),
        is_ours: true,
        running,
    })
}
