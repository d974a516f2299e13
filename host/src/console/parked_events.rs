//! Parked events, and the permission to act on events.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::with_causes;

use super::form::form;
use super::page::{Visit, go_to_with, notice};
use super::shared::Shared;
use crate::http::RequestBody;
use crate::pages::{Moment, parameter};

/// The parked events with one reason.
pub(super) struct Group {
    pub reason: String,
    pub count: usize,
    pub events: Vec<Line>,
}

pub(super) struct Line {
    pub order: String,
    pub event_type: String,
    pub attempts: i32,
    pub since: Moment,
}

/// The latest parked events, by reason.
pub(super) async fn groups(console: &Shared) -> Result<Vec<Group>, String> {
    let events = console.system.relay.parked().await.map_err(|error| with_causes(&error))?;
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

/// Returns the events with a reason to the relay.
pub(super) async fn retry(
    console: &Shared,
    visit: &Visit,
    request: Request<RequestBody>,
) -> Response<WasiBody> {
    if let Err(refusal) = authorize(console, visit).await {
        return refusal;
    }
    let fields = match form(visit, request).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let Some(reason) = parameter(&fields, "reason") else {
        return notice(visit, StatusCode::BAD_REQUEST, "Choose the events: the form has no reason.");
    };
    match console.system.relay.retry_parked(&reason).await {
        Ok(count) => {
            console.system.relay_waker.wake();
            let done = if count == 1 {
                "1 event is retried.".to_owned()
            } else {
                format!("{count} events are retried.")
            };
            go_to_with("/console/dead-letters", &done)
        }
        Err(error) => notice(visit, StatusCode::SERVICE_UNAVAILABLE, &with_causes(&error)),
    }
}

/// Whether the visitor may act on events, which needs the scope to write orders.
pub(super) async fn authorize(console: &Shared, visit: &Visit) -> Result<(), Response<WasiBody>> {
    if !visit.requires_keys {
        return Ok(());
    }
    let mut headers = HeaderMap::new();
    if let Some(key) = &visit.key {
        headers.insert(HeaderName::from_static("x-api-key"), key.clone());
    }
    match console.system.orders.access().check(&Method::POST, "/orders", &headers).await {
        Ok(_) => Ok(()),
        Err(refusal) => {
            let answer = refusal.answer();
            let text = match answer.status() {
                StatusCode::FORBIDDEN => "Your API key lacks the scope orders:write.",
                StatusCode::UNAUTHORIZED => {
                    "This needs an API key with the scope orders:write. Sign in first."
                }
                _ => "No API key can be checked now. Try again in a moment.",
            };
            Err(notice(visit, answer.status(), text))
        }
    }
}
