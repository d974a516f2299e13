//! The spans that a component of one's own reports by `wasi:otel`, in the trace of its request.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use hyper::Method;
use serde_json::Value;
use waybill_tests::{
    OtherHost as _, OtlpSink, Postgres, SinkSpan, Wash, Waybill, WaybillConfig, component_bytes,
    component_path, eventually,
};

use crate::TestEnv;
use crate::metrics::scrape;
use crate::traces::{CALLER, TRACE};

const LIMIT: Duration = Duration::from_secs(30);

/// The name of the host's span around a request for notes, whose path is none of the services'.
const REQUEST: &str = "POST {unknown}";

/// The most spans of a component in one request, as `docs/limits.md` has it.
const SPANS_OF_REQUEST: usize = 100;

#[tokio::test]
async fn a_components_spans_join_the_kept_trace_of_its_request() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&serving(&env, "notes.traced").admin()).await?;
    add(&waybill, TRACE, "01", "buy ink\nbuy paper").await?.context("the notes were not added")?;
    let spans = kept(&waybill, TRACE, &[REQUEST, "add notes"]).await?;
    tree(&spans, 2)?;
    let tag = |span: &Span, key: &str| span.tags.iter().any(|(known, value)| known == key && value == "2");
    ensure!(named(&spans, "add notes").all(|span| tag(span, "notes.count")), "{spans:#?}");
    ensure!(spans.iter().all(|span| span.service == "orders" && span.error.is_none()), "{spans:#?}");

    // PostgreSQL takes no such character: the statement and the component's spans around it have failed.
    let other = TRACE.replace('0', "1");
    ensure!(add(&waybill, &other, "01", "buy\0ink").await?.is_none(), "the note was added");
    let spans = kept(&waybill, &other, &[REQUEST, "add notes"]).await?;
    let failed = named(&spans, "add notes").next().context("no span")?;
    ensure!(failed.error.as_deref() == Some("a statement failed"), "{spans:#?}");
    let refused = scrape(&waybill.address("admin")?).await?;
    ensure!(refused_spans(&refused) == Some(0.0), "{refused:#?}");
    Ok(())
}

#[tokio::test]
async fn a_components_spans_are_exported_where_the_trace_is_sampled() -> Result<()> {
    let (env, sink) = (TestEnv::local()?, OtlpSink::start().await?);
    let config = serving(&env, "notes.traced").variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint());
    let waybill = Waybill::start(&config).await?;
    let unsampled = TRACE.replace('0', "1");
    add(&waybill, &unsampled, "00", "buy ink").await?.context("the note was not added")?;
    add(&waybill, TRACE, "01", "buy ink").await?.context("the note was not added")?;
    ensure!(waybill.orders.get("/notes").await?.text() == "buy ink\nbuy ink");
    // What is still held back is sent when it ends.
    waybill.stop().await?;
    let spans: Vec<Span> = sink.trace(TRACE)?.into_iter().map(Span::of_sink).collect();
    tree(&spans, 1)?;
    ensure!(sink.trace(&unsampled)?.is_empty(), "{:#?}", sink.spans());
    // The list was asked for in another trace, by the same instance.
    let all = sink.spans()?;
    let list = all.iter().find(|span| span.name == "list notes").context("no list")?;
    let request = all.iter().find(|span| span.id == list.parent).context("no request")?;
    ensure!(request.trace == list.trace && list.trace != TRACE, "{all:#?}");
    ensure!(list.attributes.get("notes.count").is_some_and(|count| count == "2"), "{list:#?}");
    Ok(())
}

#[tokio::test]
async fn of_a_flood_of_spans_the_first_are_kept_and_the_request_is_served() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&serving(&env, "notes.traced").admin()).await?;
    let notes = 150;
    let ids = add(&waybill, TRACE, "01", &"x\n".repeat(notes)).await?.context("the notes were not added")?;
    ensure!(ids.lines().count() == notes, "{ids}");
    let spans = kept(&waybill, TRACE, &[REQUEST, "add notes"]).await?;
    let own = named(&spans, "add notes").count() + named(&spans, "add note").count();
    ensure!(own == SPANS_OF_REQUEST, "{own} spans of the component");
    // All statements were run, and each span has its parent.
    tree(&spans, SPANS_OF_REQUEST - 1)?;
    ensure!(spans.iter().filter(|span| span.name == "INSERT notes").count() == notes);
    let metrics = scrape(&waybill.address("admin")?).await?;
    ensure!(refused_spans(&metrics) == Some(51.0), "{metrics:#?}");
    let log = waybill.log();
    ensure!(log.contains("a span that the component reported was left out: a call may report 100"), "{log}");
    Ok(())
}

#[tokio::test]
async fn a_component_without_the_import_has_the_hosts_spans_only() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&serving(&env, "notes")).await?;
    add(&waybill, TRACE, "01", "buy ink").await?.context("the note was not added")?;
    let spans = kept(&waybill, TRACE, &[REQUEST]).await?;
    let request = named(&spans, REQUEST).next().context("no request")?;
    let statements: Vec<_> = named(&spans, "INSERT notes").collect();
    ensure!(statements.len() == 1 && statements[0].parent == request.id, "{spans:#?}");
    ensure!(named(&spans, "add notes").next().is_none(), "{spans:#?}");
    Ok(())
}

#[tokio::test]
async fn what_the_host_does_not_have_of_the_interface_is_named_at_the_start() -> Result<()> {
    let env = TestEnv::local()?;
    let (has, wants) = (b"wasi:otel/tracing@", b"wasi:otel/metrics@");
    let mut bytes = component_bytes("notes.traced");
    while let Some(at) = bytes.windows(has.len()).position(|part| part == has) {
        bytes[at..at + has.len()].copy_from_slice(wants);
    }
    let file = env.folder.path().join("metrics.wasm");
    fs::write(&file, bytes)?;
    let config = env.config().argument("--component").argument(format!("orders={}", file.display()));
    let ended = Waybill::run(&config).await?;
    ensure!(!ended.status.success(), "it started");
    ensure!(ended.stderr.contains("wasi:otel/metrics@0.2.0-rc.2"), "{}", ended.stderr);
    Ok(())
}

#[tokio::test]
async fn the_same_bytes_report_their_spans_on_wasmcloud_2() -> Result<()> {
    let (sink, postgres) = (OtlpSink::start().await?, Postgres::start_migrated().await?);
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc".to_owned()),
        ("OTEL_BSP_SCHEDULE_DELAY", "200".to_owned()),
    ];
    let Some(wash) = Wash::start_with_traced_notes(&postgres, &environment).await? else { return Ok(()) };
    let headers = [("traceparent", &*format!("00-{TRACE}-{CALLER}-01"))];
    wash.orders().send(Method::POST, "/notes", &headers, "buy ink").await?.expect(201)?;
    eventually("the component's spans within the host's", LIMIT, async || {
        let spans = sink.trace(TRACE)?;
        let of = |name: &str| spans.iter().find(|span| span.name == name);
        let (Some(notes), Some(note)) = (of("add notes"), of("add note")) else { return Ok(None) };
        ensure!(note.parent == notes.id && notes.service == "wasi-otel", "{spans:#?}");
        Ok(spans.iter().any(|host| host.id == notes.parent && host.service != notes.service).then_some(()))
    })
    .await
}

fn serving(env: &TestEnv, component: &str) -> WaybillConfig {
    env.config().argument("--component").argument(format!("orders={}", component_path(component).display()))
}

/// Adds notes in a request that is part of a trace, and returns what was answered, if they were added.
async fn add(waybill: &Waybill, trace: &str, flags: &str, notes: &str) -> Result<Option<String>> {
    let traceparent = format!("00-{trace}-{CALLER}-{flags}");
    let headers = [("traceparent", &*traceparent)];
    let answer = waybill.orders.send(Method::POST, "/notes", &headers, notes.to_owned()).await?;
    Ok((answer.status == 201).then(|| answer.text()))
}

/// One tree: the request's span within the caller's, the component's within it, and each statement within the component's span that
/// ran it.
fn tree(spans: &[Span], notes: usize) -> Result<()> {
    let (requests, adds): (Vec<_>, Vec<_>) =
        (named(spans, REQUEST).collect(), named(spans, "add notes").collect());
    let ([request], [add]) = (&*requests, &*adds) else { bail!("not one request: {spans:#?}") };
    ensure!(request.parent == CALLER && add.parent == request.id, "{spans:#?}");
    let each: Vec<_> = named(spans, "add note").collect();
    ensure!(each.len() == notes && each.iter().all(|span| span.parent == add.id), "{spans:#?}");
    let within = |span: &Span| each.iter().any(|own| own.id == span.parent) || span.parent == add.id;
    ensure!(named(spans, "INSERT notes").all(within), "{spans:#?}");
    let statements_of = |own: &Span| named(spans, "INSERT notes").filter(|it| it.parent == own.id).count();
    ensure!(each.iter().all(|own| statements_of(own) == 1), "{spans:#?}");
    Ok(())
}

#[derive(Debug)]
struct Span {
    name: String,
    id: String,
    parent: String,
    service: String,
    error: Option<String>,
    tags: Vec<(String, String)>,
}

impl Span {
    fn of_sink(span: SinkSpan) -> Self {
        let SinkSpan { name, id, parent, service, failed, attributes, .. } = span;
        let error = failed.then(|| "failed".to_owned());
        Self { name, id, parent, service, error, tags: attributes.into_iter().collect() }
    }

    fn of_kept(span: &Value, processes: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tags = span["tags"].as_array().into_iter().flatten();
        let tags: Vec<_> = tags.map(|tag| (text(&tag["key"]), text(&tag["value"]))).collect();
        let error = tags.iter().find(|(key, _)| key == "otel.status_description");
        Self {
            name: text(&span["operationName"]),
            id: text(&span["spanID"]),
            parent: text(&span["references"][0]["spanID"]),
            service: text(&processes[text(&span["processID"])]["serviceName"]),
            error: error.map(|(_, value)| value.clone()),
            tags,
        }
    }
}

fn named<'a>(spans: &'a [Span], name: &'a str) -> impl Iterator<Item = &'a Span> {
    spans.iter().filter(move |span| span.name == name)
}

/// The spans of a kept trace once these are among them, which end last of the host's and of the component's.
async fn kept(waybill: &Waybill, trace: &str, last: &[&str]) -> Result<Vec<Span>> {
    let traces = waybill.address("traces")?;
    eventually("the trace", LIMIT, async || {
        let answer = traces.get(&format!("/api/traces/{trace}")).await?;
        if answer.status != 200 {
            return Ok(None);
        }
        let kept = &answer.json()?["data"][0];
        let spans = kept["spans"].as_array().context("no spans")?;
        let spans: Vec<_> = spans.iter().map(|span| Span::of_kept(span, &kept["processes"])).collect();
        let is_complete = last.iter().all(|name| named(&spans, name).next().is_some());
        Ok(is_complete.then_some(spans))
    })
    .await
}

fn refused_spans(metrics: &BTreeMap<String, f64>) -> Option<f64> {
    metrics.get("waybill_instances_refused_spans_total{component=\"orders\"}").copied()
}
