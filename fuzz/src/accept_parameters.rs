//! The parameters of media ranges in `Accept`: each line is one header; and the first line is the name of a parameter, the rest its
//! value.

use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use waybill_service::accept::{preferred, ranges_of};

const XML: &str = "application/xml";

pub fn check(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(ACCEPT, value);
        }
    }
    let ranges = ranges_of(&headers, XML);
    let elements = data.iter().filter(|byte| b",\n".contains(byte)).count() + 1;
    assert!(ranges.len() <= elements);
    if !ranges.is_empty() {
        assert_eq!(preferred(&headers, &[XML]), Some(XML), "a range by name with a weight accepts it");
    }
    for range in &ranges {
        let value = range.get("profile");
        assert_eq!(range.get("PROFILE"), value, "names have no case");
        let line = |value: &str| data.split(|byte| *byte == b'\n').any(|line| has(line, value.as_bytes()));
        assert!(value.is_none_or(line), "{value:?} was not given");
    }
    if let Some((_, name, value)) = crate::input::parts(data) {
        round_trip(name, value);
    }
}

/// A parameter is read as it was written, whatever stands beside it.
fn round_trip(name: &str, value: &str) {
    let is_value = value.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte));
    if !is_token(name) || name.eq_ignore_ascii_case("q") || !is_value || value.trim() != value {
        return;
    }
    let quoted = format!("{name}=\"{value}\"");
    let mut written = vec![
        format!("{XML};{quoted};q=0.7"),
        format!("text/html;{quoted};q=0.9, application/XML; {quoted} ; other=\"\\\",;q=0\""),
    ];
    if is_token(value) {
        written.push(format!("{XML};{name}={value}"));
    }
    for accept in written {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(&accept).unwrap())]);
        let ranges = ranges_of(&headers, XML);
        assert_eq!(ranges.len(), 1, "{accept}");
        assert_eq!(ranges[0].get(&name.to_ascii_uppercase()), Some(value), "{accept}");
    }
}

fn has(line: &[u8], part: &[u8]) -> bool {
    part.is_empty() || line.windows(part.len()).any(|found| found == part)
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
