//! Events that the relay gave up, and who may do something about events.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::with_causes;

use super::Inner;
use super::orders::form;
use super::page::{Visit, go_to_with, notice, parameter};
use super::show::Moment;

/// The events that failed for the same reason.
pub(super) struct Group {
    pub reason: String,
    pub count: usize,
    pub events: Vec<Line>,
}

/// One of them.
pub(super) struct Line {
    pub order: String,
    pub event_type: String,
    pub attempts: i32,
    pub since: Moment,
}

/// The latest of them, by reason.
pub(super) async fn groups(console: &Inner) -> Result<Vec<Group>, String> {
    let events = console.parts.relay.0.parked().await.map_err(|error| with_causes(&error))?;
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for event in events {
        let reason = event.reason;
        let group =
            groups.entry(reason.clone()).or_insert_with(|| Group { reason, count: 0, events: Vec::new() });
        group.count += 1;
        group.events.push(Line {
            order: event.order_id.to_string(),
            event_type: event.event_type,
            attempts: event.attempts,
            since: Moment::of(event.parked_at),
        });
    }
    Ok(groups.into_values().collect())
}

/// Has those with a reason tried again.
pub(super) async fn retry(console: &Inner, visit: &Visit, request: Request<Incoming>) -> Response<WasiBody> {
    if let Err(refusal) = may(console, visit, &Method::POST).await {
        return refusal;
    }
    let Some(reason) = form(request).await.and_then(|fields| parameter(&fields, "reason")) else {
        return notice(visit, StatusCode::BAD_REQUEST, "Which ones? The form names no reason.");
    };
    let (relay, waker) = &console.parts.relay;
    match relay.retry_parked(&reason).await {
        Ok(count) => {
            waker.wake();
            go_to_with("/console/dead-letters", &format!("{count} events are tried again."))
        }
        Err(error) => notice(visit, StatusCode::SERVICE_UNAVAILABLE, &with_causes(&error)),
    }
}

/// Whether whoever visits may look into events (GET), or have something done with them (POST): what takes the scopes of orders.
pub(super) async fn may(console: &Inner, visit: &Visit, method: &Method) -> Result<(), Response<WasiBody>> {
    if !visit.asks_for_keys {
        return Ok(());
    }
    let mut headers = HeaderMap::new();
    if let Some(key) = &visit.key {
        headers.insert(HeaderName::from_static("x-api-key"), key.clone());
    }
    match console.parts.orders.access().check(method, "/orders", &headers).await {
        Ok(_) => Ok(()),
        Err(refusal) => {
            let answer = refusal.answer();
            let text = match answer.status() {
                StatusCode::FORBIDDEN => "Your API key lacks the scope orders:write.",
                StatusCode::UNAUTHORIZED => {
                    "This takes an API key with the scope orders:write. Sign in first."
                }
                _ => "No API key can be checked now. Try again in a moment.",
            };
            Err(notice(visit, answer.status(), text))
        }
    }
}
