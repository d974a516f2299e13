//! The attributes of a `CloudEvent` in headers, and the answer of a receiver to one. Each line is one attribute's value.

use http::{HeaderMap, HeaderValue};
use invoices::fuzzing::CloudEvent;
use waybill_transports::fuzzing::reason;

const NAMES: [&str; 4] = ["ce-type", "ce-id", "ce-source", "ce-specversion"];

/// The most of an answer that is shown, in characters (`crates/transports/src/cloud_event.rs`).
const REASON_CHARS: usize = 500;

pub fn check(data: &[u8]) {
    any_headers(data);
    if let Ok(text) = std::str::from_utf8(data) {
        round_trip(text);
    }
    let shown = reason(data);
    assert!(shown.chars().count() <= REASON_CHARS);
    if let Ok(problem) = serde_json::from_slice::<serde_json::Value>(data)
        && let Some(detail) = problem.get("detail").and_then(serde_json::Value::as_str)
    {
        assert!(detail.starts_with(&shown));
    }
}

fn any_headers(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for (at, line) in data.split(|byte| *byte == b'\n').enumerate() {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(NAMES[at % NAMES.len()], value);
        }
    }
    match CloudEvent::read(&headers) {
        Ok(event) => {
            assert!(!event.r#type.is_empty());
            assert!(NAMES.iter().all(|name| headers.get_all(*name).iter().count() == 1));
        }
        Err(problem) => {
            assert_eq!(problem.status(), 400);
            assert!((1..=NAMES.len()).contains(&problem.errors().len()));
            assert!(problem.errors().iter().all(|error| NAMES.contains(&error.field.as_ref())));
        }
    }
}

/// An attribute is read as it was written, percent-encoded (HTTP protocol binding, section 3.1.3.2), in quotation marks or not.
fn round_trip(text: &str) {
    let encoded = crate::input::encoded(text);
    for value in [encoded.clone(), format!("\"{encoded}\"")] {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("ce-type", value.as_str()), ("ce-id", "1"), ("ce-source", "/s"), ("ce-specversion", "1.0")]
        {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let read = CloudEvent::read(&headers).map(|event| event.r#type);
        match read {
            Ok(read) => assert_eq!(read, text),
            Err(problem) => assert!(text.is_empty(), "{problem:?}"),
        }
    }
}
