//! API keys, and the headers that present one. Each line is one header's value.
//!
//! The host brings a WebAssembly runtime, so these two files of it are built here by themselves.

#[allow(dead_code, reason = "the host uses all of it")]
#[path = "../../host/src/access/key.rs"]
mod key;
#[allow(dead_code, reason = "the host uses all of it")]
#[path = "../../host/src/access/presented.rs"]
mod presented;

use http::{HeaderMap, HeaderName, HeaderValue};
use waybill_contracts::CALLER_HEADER;

use self::key::{ApiKey, KeyId};
use self::presented::{Presented, name_caller, presented, strip_keys};

const HEADERS: [&str; 4] = ["authorization", "x-api-key", "apikey", CALLER_HEADER];

pub fn check(data: &[u8]) {
    for text in data.split(|byte| *byte == b'\n') {
        check_key(text);
    }
    check_headers(data);
}

fn check_key(text: &[u8]) {
    let id = std::str::from_utf8(text).ok().and_then(KeyId::of);
    let Some(key) = ApiKey::read(text) else { return };
    // A key has one spelling but for the case of its secret, which is hexadecimal.
    assert_eq!(key.expose().as_bytes(), text.to_ascii_lowercase());
    let again = ApiKey::read(key.expose().as_bytes()).unwrap();
    assert_eq!((again.id(), again.hash()), (key.id(), key.hash()));
    assert!(key.has(&again.hash()));
    assert_eq!(id.as_ref(), Some(key.id()));
    let secret = &key.expose()[17..];
    assert!(!format!("{key:?} {}", key.id()).contains(secret));
}

fn check_headers(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for (at, line) in data.split(|byte| *byte == b'\n').enumerate() {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(HeaderName::from_static(HEADERS[at % HEADERS.len()]), value);
        }
    }
    let another = {
        let mut headers = headers.clone();
        headers.append("apikey", HeaderValue::from_static("another"));
        headers
    };
    match presented(&headers) {
        Presented::None => {
            assert!(!headers.contains_key("x-api-key") && !headers.contains_key("apikey"));
            assert_eq!(presented(&another), Presented::One(b"another"));
        }
        Presented::One(key) => {
            assert_eq!(key, key.trim_ascii());
            let mut twice = headers.clone();
            twice.append("x-api-key", HeaderValue::from_bytes(key).unwrap());
            assert_eq!(presented(&twice), Presented::One(key));
            assert_eq!(presented(&another) == Presented::Several, key != b"another");
        }
        Presented::Several => assert_eq!(presented(&another), Presented::Several),
    }
    let caller = std::str::from_utf8(data).ok().and_then(KeyId::of);
    name_caller(&mut headers, caller.as_ref());
    let named: Vec<_> = headers.get_all(CALLER_HEADER).iter().collect();
    assert_eq!(named, caller.iter().map(KeyId::as_str).collect::<Vec<_>>());
    strip_keys(&mut headers, "/orders");
    assert!(headers.keys().all(|name| name == CALLER_HEADER));
}
