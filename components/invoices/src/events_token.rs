//! The bearer token (RFC 6750) that `POST /events` asks for.
//!
//! Components have no settings, and no interface for them is the same on every host. The token is therefore a setting of
//! the database session, `waybill.events_token`, and the database compares.

use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use waybill_service::Problem;
use waybill_service::sql::{Statement as _, statement};

statement!(CheckEventsToken, "sql/check_events_token.sql");

/// 401 unless the request presents the token.
pub fn check(headers: &HeaderMap) -> Result<(), Problem> {
    // A request without a token is refused without a query: any client can send one.
    let presented = presented(headers).ok_or_else(|| {
        Problem::unauthorized("This address takes events with the header Authorization: Bearer TOKEN only.")
    })?;
    let digest = hex::encode(Sha256::digest(presented));
    match (CheckEventsToken { sha256: &digest }).query_one()?.verdict {
        2 => Ok(()),
        1 => Err(Problem::unauthorized("The token in the Authorization header is not the right one.")),
        _ => Err(Problem::unauthorized(
            "No events token is set here, so no event is taken; set one where this service is started.",
        )),
    }
}

/// The token of the one `Authorization` header, if its scheme is `Bearer`. Its characters are not checked: other text cannot have
/// a token's hash.
fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let value = value.as_bytes();
    let (scheme, rest) = value.split_at(value.iter().position(|byte| *byte == b' ')?);
    let token = rest.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"Bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn token_of(values: &[&'static [u8]]) -> Option<Vec<u8>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        presented(&headers).map(<[u8]>::to_vec)
    }

    #[test]
    fn a_token_is_what_follows_the_scheme() {
        assert_eq!(token_of(&[b"Bearer abc.DEF_1~2+3/4=="]).unwrap(), b"abc.DEF_1~2+3/4==");
        assert_eq!(token_of(&[b"bearer   abc"]).unwrap(), b"abc");
        // No token looks like these, and none has their hash.
        assert_eq!(token_of(&[b"Bearer a b"]).unwrap(), b"a b");
        assert_eq!(token_of(&[b"Bearer \xff'--"]).unwrap(), b"\xff'--");
    }

    #[test]
    fn any_other_authorization_is_a_401() {
        let all: [&[&[u8]]; 7] = [
            &[],
            &[b""],
            &[b"Bearer"],
            &[b"Bearer "],
            &[b"Basic YTpi"],
            &[b"Bearerabc"],
            &[b"Bearer a", b"Bearer a"],
        ];
        for values in all {
            assert_eq!(token_of(values), None, "{values:?}");
        }
        assert_eq!(check(&HeaderMap::new()).unwrap_err().status(), 401);
    }

    #[test]
    fn a_hash_is_written_in_lower_case() {
        assert_eq!(
            hex::encode(Sha256::digest(b"")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
