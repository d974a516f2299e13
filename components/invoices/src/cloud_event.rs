//! The attributes of a `CloudEvent` 1.0 that came over HTTP in binary mode: one header for each, the data in the body.

use std::borrow::Cow;

use http::HeaderMap;
use percent_encoding::percent_decode;
use waybill_service::fields::Rule;
use waybill_service::{FieldError, Problem};

/// What we need to know of an event besides its data.
#[derive(Debug, PartialEq, Eq)]
pub struct CloudEvent {
    /// What happened, such as `order.created`.
    pub r#type: String,
}

impl CloudEvent {
    /// Reads the attributes that every event has; 400 where one is missing or malformed.
    ///
    /// Identifier and source are not used, for an order is known by its own identifier however often and from wherever its
    /// event comes. They are asked for because a request without them is not an event, but a mistake.
    pub fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let version = read("ce-specversion", headers, &mut errors);
        if version.is_some_and(|version| version != "1.0") {
            errors.push(FieldError { field: "ce-specversion".into(), rule: "must be 1.0".into() });
        }
        let event_type = read("ce-type", headers, &mut errors);
        read("ce-id", headers, &mut errors);
        read("ce-source", headers, &mut errors);
        match event_type {
            Some(event_type) if errors.is_empty() => Ok(Self { r#type: event_type }),
            _ => Err(Problem::malformed_headers(errors)),
        }
    }
}

/// The value of an attribute, or a note of what is wrong with it.
fn read(name: &'static str, headers: &HeaderMap, errors: &mut Vec<FieldError>) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let checked = match (values.next(), values.next()) {
        (Some(value), None) => decode(value.as_bytes()),
        (Some(_), Some(_)) => Err("must not be repeated"),
        (None, _) => Err("is required"),
    };
    checked.map_err(|rule| errors.push(FieldError { field: name.into(), rule: rule.into() })).ok()
}

/// The text of a header: without quotation marks, and with one round of percent-decoding (HTTP protocol binding, section
/// 3.1.3.2).
fn decode(value: &[u8]) -> Result<String, Rule> {
    let decoded = percent_decode(&unquote(value)).decode_utf8().map(Cow::into_owned);
    match decoded {
        Ok(text) if text.is_empty() => Err("must not be empty"),
        Ok(text) => Ok(text),
        Err(_) => Err("must be percent-encoded UTF-8"),
    }
}

/// Takes a quoted string (RFC 9110, section 5.6.4) out of its quotation marks; anything else stays as it is.
fn unquote(value: &[u8]) -> Cow<'_, [u8]> {
    let [b'"', quoted @ .., b'"'] = value else { return value.into() };
    let mut text = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => text.extend(bytes.next()),
            other => text.push(*other),
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    const COMPLETE: [(&str, &str); 4] =
        [("ce-specversion", "1.0"), ("ce-type", "order.created"), ("ce-id", "1"), ("ce-source", "/orders")];

    fn headers(of: &[(&'static str, &'static str)]) -> HeaderMap {
        of.iter()
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
            })
            .collect()
    }

    fn faults(headers: &HeaderMap) -> Vec<(String, String)> {
        let problem = CloudEvent::read(headers).unwrap_err();
        assert_eq!(problem.status(), 400);
        problem.errors().iter().map(|error| (error.field.to_string(), error.rule.to_string())).collect()
    }

    #[test]
    fn a_complete_event_is_read() {
        assert_eq!(CloudEvent::read(&headers(&COMPLETE)).unwrap().r#type, "order.created");
    }

    #[test]
    fn a_missing_attribute_is_named() {
        for missing in COMPLETE {
            let rest: Vec<_> = COMPLETE.into_iter().filter(|header| *header != missing).collect();
            assert_eq!(faults(&headers(&rest)), [(missing.0.to_owned(), "is required".to_owned())]);
        }
        assert_eq!(faults(&HeaderMap::new()).len(), 4, "all faults are reported at once");
    }

    #[test]
    fn an_empty_repeated_or_undecodable_attribute_is_named() {
        for (name, _) in COMPLETE {
            for value in ["", "\"\"", "%ff"] {
                let mut headers = headers(&COMPLETE);
                headers.insert(name, HeaderValue::from_static(value));
                assert_eq!(faults(&headers)[0].0, name, "{value}");
            }
            let mut headers = headers(&COMPLETE);
            headers.append(name, HeaderValue::from_static("1.0"));
            assert_eq!(faults(&headers), [(name.to_owned(), "must not be repeated".to_owned())]);
        }
    }

    #[test]
    fn another_version_is_refused() {
        for version in ["0.3", "1", "1.1", "2.0"] {
            let mut headers = headers(&COMPLETE);
            headers.insert("ce-specversion", HeaderValue::from_static(version));
            assert_eq!(faults(&headers), [("ce-specversion".to_owned(), "must be 1.0".to_owned())]);
        }
    }

    #[test]
    fn a_value_is_unquoted_and_percent_decoded_once() {
        for (value, text) in [
            ("\"order.created\"", "order.created"),
            ("order%2Ecreated", "order.created"),
            ("\"a\\\"b\\\\\"", "a\"b\\"),
            ("%E2%82%AC", "€"),
            ("%2541", "%41"),
            ("100%", "100%"),
            ("\"", "\""),
        ] {
            assert_eq!(decode(value.as_bytes()), Ok(text.to_owned()), "{value}");
        }
    }
}
