//! The traces that `waybill up` keeps and shows.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use waybill_tests::{OtlpSink, Waybill, eventually};

use crate::TestEnv;

const LIMIT: Duration = Duration::from_secs(30);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn an_order_is_one_trace_from_its_request_to_its_invoice() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config()).await?;
    let traces = waybill.address("traces")?;
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let headers = [("content-type", "application/json"), ("traceparent", &*parent)];
    let sent = waybill.gateway.send(hyper::Method::POST, "/orders", &headers, r#"{"amount":5000}"#);
    sent.await?.expect(201)?;

    let trace = eventually("the whole trace", LIMIT, async || {
        let answer = traces.get(&format!("/api/traces/{TRACE}")).await?;
        let trace = if answer.status == 200 { answer.json()?["data"][0].clone() } else { return Ok(None) };
        let invoiced = names(&trace).iter().any(|name| name.contains("INSERT order_states"));
        Ok((invoiced && names(&trace).contains(&"process order.created".to_owned())).then_some(trace))
    })
    .await?;
    let names = names(&trace);
    for name in ["POST /orders", "outbox wait", "send order.created", "process order.created"] {
        ensure!(names.iter().any(|known| known == name), "{name} is missing: {names:?}");
    }
    let processes = trace["processes"].as_object().context("no processes")?;
    let services: Vec<_> = processes.values().filter_map(|it| it["serviceName"].as_str()).collect();
    ensure!(services.contains(&"orders") && services.contains(&"invoices"), "{services:?}");
    let spans = trace["spans"].as_array().context("no spans")?;
    // One tree: whatever has a parent other than the caller's span has it in this trace.
    for span in spans {
        let parent = span["references"][0]["spanID"].as_str().unwrap_or("b7ad6b7169203331");
        let known = parent == "b7ad6b7169203331" || spans.iter().any(|other| other["spanID"] == parent);
        ensure!(known && span["traceID"] == TRACE, "{span}");
    }

    let page = traces.get(&format!("/trace/{TRACE}")).await?;
    ensure!(page.status == 200 && page.text().contains("process order.created"), "{}", page.text());
    let list = traces.get("/search?service=invoices&text=order.created").await?.text();
    ensure!(list.contains(&format!("/trace/{TRACE}")), "{list}");
    let none = traces.get("/search?text=nothing-has-this-in-it").await?.text();
    ensure!(none.contains("There are none"), "{none}");
    let services = traces.get("/api/services").await?.json()?;
    ensure!(services["data"] == serde_json::json!(["invoices", "orders"]), "{services}");
    for missing in ["/trace/00000000000000000000000000000001", "/trace/x", "/api/traces/x", "/nothing"] {
        ensure!(traces.get(missing).await?.status == 404, "{missing}");
    }
    Ok(())
}

#[tokio::test]
async fn traces_are_not_kept_if_a_collector_takes_them_or_disabled() -> Result<()> {
    let sink = OtlpSink::start().await?;
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint());
    for (name, value) in [
        endpoint,
        ("WAYBILL_TRACES_LISTEN", "off".to_owned()),
        ("OTEL_TRACES_EXPORTER", "none".to_owned()),
        ("OTEL_SDK_DISABLED", "true".to_owned()),
    ] {
        let env = TestEnv::local()?;
        let waybill =
            Waybill::start(&env.config().variable(name, &value)).await.with_context(|| name.to_owned())?;
        ensure!(waybill.address("traces").is_err(), "{name}: traces are shown");
        waybill.gateway.create("/orders", r#"{"amount":5000}"#).await?;
        waybill.stop().await?;
    }
    ensure!(!sink.spans()?.is_empty(), "the collector got them");
    Ok(())
}

fn names(trace: &Value) -> Vec<String> {
    let spans = trace["spans"].as_array().cloned().unwrap_or_default();
    spans.iter().filter_map(|span| span["operationName"].as_str().map(str::to_owned)).collect()
}
