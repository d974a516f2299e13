//! `POST /webhook-endpoints`

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use serde::Serialize;
use waybill_contracts::INVOICE_EVENTS;
use waybill_service::fields::{Rule, optional, required};
use waybill_service::idempotency::{Idempotency, answered};
use waybill_service::json::{self, RawValue};
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, KeyHeader, OfBody, OfState};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::sql::Statement as _;
use waybill_service::text::LineOfText;
use waybill_service::time::Moment;
use waybill_service::{FieldError, Problem, body};

use super::endpoint::Endpoint;
use super::sql::CreateEndpoint;
use super::url;

/// The most endpoints that there may be: each event is written once for each of them.
const MAX_ENDPOINTS: i64 = 100;

/// The bytes of a secret; Standard Webhooks asks for 24 to 64.
const SECRET_BYTES: usize = 32;

/// The answer to a request that makes an endpoint. The same request with the same `Idempotency-Key` is answered without the secret.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Debug, Serialize)]
pub struct MadeEndpoint {
    /// The endpoint.
    #[serde(flatten)]
    endpoint: Endpoint,
    /// The key of the signatures, `whsec_` and base64. It is shown once: the answer to a request that is sent again has none. Whoever
    /// lost it deletes the endpoint and makes another.
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    secret: String,
}

/// Takes an address in that events of invoices are posted to from now on, signed as Standard Webhooks says.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    post, path = "/webhook-endpoints", tag = "webhooks",
    params(KeyHeader),
    request_body = crate::openapi::NewEndpoint,
    responses(
        (status = 201, description = "Events are posted to the address. The secret is in the first answer only.", body = MadeEndpoint,
            headers(("Location" = String), ("Idempotency-Replayed" = String))),
        OfState, OfBody, Anytime
    )
))]
pub fn create_endpoint(request: Request) -> Result<Response, Problem> {
    let (headers, body) = body::json_with_headers(request)?;
    let idempotency = Idempotency::read(&headers, "/webhook-endpoints", &body)?;
    if let Some(response) = idempotency.replay()? {
        return Ok(response);
    }
    let (made, is_public) = read(&body)?;
    let MadeEndpoint { endpoint, secret } = &made;
    let json = |value: Result<String, serde_json::Error>| value.map_err(|_| Problem::internal());
    let answer = json(serde_json::to_string(&made))?;
    let location = format!("/webhook-endpoints/{}", endpoint.id);
    // What is kept can be read again, so the secret is not in it.
    let kept_answer = json(serde_json::to_string(endpoint))?;
    let keyed = idempotency.parameters(&kept_answer);
    let written = CreateEndpoint {
        endpoint_id: &endpoint.id,
        url: &endpoint.url,
        description: &endpoint.description,
        event_types: &json(serde_json::to_string(&endpoint.event_types))?,
        secret,
        created_at: &endpoint.created_at,
        is_public,
        max_endpoints: MAX_ENDPOINTS,
        caller: keyed.caller,
        idempotency_key: keyed.key,
        request_sha256: keyed.request_sha256,
        answer: keyed.answer,
    };
    let row = match written.query_one() {
        Ok(row) => row,
        Err(error) => return idempotency.replay_instead_of(error),
    };
    match (row.is_allowed, row.has_room, row.is_made) {
        (_, _, true) => answered(StatusCode::CREATED, &location, answer),
        (false, _, false) => Err(not_allowed()),
        // This request may itself have taken the last place, since its key was looked up.
        (true, false, false) => idempotency.replay_or(no_room()),
        (true, true, false) => idempotency.replay_taken(),
    }
}

fn read(body: &[u8]) -> Result<(MadeEndpoint, bool), Problem> {
    let ([url, event_types, description], mut faults) =
        json::object(body, &["url", "eventTypes", "description"])?;
    let url = faults.note("url", required(url, url_of));
    let event_types = faults.note("eventTypes", optional(event_types, all_types(), types_of));
    let description = faults
        .note("description", optional(description, Cow::Borrowed(""), |value| LineOfText::LONG.read(value)));
    faults.refuse_any()?;
    let (Some((url, is_public)), Some(event_types), Some(description)) = (url, event_types, description)
    else {
        // What is missing was noted.
        return Err(Problem::internal());
    };
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|_| Problem::internal())?;
    let now = Moment::now();
    let endpoint = Endpoint {
        id: now.identifier().to_string(),
        url: url.into_owned(),
        description: description.into_owned(),
        event_types,
        created_at: now.to_string(),
    };
    let secret = format!("whsec_{}", BASE64_STANDARD.encode(secret));
    Ok((MadeEndpoint { endpoint, secret }, is_public))
}

fn url_of(value: &RawValue) -> Result<(Cow<'_, str>, bool), Rule> {
    let text = json::string(value).ok_or("must be a string")?;
    let is_public = url::check(&text)?;
    Ok((text, is_public))
}

fn all_types() -> Vec<String> {
    INVOICE_EVENTS.map(str::to_owned).into()
}

fn types_of(value: &RawValue) -> Result<Vec<String>, Rule> {
    const RULE: Rule =
        "must be an array of at least one of invoice.issued, invoice.paid and invoice.credited, each once";
    let types: Vec<String> = serde_json::from_str(value.get()).map_err(|_| RULE)?;
    let are_known = types.iter().all(|one| INVOICE_EVENTS.contains(&one.as_str()));
    let are_different = types.iter().enumerate().all(|(index, one)| !types[..index].contains(one));
    if !types.is_empty() && are_known && are_different { Ok(types) } else { Err(RULE) }
}

fn not_allowed() -> Problem {
    Problem::invalid_fields(vec![FieldError { field: "url".into(), rule: url::NOT_PUBLIC.into() }])
}

fn no_room() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "There are 100 webhook endpoints already, the most that there may be. Delete one first.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_gets_a_secret_of_its_own_and_every_event_unless_it_says_otherwise() {
        let (one, is_public) = read(br#"{"url":"https://example.com/hooks"}"#).unwrap();
        let (other, _) = read(br#"{"url":"http://localhost:9000","eventTypes":["invoice.paid"]}"#).unwrap();
        assert!(is_public);
        assert_eq!(one.endpoint.event_types, INVOICE_EVENTS);
        assert_eq!(other.endpoint.event_types, ["invoice.paid"]);
        assert!(one.secret.starts_with("whsec_") && one.secret.len() == "whsec_".len() + 44);
        assert_ne!(one.secret, other.secret);
    }

    #[test]
    fn every_fault_is_named() {
        let problem =
            read(br#"{"url":"example.com","eventTypes":[],"description":1,"secret":"x"}"#).unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.to_string()).collect();
        assert_eq!(fields, ["secret", "url", "eventTypes", "description"]);
        for types in [r#"["invoice.paid","invoice.paid"]"#, r#"["invoice.seen"]"#, r#""invoice.paid""#, "[1]"]
        {
            let body = format!(r#"{{"url":"https://example.com","eventTypes":{types}}}"#);
            assert_eq!(read(body.as_bytes()).unwrap_err().errors()[0].field, "eventTypes", "{types}");
        }
    }
}
