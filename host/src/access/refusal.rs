use http::{HeaderValue, Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;
use waybill_contracts::Scope;

use crate::answers::problem;

/// Why a request is refused. The answers never reveal whether a key's identifier exists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// It presents no key.
    NoKey,
    /// It presents several keys.
    SeveralKeys,
    /// Its key is unknown to this service, expired or revoked.
    BadKey,
    /// Its key may not do this.
    LacksScope(Scope),
    /// No key may do this.
    ReadOnly,
    /// The database of the keys is unavailable.
    Unavailable,
}

impl Refusal {
    /// The answer, with the challenge of RFC 6750, section 3.
    pub fn answer(self) -> Response<WasiBody> {
        let (status, detail, challenge) = match self {
            Self::NoKey => (
                StatusCode::UNAUTHORIZED,
                "This request needs an API key: send it in the header Authorization: Bearer KEY or X-API-Key: KEY.".to_owned(),
                Some(r#"Bearer realm="waybill""#.to_owned()),
            ),
            // RFC 6750 says 400 here. No operation documents a 400 for that, and the caller is as unknown as without a key.
            Self::SeveralKeys => (
                StatusCode::UNAUTHORIZED,
                "The request has several different API keys. Send one.".to_owned(),
                Some(r#"Bearer realm="waybill", error="invalid_request""#.to_owned()),
            ),
            Self::BadKey => (
                StatusCode::UNAUTHORIZED,
                "The API key is not valid for this service: it is mistyped, expired or revoked, or has no scope here."
                    .to_owned(),
                Some(r#"Bearer realm="waybill", error="invalid_token""#.to_owned()),
            ),
            Self::LacksScope(scope) => (
                StatusCode::FORBIDDEN,
                format!("The API key lacks the scope {scope}. Use a key that was created with --scope {scope}."),
                Some(format!(r#"Bearer realm="waybill", error="insufficient_scope", scope="{scope}""#)),
            ),
            Self::ReadOnly => (StatusCode::METHOD_NOT_ALLOWED, "This resource is read-only.".to_owned(), None),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "No API key can be checked now, because the database is unavailable. Try again in a moment.".to_owned(),
                None,
            ),
        };
        let mut answer = problem(status, &detail);
        if let Some(Ok(challenge)) = challenge.map(HeaderValue::try_from) {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if self == Self::ReadOnly {
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_send() {
        let answer = Refusal::LacksScope(Scope::OrdersWrite).answer();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let challenge = r#"Bearer realm="waybill", error="insufficient_scope", scope="orders:write""#;
        assert_eq!(answer.headers()[header::WWW_AUTHENTICATE], challenge);
        for refusal in [Refusal::NoKey, Refusal::BadKey] {
            let answer = refusal.answer();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
            assert!(
                answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer realm=")
            );
        }
        assert_eq!(Refusal::Unavailable.answer().headers()[header::RETRY_AFTER], "1");
        assert_eq!(Refusal::ReadOnly.answer().headers()[header::ALLOW], "GET, HEAD");
    }
}
