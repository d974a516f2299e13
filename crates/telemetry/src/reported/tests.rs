use std::time::SystemTime;

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, Value};
use opentelemetry_sdk::trace::{BatchConfigBuilder, SpanExporter};
use parking_lot::Mutex;

use super::call::SPANS_OF_CALL;
use super::span::SPAN_BYTES;
use super::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const OUTER: u64 = 0xb7ad_6b71_6920_3331;

#[derive(Clone, Debug, Default)]
struct Exported(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Exported {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().extend(batch);
        Ok(())
    }
}

fn outer(flags: TraceFlags, is_remote: bool) -> Context {
    let trace = TraceId::from_hex(TRACE).unwrap();
    let outer = SpanContext::new(trace, SpanId::from(OUTER), flags, is_remote, TraceState::default());
    Context::new().with_remote_span_context(outer)
}

/// What is exported of a call in which `report` is done.
fn exported(report: impl FnOnce(&mut CallSpans)) -> Vec<SpanData> {
    let exported = Exported::default();
    let batches = BatchConfigBuilder::default().with_max_queue_size(QUEUED_SPANS).build();
    let spans = ReportedSpans::new(BatchSpanProcessor::new(exported.clone(), batches));
    let mut call = spans.of_call(&outer(TraceFlags::SAMPLED, false)).unwrap();
    report(&mut call);
    drop(call);
    spans.shutdown_with_timeout(Duration::from_secs(10)).unwrap();
    std::mem::take(&mut *exported.0.lock())
}

fn end<'a>(trace_id: &'a str, span_id: &'a str, parent_span_id: &'a str) -> ReportedEnd<'a> {
    let now = SystemTime::now();
    let kind = SpanKind::Internal;
    ReportedEnd { trace_id, span_id, parent_span_id, name: span_id, kind, start: now, end: now }
}

fn texts<const N: usize>(attributes: [(&str, &str); N]) -> [(String, String); N] {
    attributes.map(|(key, value)| (key.to_owned(), value.to_owned()))
}

#[test]
fn a_span_joins_the_trace_of_its_call_with_all_that_it_says() {
    let spans = exported(|call| {
        let outer = format!("{OUTER:x}");
        call.start(TRACE, "1");
        // The SDK for WASI leaves out zeros at the beginning, and others write capitals.
        call.start(&TRACE[1..].to_uppercase(), "00000000000000AB");
        let mut inner = call.end(&end(TRACE, "ab", "1")).unwrap();
        inner.set_attributes(texts([("text", "\"a\""), ("list", "[\"a\",\"b\"]"), ("odd", "{\"a\":1}")]));
        inner.set_attributes(texts([("count", "7"), ("share", "0.5"), ("none", "[]"), ("bad", "a\"")]));
        inner.add_event("found", SystemTime::now(), texts([("rows", "[1,2]")]));
        inner.add_link(&TRACE.replace('0', "1"), "2", texts([("why", "true")]));
        inner.set_error("no such note");
        inner.set_scope("notes", Some("1.0"), None, texts([("kind", "\"example\"")]));
        inner.count_dropped(3, 0, 0);
        inner.report();
        call.end(&end(TRACE, "1", &outer)).unwrap().report();
    });
    let [inner, first] = &*spans else { panic!("{spans:#?}") };
    assert_eq!(first.parent_span_id, SpanId::from(OUTER));
    assert_eq!((inner.parent_span_id, inner.span_context.span_id()), (SpanId::from(1), SpanId::from(0xab)));
    assert!(inner.span_context.trace_id().to_string() == TRACE && inner.span_context.is_sampled());
    let values: Vec<_> = inner.attributes.iter().map(|it| (it.key.as_str(), it.value.clone())).collect();
    let list = |list: &[&str]| {
        Value::Array(Array::String(list.iter().map(|text| (*text).to_owned().into()).collect()))
    };
    let expected = [
        ("text", "a".into()),
        ("list", list(&["a", "b"])),
        ("odd", "{\"a\":1}".into()),
        ("count", 7.into()),
        ("share", 0.5.into()),
        ("none", list(&[])),
        ("bad", "a\"".into()),
    ];
    assert_eq!(values, expected);
    assert_eq!(inner.dropped_attributes_count, 3);
    let event = &inner.events[0];
    assert!(event.name == "found" && event.attributes[0].value == Value::Array(Array::I64(vec![1, 2])));
    assert_eq!(inner.links[0].span_context.span_id(), SpanId::from(2));
    assert_eq!(inner.status, Status::error("no such note"));
    let scope = &inner.instrumentation_scope;
    assert!(scope.name() == "notes" && scope.version() == Some("1.0") && scope.attributes().count() == 1);
}

#[test]
fn a_component_writes_into_no_other_trace_and_nothing_without_identity() {
    let other = TRACE.replace('0', "1");
    let spans = exported(|call| {
        for trace in [TRACE, &other] {
            call.start(trace, "1");
        }
        let refused = |call: &mut CallSpans, trace: &str, span: &str| call.end(&end(trace, span, "")).err();
        assert_eq!(refused(call, &other, "1"), Some(Refusal::OtherTrace));
        let zeros = "0".repeat(32);
        let long = format!("0{TRACE}");
        for trace in ["", "+1", "0af7651916cd43dd8448eb211c80319g", &zeros, &long, "ä"] {
            assert_eq!(refused(call, trace, "1"), Some(Refusal::Malformed), "{trace}");
        }
        for span in ["", "0", "x", "00000000000000001", "-1"] {
            assert_eq!(refused(call, TRACE, span), Some(Refusal::Malformed), "{span}");
        }
        // The host's own span, one that did not start, and one that has ended.
        call.start(TRACE, &format!("{OUTER:x}"));
        assert_eq!(refused(call, TRACE, &format!("{OUTER:x}")), Some(Refusal::NotStarted));
        assert_eq!(refused(call, TRACE, "2"), Some(Refusal::NotStarted));
        call.end(&end(TRACE, "1", "")).unwrap().report();
        assert_eq!(refused(call, TRACE, "1"), Some(Refusal::NotStarted));
    });
    assert_eq!(spans.len(), 1, "{spans:#?}");
}

#[test]
fn a_span_whose_parent_is_unknown_stands_within_the_hosts() {
    let spans = exported(|call| {
        for (id, parent) in [("1", "2"), ("3", "3"), ("4", "not hexadecimal"), ("5", "0")] {
            call.start(TRACE, id);
            call.end(&end(TRACE, id, parent)).unwrap().report();
        }
    });
    assert!(spans.len() == 4 && spans.iter().all(|span| span.parent_span_id == SpanId::from(OUTER)));
}

#[test]
fn of_too_many_spans_those_are_kept_that_started_first() {
    let spans = exported(|call| {
        let ids: Vec<String> = (1..=1_000).map(|id| format!("{id:x}")).collect();
        for id in &ids {
            call.start(TRACE, id);
        }
        let refused = ids.iter().rev().filter_map(|id| match call.end(&end(TRACE, id, "1")) {
            Ok(span) => {
                span.report();
                None
            }
            Err(refusal) => Some(refusal),
        });
        let refused: Vec<_> = refused.collect();
        assert!(refused.len() == 900 && refused.iter().all(|refusal| *refusal == Refusal::TooMany));
    });
    assert_eq!(spans.len(), SPANS_OF_CALL);
    // Each has its parent.
    assert!(spans.iter().any(|span| span.span_context.span_id() == SpanId::from(1)));
}

#[test]
fn what_one_span_may_say_is_bounded() {
    let long = "x".repeat(100_000);
    let span = |fill: &dyn Fn(&mut ReportedSpan)| {
        let spans = exported(|call| {
            call.start(TRACE, "1");
            let mut span = call.end(&ReportedEnd { name: &long, ..end(TRACE, "1", "") }).unwrap();
            fill(&mut span);
            span.set_error(&long);
            span.report();
        });
        let span = spans.into_iter().next().unwrap();
        let Status::Error { description } = &span.status else { panic!("{:?}", span.status) };
        assert!(span.name.len() <= 2048 && description.len() <= 2048);
        span
    };
    let many = |count: usize| (0..count).map(|number| (format!("key{number}"), "1".to_owned()));
    let few = span(&|span| span.set_attributes(many(20)));
    assert_eq!((few.attributes.len(), few.dropped_attributes_count), (20, 0));
    let flood = span(&|span| {
        span.set_attributes(many(100_000));
        span.add_event("late", SystemTime::now(), []);
        span.add_link(TRACE, "1", []);
    });
    let kept = flood.attributes.len();
    assert!(kept > 50 && kept <= SPAN_BYTES / 64, "{kept}");
    assert_eq!(flood.dropped_attributes_count as usize, 100_000 - kept);
    assert_eq!((flood.events.dropped_count, flood.links.dropped_count), (1, 1));
    let large = span(&|span| {
        let attributes = [(long.clone(), "1".to_owned()), (String::new(), "1".to_owned())];
        span.set_attributes(attributes);
        span.set_attributes((0..10).map(|number| (format!("key{number}"), format!("\"{long}\""))));
        span.set_scope(&long, Some(&long), Some(&long), []);
    });
    let bytes: usize = large.attributes.iter().map(|it| it.value.as_str().len()).sum();
    assert!(bytes <= SPAN_BYTES && large.attributes.len() == 3, "{bytes}");
    assert_eq!(large.dropped_attributes_count, 9);
    assert!(large.instrumentation_scope.name().len() <= 256);
    let events = span(&|span| {
        for _ in 0..10_000 {
            span.add_event("event", SystemTime::now(), many(100));
        }
        span.add_link("not hexadecimal", "1", []);
    });
    let attributes: usize = events.events.iter().map(|event| event.attributes.len()).sum();
    assert!((events.events.len() + attributes) * 64 <= SPAN_BYTES);
    let lists = span(&|span| {
        let list = format!("[{}]", vec!["\"\""; 600].join(","));
        let depth = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
        span.set_attributes([("list".to_owned(), list), ("depth".to_owned(), depth)]);
    });
    assert!(lists.attributes.iter().all(|it| matches!(it.value, Value::String(_))), "{lists:#?}");
}

#[test]
fn times_are_within_the_call() {
    let before = SystemTime::now();
    let spans = exported(|call| {
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
        call.start(TRACE, "1");
        let times = |start, end_at| ReportedEnd { start, end: end_at, ..end(TRACE, "1", "") };
        let mut span = call.end(&times(SystemTime::UNIX_EPOCH, far)).unwrap();
        span.add_event("early", SystemTime::UNIX_EPOCH, []);
        span.report();
        call.start(TRACE, "2");
        call.end(&ReportedEnd { start: far, end: SystemTime::UNIX_EPOCH, ..end(TRACE, "2", "") })
            .unwrap()
            .report();
    });
    let after = SystemTime::now();
    for span in &spans {
        assert!(before <= span.start_time && span.start_time <= span.end_time && span.end_time <= after);
        assert!(span.events.iter().all(|event| event.timestamp >= span.start_time));
    }
}

#[test]
fn what_a_component_does_not_end_is_the_parent_of_what_is_inside_of_it() {
    let spans = exported(|call| {
        assert!(call.innermost().is_none());
        for id in ["1", "2"] {
            call.start(TRACE, id);
        }
        let innermost =
            |call: &CallSpans| call.innermost().map(|context| context.span().span_context().span_id());
        assert_eq!(innermost(call), Some(SpanId::from(2)));
        call.end(&end(TRACE, "2", "1")).unwrap().report();
        assert_eq!(innermost(call), Some(SpanId::from(1)));
        // It traps here.
    });
    let [inner, outer] = &*spans else { panic!("{spans:#?}") };
    assert_eq!((inner.parent_span_id, outer.span_context.span_id()), (SpanId::from(1), SpanId::from(1)));
    assert_eq!((&*outer.name, outer.parent_span_id), ("unfinished span", SpanId::from(OUTER)));
    assert!(matches!(outer.status, Status::Error { .. }));
}

#[test]
fn nothing_is_taken_where_the_hosts_span_is_not_recorded() {
    let spans = ReportedSpans::new(BatchSpanProcessor::new(
        Exported::default(),
        BatchConfigBuilder::default().build(),
    ));
    for outer in [outer(TraceFlags::default(), false), outer(TraceFlags::SAMPLED, true), Context::new()] {
        assert!(spans.of_call(&outer).is_none());
    }
}
