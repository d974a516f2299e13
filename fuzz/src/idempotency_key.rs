//! The headers `Idempotency-Key` and `waybill-caller`, in turn on each line; and the key, the path and the body of a request.

use http::{HeaderMap, HeaderName, HeaderValue};
use waybill_contracts::CALLER_HEADER;
use waybill_service::idempotency::{Idempotency, caller};

const NAMES: [HeaderName; 2] =
    [HeaderName::from_static("idempotency-key"), HeaderName::from_static(CALLER_HEADER)];

/// The most characters of a key, and of a caller (`components/service/src/idempotency.rs`).
const MAX_CHARS: [usize; 2] = [255, 64];

pub fn check(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for (at, line) in data.split(|byte| *byte == b'\n').enumerate() {
        if let Some(value) = HeaderValue::from_bytes(line).ok().filter(|value| !value.is_empty()) {
            headers.append(&NAMES[at % NAMES.len()], value);
        }
    }
    let [keys, callers] = NAMES.map(|name| headers.get_all(name).iter().count());
    let read = Idempotency::read(&headers, "/orders", data);
    match &read {
        Ok(read) => {
            let parameters = read.parameters("{}");
            assert_eq!(parameters.key.is_some(), keys == 1, "a key that is sent counts");
            assert!(keys <= 1 && (keys == 0 || callers <= 1));
            let given = [parameters.key, parameters.caller.filter(|caller| !caller.is_empty())];
            for (text, most) in given.into_iter().zip(MAX_CHARS) {
                let is_text = |text: &str| {
                    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
                };
                assert!(text.is_none_or(is_text), "{text:?}");
            }
            assert_eq!(parameters.key.is_some(), parameters.answer.is_some());
        }
        Err(problem) => {
            assert_eq!(problem.status(), 400);
            assert!(keys > 0 && problem.errors().len() == 1, "{problem:?}");
        }
    }
    if callers == 0 {
        assert_eq!(caller(&headers).unwrap(), None);
    }
    if let Some((_, key, rest)) = crate::input::parts(data) {
        same_request(key, rest);
    }
}

/// A key is the same with and without quotation marks, and belongs to one path and body.
fn same_request(key: &str, rest: &str) {
    let read = |key: String, path: &str, body: &str| {
        let key = HeaderValue::from_str(&key).ok()?;
        let headers = HeaderMap::from_iter([(NAMES[0].clone(), key)]);
        let read = Idempotency::read(&headers, path, body.as_bytes()).ok()?;
        let parameters = read.parameters("");
        Some((parameters.key?.to_owned(), parameters.request_sha256?.to_owned()))
    };
    let bare = read(key.to_owned(), "/orders", rest);
    if !key.contains('"') && key.trim() == key {
        assert_eq!(read(format!("\"{key}\""), "/orders", rest), bare);
    }
    let Some((found, sha256)) = bare else { return };
    assert!(key.contains(&found) && sha256.len() == 64);
    for (path, body) in [("/customers", rest), ("/orders", &format!("{rest} ")), ("/orders/", rest)] {
        assert_ne!(read(key.to_owned(), path, body).unwrap().1, sha256, "{path} {body:?}");
    }
}
