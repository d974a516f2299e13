//! A host that is not ours, with the relay that feeds it.

use anyhow::Result;
use tempfile::TempDir;
use waybill_tests::{OtherHost, OtlpSink, Postgres, Process, SinkSpan, WaybillConfig};

use crate::system::{EVENTS_TOKEN, Running};
use crate::{Databases, System, Traces};

/// The variables by which programs send only their traces to the collector, soon.
pub fn exporting_to(sink: &OtlpSink) -> [(&'static str, String); 2] {
    [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{}/v1/traces", sink.endpoint())),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
    ]
}

/// Starts the relay to a host. Of its spans, `is_order` and `is_invoice` say which are an order and an invoice being written.
pub async fn start(
    host: impl OtherHost + Running,
    postgres: Postgres,
    sink: OtlpSink,
    is_order: fn(&SinkSpan) -> bool,
    is_invoice: fn(&SinkSpan) -> bool,
) -> Result<System> {
    let folder = TempDir::with_prefix("waybill-")?;
    let relay = WaybillConfig::command(["relay", "--to"], folder.path())
        .argument(host.events())
        .databases(&postgres)
        .variable("WAYBILL_EVENTS_TOKEN", EVENTS_TOKEN);
    let relay =
        exporting_to(&sink).into_iter().fold(relay, |relay, (name, value)| relay.variable(name, value));
    let relay = Process::start(&relay).await?;
    Ok(System {
        orders: host.orders(),
        invoices: host.invoices(),
        gateway: None,
        events_token: Some(EVENTS_TOKEN.to_owned()),
        databases: Some(Databases::of(&postgres)),
        traces: Some(Traces { sink, is_order, is_invoice }),
        is_ours: true,
        running: vec![Box::new(relay), Box::new(host), Box::new(postgres), Box::new(folder)],
    })
}
