//! One trace from a caller's request to the invoice.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use hyper::Method;
use uuid::Uuid;
use waybill_tests::{SinkSpan, eventually};

use crate::system::LIMIT;
use crate::{System, Traces, Verdict};

const CALLER: &str = "b7ad6b7169203331";

pub async fn an_order_is_one_trace_to_its_invoice(system: &System) -> Result<Verdict> {
    let Some(traces) = &system.traces else {
        return Ok(Verdict::NotChecked("its traces are not collected here"));
    };
    // As a gateway sends it, which has begun the trace.
    let trace = Uuid::now_v7().simple().to_string();
    let traceparent = format!("00-{trace}-{CALLER}-01");
    let headers = [
        ("content-type", "application/json"),
        ("traceparent", traceparent.as_str()),
        ("tracestate", "shop=1"),
    ];
    let answer = system.orders.send(Method::POST, "/orders", &headers, r#"{"amount":5000}"#).await?;
    answer.expect(201)?;
    eventually("the whole trace", LIMIT, async || {
        let spans = traces.sink.trace(&trace)?;
        whole(traces, &spans).with_context(|| format!("{spans:#?}")).map(Some)
    })
    .await?;
    Ok(Verdict::Kept)
}

/// The order's and the invoice's writing are there, and every span goes back to the caller's, step by step.
fn whole(traces: &Traces, spans: &[SinkSpan]) -> Result<()> {
    ensure!(spans.iter().any(traces.is_order), "no span of the order");
    ensure!(spans.iter().any(traces.is_invoice), "no span of the invoice");
    let by_id: BTreeMap<_, _> = spans.iter().map(|span| (span.id.as_str(), span)).collect();
    for span in spans {
        let mut ancestor = span;
        let mut seen = BTreeSet::new();
        while ancestor.parent != CALLER {
            ensure!(seen.insert(&ancestor.id), "a ring of spans at {}", ancestor.name);
            ancestor = by_id
                .get(ancestor.parent.as_str())
                .with_context(|| format!("the parent of {} is not there", ancestor.name))?;
        }
    }
    Ok(())
}
