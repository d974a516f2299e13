//! The API key in the headers of a request, and what the component gets instead of it.

use http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq as _;
use waybill_contracts::CALLER_HEADER;

use super::KeyId;

/// The path of events by HTTP. The component itself compares their token; the host does so only to know whose traces it continues.
pub(super) const EVENTS: &str = "/events";

/// The headers that hold nothing but a key: ours, and the one that Kong's key-auth passes on.
const KEY_HEADERS: [&str; 2] = ["x-api-key", "apikey"];

/// The key of a request.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Presented<'a> {
    None,
    One(&'a [u8]),
    /// Several that differ.
    Several,
}

/// Finds the key: `Authorization: Bearer KEY` (RFC 6750), `X-API-Key: KEY`, or `apikey: KEY`. Query parameters do not
/// count, since paths are logged on the way.
pub(super) fn presented(headers: &HeaderMap) -> Presented<'_> {
    let bearers = headers.get_all(header::AUTHORIZATION).iter().filter_map(|value| bearer(value.as_bytes()));
    let plain = KEY_HEADERS.iter().flat_map(|name| headers.get_all(*name)).map(HeaderValue::as_bytes);
    let mut keys = bearers.chain(plain.map(<[u8]>::trim_ascii));
    match keys.next() {
        None => Presented::None,
        Some(first) if keys.all(|other| other == first) => Presented::One(first),
        Some(_) => Presented::Several,
    }
}

/// Whether a request to [`EVENTS`] has this token.
pub(super) fn has_events_token(headers: &HeaderMap, path: &str, token: &[u8]) -> bool {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (EVENTS, Some(value), None) = (path, values.next(), values.next()) else { return false };
    bearer(value.as_bytes()).is_some_and(|presented| presented.ct_eq(token).into())
}

/// Removes every header that may hold a key, so that no component can leak one. Only the token of `POST /events` stays, which the
/// component itself compares.
pub(super) fn strip_keys(headers: &mut HeaderMap, path: &str) {
    for name in KEY_HEADERS {
        headers.remove(name);
    }
    if path != EVENTS {
        headers.remove(header::AUTHORIZATION);
    }
}

/// Sets the caller's header to the identifier of the checked key, or removes it: a client may have sent any value.
pub(super) fn name_caller(headers: &mut HeaderMap, caller: Option<&KeyId>) {
    headers.remove(CALLER_HEADER);
    if let Some(Ok(caller)) = caller.map(|id| HeaderValue::from_str(id.as_str())) {
        headers.insert(CALLER_HEADER, caller);
    }
}

/// The token of an `Authorization` header whose scheme is `Bearer`; other schemes may be for a proxy.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at(value.iter().position(|byte| *byte == b' ')?);
    scheme.eq_ignore_ascii_case(b"Bearer").then_some(rest.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_key_is_found_in_any_of_three_headers() {
        for list in [
            &[("authorization", "Bearer k1")][..],
            &[("authorization", "bearer   k1 ")],
            &[("x-api-key", "k1")],
            &[("X-API-Key", " k1 ")],
            &[("apikey", "k1")],
            &[("authorization", "Basic YTpi"), ("x-api-key", "k1")],
            &[("authorization", "Bearer k1"), ("x-api-key", "k1"), ("apikey", "k1")],
        ] {
            assert_eq!(presented(&headers(list)), Presented::One(b"k1"), "{list:?}");
        }
    }

    #[test]
    fn a_request_without_a_key_presents_none() {
        for list in [&[][..], &[("authorization", "Basic YTpi")], &[("authorization", "Bearer")]] {
            assert_eq!(presented(&headers(list)), Presented::None, "{list:?}");
        }
    }

    #[test]
    fn several_different_keys_are_refused() {
        for list in [
            &[("x-api-key", "k1"), ("x-api-key", "k2")][..],
            &[("authorization", "Bearer k1"), ("apikey", "k2")],
            &[("authorization", "Bearer k1"), ("authorization", "Bearer k2")],
        ] {
            assert_eq!(presented(&headers(list)), Presented::Several, "{list:?}");
        }
    }

    #[test]
    fn a_component_is_given_no_key_and_only_events_keep_their_token() {
        let all = [("authorization", "Bearer k1"), ("x-api-key", "k1"), ("apikey", "k1"), ("accept", "*/*")];
        for (path, left) in [("/orders", 1), ("/events/", 1), ("/events", 2)] {
            let mut headers = headers(&all);
            strip_keys(&mut headers, path);
            assert_eq!(headers.len(), left, "{path}: {headers:?}");
        }
    }

    #[test]
    fn the_token_of_events_is_that_of_their_path_only() {
        let has = |path: &str, value: &'static str| {
            has_events_token(&headers(&[("authorization", value)]), path, b"token")
        };
        assert!(has("/events", "Bearer token") && has("/events", "bearer  token "));
        for (path, value) in [
            ("/events", "Bearer tokem"),
            ("/events", "Basic token"),
            ("/events", "Bearer "),
            ("/health", "Bearer token"),
        ] {
            assert!(!has(path, value), "{path} {value}");
        }
        let twice = headers(&[("authorization", "Bearer token"), ("authorization", "Bearer token")]);
        assert!(!has_events_token(&twice, "/events", b"token"));
    }

    #[test]
    fn a_component_gets_the_checked_caller_and_no_other() {
        for caller in [KeyId::of("0123456789ab"), None] {
            let mut headers = headers(&[(CALLER_HEADER, "ffffffffffff"), (CALLER_HEADER, "eeeeeeeeeeee")]);
            name_caller(&mut headers, caller.as_ref());
            let named: Vec<_> = headers.get_all(CALLER_HEADER).iter().collect();
            assert_eq!(named, caller.iter().map(KeyId::as_str).collect::<Vec<_>>());
        }
    }
}
