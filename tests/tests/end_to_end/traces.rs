//! One trace from the request to the invoice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{OtlpSink, Rabbit, SinkSpan, Waybill, WaybillConfig, eventually};

use crate::TestEnv;

pub(crate) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
pub(crate) const CALLER: &str = "b7ad6b7169203331";

/// How long the spans of an order may take until they are exported.
const EXPORT_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn an_order_is_one_trace_over_http() -> Result<()> {
    let sink = OtlpSink::start().await?;
    let spans =
        trace_of_an_order(&sink, |config| config.variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint()))
            .await?;
    connected(&spans)?;
    // The metrics go beside them.
    let known = ["/v1/traces", "/v1/metrics"];
    ensure!(sink.paths().iter().all(|path| known.contains(&path.as_str())), "{:?}", sink.paths());
    Ok(())
}

#[tokio::test]
async fn an_order_is_one_trace_over_http_by_the_endpoint_for_traces() -> Result<()> {
    let sink = OtlpSink::start().await?;
    // This one is used as it is, without a path added.
    let endpoint = format!("{}/v1/traces", sink.endpoint());
    let spans = trace_of_an_order(&sink, |config| {
        config
            .variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint)
            .variable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    })
    .await?;
    connected(&spans)?;
    ensure!(sink.paths().iter().all(|path| path == "/v1/traces"), "{:?}", sink.paths());
    Ok(())
}

#[tokio::test]
async fn an_order_is_one_trace_over_grpc() -> Result<()> {
    let sink = OtlpSink::start().await?;
    let spans = trace_of_an_order(&sink, |config| {
        config
            .variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint())
            .variable("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    })
    .await?;
    connected(&spans)
}

#[tokio::test]
async fn an_order_is_one_trace_by_way_of_rabbitmq() -> Result<()> {
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let sink = OtlpSink::start().await?;
    let spans = trace_of_an_order(&sink, |config| {
        config.variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint()).variable("BROKER_URL", url)
    })
    .await?;
    connected(&spans)?;
    let over_rabbitmq =
        |span: &&SinkSpan| span.attributes.get("messaging.system").is_some_and(|system| system == "rabbitmq");
    let found = spans.iter().filter(over_rabbitmq).count();
    ensure!(found == 2, "one span sends and one handles, not {found}: {spans:#?}");
    Ok(())
}

/// Places an order as part of a trace and returns that trace's spans once the invoice's insert is among them.
async fn trace_of_an_order(
    sink: &OtlpSink,
    exporting: impl FnOnce(WaybillConfig) -> WaybillConfig,
) -> Result<Vec<SinkSpan>> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&exporting(env.config().variable("OTEL_BSP_SCHEDULE_DELAY", "100"))).await?;
    // What cannot be sent yet is tried again, and the first attempt is a span of the trace too, which failed.
    waybill.orders.answers("/health", 200).await?;
    let traceparent = format!("00-{TRACE}-{CALLER}-01");
    let headers =
        [("content-type", "application/json"), ("traceparent", &traceparent), ("tracestate", "shop=1")];
    waybill.gateway.send(Method::POST, "/orders", &headers, r#"{"amount":5000}"#).await?.expect(201)?;
    let seen = eventually("the invoice's insert in the trace", EXPORT_LIMIT, async || {
        Ok(sink.trace(TRACE)?.iter().any(is_invoice_insert).then_some(()))
    });
    seen.await.with_context(|| format!("{:#?}", sink.spans()))?;
    // What is still held back is sent when it ends.
    waybill.stop().await?;
    sink.trace(TRACE)
}

pub(crate) fn is_invoice_insert(span: &SinkSpan) -> bool {
    span.is_insert_by("invoices")
}

/// Every span goes back to the caller's, step by step, and the steps of an order are there.
pub(crate) fn connected(spans: &[SinkSpan]) -> Result<()> {
    let by_id: BTreeMap<_, _> = spans.iter().map(|span| (span.id.as_str(), span)).collect();
    ensure!(by_id.len() == spans.len(), "a span was exported twice: {spans:#?}");
    let mut roots = 0;
    for span in spans {
        ensure!(span.start_ns <= span.end_ns && !span.failed, "{span:#?}");
        roots += usize::from(span.parent == CALLER);
        let mut ancestor = span;
        let mut seen = BTreeSet::new();
        while ancestor.parent != CALLER {
            ensure!(seen.insert(&ancestor.id), "a ring of spans at {ancestor:#?}");
            ancestor =
                by_id.get(ancestor.parent.as_str()).with_context(|| format!("no parent of {ancestor:#?}"))?;
        }
    }
    ensure!(roots == 1, "the caller's span has {roots} children: {spans:#?}");
    let services: BTreeSet<_> = spans.iter().map(|span| span.service.as_str()).collect();
    ensure!(services == BTreeSet::from(["invoices", "orders"]), "{services:?}");
    let count = |what: &str, found: usize| ensure_one(what, found, spans);
    count("insert of the order", spans.iter().filter(|span| span.is_insert_by("orders")).count())?;
    count("insert of the invoice", spans.iter().filter(|span| is_invoice_insert(span)).count())
}

fn ensure_one(what: &str, found: usize, spans: &[SinkSpan]) -> Result<()> {
    ensure!(found == 1, "the trace has {found} spans for the {what}: {spans:#?}");
    Ok(())
}
