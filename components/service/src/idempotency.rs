//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a request that is sent again with its key has its
//! effect once, and gets the answer that it got.
//!
//! The key is written by the statement that does what the request asks, so that nothing is between the two. Of requests with
//! one key at the same time one wins, and the others wait for it in the database. A key that is taken is a row that the
//! statement does not write, and no error: see the statements that write `idempotency_keys`.
//!
//! A key belongs to the caller who sent it. Components are given no API key; the host names the caller in the header
//! [`CALLER_HEADER`], by the identifier of the API key that it has checked, and lets no request from outside bring that header. On a
//! host that does not know the header every request has the same caller, unless a gateway names them. A caller who can set
//! the header there could read the answer that another one got, and needs the other's key and exact request for it; where
//! no API key is asked for, it could read the order itself as well.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};
use waybill_contracts::CALLER_HEADER;

use crate::fields::Rule;
use crate::respond::{self, Response};
use crate::sql::{self as database, SqlError, Value};
use crate::{FieldError, Problem, statement};

statement!(
    /// What a request with this key got for an answer.
    FIND_IDEMPOTENCY_KEY,
    "find_idempotency_key"
);

/// The constraint that a second use of a key violates.
const KEY_IS_TAKEN: &str = "idempotency_keys_pkey";

/// The longest key, in characters.
const MAX_KEY_CHARS: usize = 255;

/// The longest name of a caller, in characters. An API key's identifier has 12.
const MAX_CALLER_CHARS: usize = 64;

/// A request's key, if it has one, and what the request is.
#[derive(Debug, PartialEq, Eq)]
pub struct Idempotency(Option<Keyed>);

#[derive(Debug, PartialEq, Eq)]
struct Keyed {
    /// Empty where the host names none.
    caller: String,
    key: String,
    request_sha256: String,
}

impl Idempotency {
    /// Reads the key of a request to `path`; 400 where it is malformed.
    pub fn read(headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Self, Problem> {
        let Some(key) = only_value(headers, "Idempotency-Key", KEY_RULE, key_of)? else {
            return Ok(Self(None));
        };
        let caller = only_value(headers, CALLER_HEADER, CALLER_RULE, caller_of)?.unwrap_or_default();
        let mut request = Sha256::new();
        // All requests with keys are POST, and no path has a line break.
        request.update(path);
        request.update("\n");
        request.update(body);
        Ok(Self(Some(Keyed { caller, key, request_sha256: hex::encode(request.finalize()) })))
    }

    /// The four parameters of a statement that writes the key: caller, key, request and the answer to keep, all null without a
    /// key.
    pub fn parameters(&self, answer: &str) -> [Value; 4] {
        match &self.0 {
            None => [Value::Null, Value::Null, Value::Null, Value::Null],
            Some(keyed) => [
                database::text(keyed.caller.as_str()),
                database::text(keyed.key.as_str()),
                database::text(keyed.request_sha256.as_str()),
                database::text(answer),
            ],
        }
    }

    /// The answer that this request got before, if it was sent before; 422 where the key was another request's.
    pub fn replay(&self) -> Result<Option<Response>, Problem> {
        let Some(keyed) = &self.0 else { return Ok(None) };
        let parameters = [database::text(keyed.key.as_str()), database::text(keyed.caller.as_str())];
        let Some(mut row) = database::query(&FIND_IDEMPOTENCY_KEY, &parameters)?.pop() else {
            return Ok(None);
        };
        let (request_sha256, status) = (row.text()?, row.int4()?);
        let (location, answer) = (row.text()?, row.text()?);
        if request_sha256 != keyed.request_sha256 {
            return Err(Problem::invalid_fields(vec![FieldError {
                field: "Idempotency-Key".into(),
                rule: "was used for another request before; every request needs a key of its own".into(),
            }]));
        }
        let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = answered(status.ok_or_else(Problem::internal)?, &location, answer)?;
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
        Ok(Some(response))
    }

    /// What to answer when the statement had no effect: what this request got before, or `refusal`. A request that is sent again
    /// may break a rule by its own earlier effect, so the key counts first.
    pub fn replay_or(&self, refusal: Problem) -> Result<Response, Problem> {
        self.replay()?.ok_or(refusal)
    }

    /// What to answer when the statement found the key taken. Keys are never deleted, so the next statement finds its answer.
    pub fn replay_taken(&self) -> Result<Response, Problem> {
        self.replay_or(Problem::unavailable())
    }

    /// What to answer when the statement failed: what another request with this key got meanwhile, or the error.
    pub fn replay_instead_of(&self, error: SqlError) -> Result<Response, Problem> {
        if error.violates(KEY_IS_TAKEN)
            && let Some(response) = self.replay()?
        {
            return Ok(response);
        }
        Err(error.into())
    }
}

/// What a header says that may be missing; 400 where it is malformed or repeated.
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

/// An answer whose JSON is written already; `location` is empty where it has none.
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

/// The draft has a quoted string (RFC 9651, section 3.3.3), most clients send it bare; both are the same key.
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
    fn a_caller_is_who_the_host_says_and_nobody_without_a_name() {
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
