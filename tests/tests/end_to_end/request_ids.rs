//! The identifier by which a gateway and its caller know a request, and a gateway that samples no trace.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{OtlpSink, SinkSpan, Waybill, eventually};

use crate::TestEnv;
use crate::access_keys::ORDER;
use crate::traces::{CALLER, TRACE, is_invoice_insert};

const LIMIT: Duration = Duration::from_secs(30);

const JSON: (&str, &str) = ("content-type", "application/json");

/// The attribute, by OpenTelemetry's name for headers of requests.
const ATTRIBUTE: &str = "http.request.header.x-request-id";

fn id_of(span: &SinkSpan) -> Option<&str> {
    span.attributes.get(ATTRIBUTE).map(String::as_str)
}

/// A process whose spans come to the sink soon, and whose log has each request.
async fn traced(env: &TestEnv) -> Result<(OtlpSink, Waybill)> {
    let sink = OtlpSink::start().await?;
    let config = env
        .config()
        .variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint())
        .variable("OTEL_BSP_SCHEDULE_DELAY", "100")
        .argument("--log")
        .argument("info,waybill::http=debug");
    let waybill = Waybill::start(&config).await?;
    Ok((sink, waybill))
}

#[tokio::test]
async fn a_request_is_found_by_its_identifier_in_spans_and_log_of_every_listener() -> Result<()> {
    let env = TestEnv::local()?;
    let (sink, waybill) = traced(&env).await?;
    for (listener, method, path, service) in [
        ("orders", Method::POST, "/orders", "orders"),
        ("invoices", Method::GET, "/invoices", "invoices"),
        ("gateway", Method::POST, "/orders", "orders"),
        ("gateway", Method::GET, "/invoices", "invoices"),
    ] {
        let id = format!("{listener}-{service}-0af7651916cd43dd");
        let headers = [JSON, ("x-request-id", &id)];
        let body = if method == Method::POST { ORDER } else { "" };
        waybill.address(listener)?.send(method.clone(), path, &headers, body).await?;
        let span = eventually(&format!("{id} in a span"), LIMIT, async || {
            Ok(sink.spans()?.into_iter().find(|span| id_of(span) == Some(&id)))
        })
        .await?;
        ensure!(span.service == service && span.name == format!("{method} {path}"), "{span:?}");
        eventually(&format!("{id} in the log"), LIMIT, async || {
            let log = waybill.log();
            Ok(log.lines().any(|line| line.contains(&id) && line.contains(path)).then_some(()))
        })
        .await?;
    }
    // The gateway makes one where there is none, and its caller gets the same that the span has.
    let answer = waybill.gateway.get("/orders").await?;
    let made = answer.header("x-request-id").context("no identifier")?.to_owned();
    eventually("the identifier that was made", LIMIT, async || {
        Ok(sink.spans()?.iter().any(|span| id_of(span) == Some(&made)).then_some(()))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn an_identifier_that_is_too_long_or_not_printable_is_not_recorded() -> Result<()> {
    let env = TestEnv::local()?;
    let (sink, waybill) = traced(&env).await?;
    let long = "mark".repeat(33);
    for id in [long.as_str(), "mark mark", "mark\u{e9}", ""] {
        waybill.orders.send(Method::GET, "/orders", &[("x-request-id", id)], "").await?.expect(200)?;
    }
    let last = "m".repeat(128);
    waybill.orders.send(Method::GET, "/orders", &[("x-request-id", &last)], "").await?.expect(200)?;
    eventually("the one that is recorded", LIMIT, async || {
        Ok(sink.spans()?.iter().any(|span| id_of(span) == Some(&last)).then_some(()))
    })
    .await?;
    let found: Vec<_> = sink.spans()?.iter().filter_map(|span| id_of(span).map(str::to_owned)).collect();
    ensure!(found == [last], "{found:?}");
    ensure!(!waybill.log().contains("mark"), "{}", waybill.log());
    Ok(())
}

/// What a Kong makes of each `traceparent` that has the plugin but no instrumentation.
#[tokio::test]
async fn spans_arrive_behind_a_gateway_that_samples_nothing() -> Result<()> {
    let traceparent = format!("00-{TRACE}-{CALLER}-00");
    let headers = [JSON, ("traceparent", traceparent.as_str())];
    for sampler in [None, Some("always_on")] {
        let sink = OtlpSink::start().await?;
        let env = TestEnv::local()?;
        let mut config = env.config().variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint());
        config = config.variable("OTEL_BSP_SCHEDULE_DELAY", "100");
        if let Some(sampler) = sampler {
            config = config.variable("OTEL_TRACES_SAMPLER", sampler);
        }
        let waybill = Waybill::start(&config).await?;
        let order = waybill.gateway.send(Method::POST, "/orders", &headers, ORDER).await?;
        order.expect(201)?;
        let order = order.json()?["id"].as_str().context("an order")?.to_owned();
        waybill.invoices.invoice_of(&order).await?;
        // What is still held back is sent when it ends.
        waybill.stop().await?;
        let spans = sink.trace(TRACE)?;
        if sampler.is_some() {
            ensure!(spans.iter().any(|span| span.parent == CALLER && span.service == "orders"), "{spans:?}");
            ensure!(spans.iter().any(is_invoice_insert), "the invoice is not in the trace: {spans:?}");
        } else {
            // By default the gateway decides.
            ensure!(spans.is_empty(), "{spans:?}");
        }
    }
    Ok(())
}
