//! `POST /webhook-endpoints`

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use serde::Serialize;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::Schema;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use waybill_contracts::INVOICE_EVENTS;
use waybill_service::faults::Faults;
use waybill_service::fields::{Check, Given};
use waybill_service::idempotency::{Idempotency, answered};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::time::Moment;
use waybill_service::{FieldError, Fields, Problem, body, endpoint};

use super::endpoint::Endpoint;
use super::url::{self, Url};

statement!(CreateEndpoint, "webhooks/sql/create_endpoint.sql");

/// The most endpoints that there may be: each event is written once for each of them.
const MAX_ENDPOINTS: i64 = 100;

/// The bytes of a secret; Standard Webhooks asks for 24 to 64.
const SECRET_BYTES: usize = 32;

/// Where events of invoices are to be posted.
#[derive(Debug, Fields)]
pub struct NewEndpoint {
    /// The address: with TLS and on the Internet, unless a setting allows others.
    #[rule(Url, example = "https://example.com/hooks")]
    url: (String, bool),
    /// The types of the events that it gets; all of them if not given.
    #[rule(EventTypes)]
    event_types: Option<Vec<String>>,
    /// What it is for, in words.
    #[rule(LineOfText::LONG, default = "")]
    description: String,
}

/// The types of some events of invoices, each once.
struct EventTypes;

impl Check for EventTypes {
    type Value = Vec<String>;

    fn check(&self, given: Given<'_>) -> Result<Vec<String>, Faults> {
        let types: Option<Vec<String>> = given.json().and_then(|raw| serde_json::from_str(raw.get()).ok());
        let are_known = |types: &[String]| types.iter().all(|one| INVOICE_EVENTS.contains(&one.as_str()));
        let are_different = |types: &[String]| (1..types.len()).all(|n| !types[..n].contains(&types[n]));
        types.filter(|types| !types.is_empty() && are_known(types) && are_different(types)).ok_or_else(|| {
            "must be an array of at least one of invoice.issued, invoice.paid and invoice.credited, each once".into()
        })
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        let one = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(INVOICE_EVENTS));
        ArrayBuilder::new().items(one).unique_items(true).min_items(Some(1)).into()
    }
}

/// The answer to a request that makes an endpoint or its secret. The same request with the same `Idempotency-Key` is answered without the secret.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Debug, Serialize)]
pub struct MadeEndpoint {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// The key of the signatures, `whsec_` and base64. It is shown once: the answer to a request that is sent again has none. A
    /// client that has lost it rotates the secret.
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub secret: String,
}

/// Registers an address that events of invoices are posted to from now on, signed as Standard Webhooks says.
#[endpoint(
    POST "/webhook-endpoints",
    scope = WebhooksWrite,
    idempotent,
    conflicts,
    success(201, "Events are posted to the address. The secret is in the first answer only.", MadeEndpoint),
)]
pub fn create_endpoint(request: Request<NewEndpoint>) -> Result<Response, Problem> {
    let (headers, body) = body::json(request)?;
    let idempotency = Idempotency::read(&headers, "/webhook-endpoints", body.as_ref())?;
    if let Some(response) = idempotency.replay()? {
        return Ok(response);
    }
    let (made, is_public) = body.read()?.make()?;
    let MadeEndpoint { endpoint, secret } = &made;
    let json = |value: Result<String, serde_json::Error>| value.map_err(|_| Problem::internal());
    let answer = json(serde_json::to_string(&made))?;
    let location = format!("/webhook-endpoints/{}", endpoint.id);
    // The kept answer can be read again, so it omits the secret.
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
        // This request itself may have taken the last place after its key was looked up.
        (true, false, false) => idempotency.replay_or(no_room()),
        (true, true, false) => idempotency.replay_taken(),
    }
}

impl NewEndpoint {
    /// The endpoint with its secret, and whether its address is public.
    fn make(self) -> Result<(MadeEndpoint, bool), Problem> {
        let now = Moment::now();
        let (url, is_public) = self.url;
        let endpoint = Endpoint {
            id: now.identifier().to_string(),
            url,
            description: self.description,
            event_types: self.event_types.unwrap_or_else(|| INVOICE_EVENTS.map(str::to_owned).into()),
            created_at: now.to_string(),
            disabled_at: None,
        };
        Ok((MadeEndpoint { endpoint, secret: new_secret()? }, is_public))
    }
}

/// A key for signatures.
pub fn new_secret() -> Result<String, Problem> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|_| Problem::internal())?;
    Ok(format!("whsec_{}", BASE64_STANDARD.encode(secret)))
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
    use waybill_service::fields::from_json;

    use super::*;

    fn read(body: &[u8]) -> Result<(MadeEndpoint, bool), Problem> {
        from_json::<NewEndpoint>(body).and_then(NewEndpoint::make)
    }

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
