//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a request that is sent again with its key takes
//! effect once and gets the answer of the first time.
//!
//! The statement that does what the request asks also writes the key, so a crash cannot separate the two. Of concurrent
//! requests with one key one wins, and the others wait for it in the database. A key that is taken is not an error: the statement
//! writes no row. See the statements that write `idempotency_keys`.
//!
//! A key belongs to the caller who sent it. Components see no API key. The host names the caller in the header
//! [`CALLER_HEADER`], by the identifier of the API key that it has checked, and removes that header from requests from outside. On
//! a host that does not know the header every request has the same caller, unless a gateway names them. A caller who can set
//! the header there could read another caller's answer, but needs the other's key and exact request for it; where no API key
//! is required, it could read the order itself as well.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};
use waybill_contracts::CALLER_HEADER;

use crate::fields::Rule;
use crate::respond::{self, Response};
use crate::sql::{SqlError, Statement as _, statement};
use crate::{FieldError, Problem};

statement!(FindIdempotencyKey, "sql/find_idempotency_key.sql");

/// The parameters of a statement that writes a key, all null without a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyParameters<'a> {
    /// The caller that the host names.
    pub caller: Option<&'a str>,
    /// The key.
    pub key: Option<&'a str>,
    /// The SHA-256 of the request, in hexadecimal.
    pub request_sha256: Option<&'a str>,
    /// The body of the answer.
    pub answer: Option<&'a str>,
}

/// The constraint that a second use of a key violates.
const KEY_IS_TAKEN: &str = "idempotency_keys_pkey";

/// The longest key, in characters.
const MAX_KEY_CHARS: usize = 255;

/// The longest name of a caller, in characters. An API key's identifier has 12.
const MAX_CALLER_CHARS: usize = 64;

/// The caller that the host names: the identifier of the API key of the request, if one was required; 400 if it is malformed.
pub fn caller(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    only_value(headers, CALLER_HEADER, CALLER_RULE, caller_of)
}

/// A request's key, if it has one, and the request's hash.
#[derive(Debug, PartialEq, Eq)]
pub struct Idempotency(Option<Keyed>);

#[derive(Debug, PartialEq, Eq)]
struct Keyed {
    /// Empty if the host names none.
    caller: String,
    key: String,
    request_sha256: String,
}

impl Idempotency {
    /// Reads the key of a request to `path`; 400 if it is malformed.
    pub fn read(headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Self, Problem> {
        let Some(key) = only_value(headers, "Idempotency-Key", KEY_RULE, key_of)? else {
            return Ok(Self(None));
        };
        let caller = caller(headers)?.unwrap_or_default();
        let mut request = Sha256::new();
        // All requests with keys are POST, and no path has a line break.
        request.update(path);
        request.update("\n");
        request.update(body);
        Ok(Self(Some(Keyed { caller, key, request_sha256: hex::encode(request.finalize()) })))
    }

    /// The parameters of a statement that writes the key with the answer to keep.
    pub fn parameters<'a>(&'a self, answer: &'a str) -> KeyParameters<'a> {
        match &self.0 {
            None => KeyParameters::default(),
            Some(keyed) => KeyParameters {
                caller: Some(&keyed.caller),
                key: Some(&keyed.key),
                request_sha256: Some(&keyed.request_sha256),
                answer: Some(answer),
            },
        }
    }

    /// The answer to this request if it was sent before; 422 if another request used the key.
    pub fn replay(&self) -> Result<Option<Response>, Problem> {
        let Some(Keyed { caller, key, request_sha256 }) = &self.0 else { return Ok(None) };
        let Some(kept) = (FindIdempotencyKey { key, caller }).query_optional()? else { return Ok(None) };
        if kept.request_sha256 != *request_sha256 {
            return Err(Problem::invalid_fields(vec![FieldError {
                field: "Idempotency-Key".into(),
                rule: "was used for another request before; every request needs a key of its own".into(),
            }]));
        }
        let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let location = kept.location.unwrap_or_default();
        let mut response = answered(status.ok_or_else(Problem::internal)?, &location, kept.answer)?;
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
        Ok(Some(response))
    }

    /// The answer if the statement had no effect: the answer to this request before, or `refusal`. A request that is sent again may
    /// break a rule by its own earlier effect, so the key counts first.
    pub fn replay_or(&self, refusal: Problem) -> Result<Response, Problem> {
        self.replay()?.ok_or(refusal)
    }

    /// The answer if the statement found the key taken. Keys are never deleted, so the next statement finds its answer.
    pub fn replay_taken(&self) -> Result<Response, Problem> {
        self.replay_or(Problem::unavailable())
    }

    /// The answer if the statement failed: that of another request with this key in the meantime, or the error.
    pub fn replay_instead_of(&self, error: SqlError) -> Result<Response, Problem> {
        if error.violates(KEY_IS_TAKEN)
            && let Some(response) = self.replay()?
        {
            return Ok(response);
        }
        Err(error.into())
    }
}

/// The value of an optional header; 400 if it is malformed or repeated.
fn only_value(
    headers: &HeaderMap,
    name: &'static str,
    rule: Rule,
    read: fn(&HeaderValue) -> Option<String>,
) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(name).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => read(value).ok_or(rule),
        (Some(_), Some(_)) => Err("must not be repeated"),
    };
    value.map(Some).map_err(|rule| {
        Problem::malformed_headers(vec![FieldError { field: name.into(), rule: rule.into() }])
    })
}

/// An answer with JSON as text. An empty `location` means no header.
pub fn answered(status: StatusCode, location: &str, json: String) -> Result<Response, Problem> {
    let mut response = respond::with_body(status, "application/json", json);
    if !location.is_empty() {
        let location = HeaderValue::from_str(location).map_err(|_| Problem::internal())?;
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

const KEY_RULE: Rule =
    "must be 1 to 255 visible ASCII characters, such as \"8e03978e-40d5-43dd-bc93-6894a57f9324\"";

const CALLER_RULE: Rule = "must be 1 to 64 visible ASCII characters";

/// The draft has a quoted string (RFC 9651, section 3.3.3), most clients send it bare; both mean one key.
fn key_of(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?.trim();
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let is_key = (1..=MAX_KEY_CHARS).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    is_key.then(|| key.to_owned())
}

fn caller_of(value: &HeaderValue) -> Option<String> {
    let caller = value.to_str().ok()?.trim();
    let is_caller =
        (1..=MAX_CALLER_CHARS).contains(&caller.len()) && caller.bytes().all(|byte| byte.is_ascii_graphic());
    is_caller.then(|| caller.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str], path: &str, body: &str) -> Result<Option<Keyed>, u16> {
        read_of(values, &[], path, body)
    }

    fn read_of(keys: &[&str], callers: &[&str], path: &str, body: &str) -> Result<Option<Keyed>, u16> {
        let mut headers = HeaderMap::new();
        for (name, values) in [("idempotency-key", keys), (CALLER_HEADER, callers)] {
            for value in values {
                headers.append(name, value.parse().unwrap());
            }
        }
        let read = Idempotency::read(&headers, path, body.as_bytes());
        read.map(|key| key.0).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn a_key_is_the_same_with_and_without_quotation_marks() {
        let bare = read(&["8e03978e-40d5"], "/orders", "{}").unwrap();
        assert_eq!(read(&["\"8e03978e-40d5\""], "/orders", "{}").unwrap(), bare);
        assert_eq!(bare.unwrap().key, "8e03978e-40d5");
        assert_eq!(read(&[], "/orders", "{}").unwrap(), None);
    }

    #[test]
    fn another_path_or_body_is_another_request() {
        let request = |path, body| read(&["k"], path, body).unwrap().unwrap().request_sha256;
        let one = request("/orders", r#"{"amount":1}"#);
        assert_eq!(request("/orders", r#"{"amount":1}"#), one);
        assert_ne!(request("/orders", r#"{"amount":2}"#), one);
        assert_ne!(request("/customers", r#"{"amount":1}"#), one);
    }

    #[test]
    fn a_caller_is_whom_the_host_names_and_empty_without_a_name() {
        let caller =
            |callers: &[&str]| read_of(&["k"], callers, "/orders", "{}").map(|read| read.unwrap().caller);
        assert_eq!(caller(&[]), Ok(String::new()));
        assert_eq!(caller(&["0123456789ab"]), Ok("0123456789ab".to_owned()));
        for malformed in [&[""][..], &["a b"], &["a", "a"], &["x".repeat(65).as_str()]] {
            assert_eq!(caller(malformed), Err(400), "{malformed:?}");
        }
    }

    #[test]
    fn a_malformed_key_is_a_400() {
        for values in [&[""][..], &["\"\""], &["a b"], &["a\"b"], &["a", "a"], &["x".repeat(256).as_str()]] {
            assert_eq!(read(values, "/orders", "{}"), Err(400), "{values:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(Idempotency::read(&headers, "/", b"").unwrap_err().status(), 400);
    }
}
