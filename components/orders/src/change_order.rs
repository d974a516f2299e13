//! Changing the state of an order: what [`pay_order`](crate::pay_order) and [`cancel_order`](crate::cancel_order) have in common.

use http::StatusCode;
use uuid::Uuid;
use waybill_contracts::{OrderChanged, SPEC_VERSION};
use waybill_service::idempotency::{Idempotency, answered, caller};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::time::Moment;
use waybill_service::{Problem, body};

use crate::order::Order;
use crate::show_order::ShowOrder;
use crate::trace_context::TraceContext;

statement!(ChangeOrder, "sql/change_order.sql");

/// How often a change is tried again when another one came first.
const ATTEMPTS: usize = 10;

/// A step from one state to another.
pub struct Transition {
    /// The last part of the path.
    pub verb: &'static str,
    /// The states that it may begin in.
    pub from: &'static [&'static str],
    /// The state that it ends in.
    pub to: &'static str,
    pub event_type: &'static str,
}

/// Changes the order that a request names.
pub fn change_order(transition: &Transition, request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let trace = TraceContext::from_headers(&request.headers);
    let (headers, body) = body::empty(request)?;
    let api_key_id = caller(&headers)?;
    let idempotency = Idempotency::read(&headers, &format!("/orders/{id}/{}", transition.verb), &body)?;
    for _ in 0..ATTEMPTS {
        if let Some(response) = idempotency.replay()? {
            return Ok(response);
        }
        let row = ShowOrder { order_id: id }.query_optional()?.ok_or_else(|| no_such("order", id))?;
        let order: Order = serde_json::from_str(&row.shown).map_err(|_| Problem::internal())?;
        if !transition.from.contains(&order.status.as_str()) {
            // This request itself may have taken the step after its key was looked up.
            return idempotency.replay_or(Problem::conflict(
                format!("The order is {}, so it cannot be {}.", order.status, transition.to),
                order.status,
            ));
        }
        if let Some(response) = change(transition, id, order, &trace, api_key_id.as_deref(), &idempotency)? {
            return Ok(response);
        }
    }
    Err(Problem::unavailable())
}

/// Changes an order that was read. Returns `None` if it has changed since.
fn change(
    transition: &Transition,
    id: Uuid,
    read: Order,
    trace: &TraceContext,
    api_key_id: Option<&str>,
    idempotency: &Idempotency,
) -> Result<Option<Response>, Problem> {
    let now = Moment::now();
    let event_id = now.identifier();
    let order = Order { status: transition.to.to_owned(), version: read.version + 1, ..read };
    let event = OrderChanged {
        order_id: id,
        version: order.version,
        changed_at: now.to_string().into(),
        specversion: SPEC_VERSION.into(),
        event_id: Some(event_id),
        api_key_id: api_key_id.map(Into::into),
    };
    let event = serde_json::to_string(&event).map_err(|_| Problem::internal())?;
    let answer = serde_json::to_string(&order).map_err(|_| Problem::internal())?;
    let keyed = idempotency.parameters(&answer);
    let changed = ChangeOrder {
        order_id: id,
        read_version: read.version,
        new_status: transition.to,
        event_id,
        event_type: transition.event_type,
        event: &event,
        traceparent: trace.traceparent.as_deref(),
        tracestate: trace.tracestate.as_deref(),
        caller: keyed.caller,
        idempotency_key: keyed.key,
        request_sha256: keyed.request_sha256,
        answer: keyed.answer,
    };
    let row = match changed.query_one() {
        Ok(row) => row,
        Err(error) => return idempotency.replay_instead_of(error).map(Some),
    };
    match (row.is_current, row.is_changed) {
        (_, true) => answered(StatusCode::OK, "", answer).map(Some),
        (true, false) => idempotency.replay_taken().map(Some),
        (false, false) => Ok(None),
    }
}
