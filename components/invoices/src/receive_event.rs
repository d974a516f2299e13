//! `POST /events`: a `CloudEvent` over HTTP, in binary mode.
//!
//! It is for hosts whose broker cannot reach the component by a message. What it does with an event is what the message
//! handler does; see [`crate::handle_event`].

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::log;
use waybill_service::{Problem, body, endpoint};

use crate::cloud_event::CloudEvent;
use crate::events_token;
use crate::handle_event::handle_event;
use crate::refusal::Refusal;

/// Handles one event: 204 once its effect is committed, now or by an earlier delivery.
///
/// Only a sender that knows the token may cause an invoice, so the token is checked before anything else of the request is
/// read.
#[endpoint(
    POST "/events",
    token = "token",
    params(
        ("ce-specversion" = String, Header, description = "1.0", pattern = r"^1\.0$"),
        ("ce-type" = String, Header, description = "order.created, order.paid or order.canceled", pattern = r"^order\.(created|paid|canceled)$"),
        ("ce-id" = String, Header, min_length = 1),
        ("ce-source" = String, Header, min_length = 1),
    ),
    request_body(content = Object, description = "The event, as contracts/events/ describes it."),
    success(204, "The event had its effect, now or before."),
)]
pub fn receive_event(request: Request) -> Result<Response, Problem> {
    events_token::check(&request.headers)?;
    let (headers, body) = body::json(request)?;
    let event = CloudEvent::read(&headers)?;
    match handle_event(&event.r#type, body.as_ref()) {
        Ok(_) => Ok(respond::empty(StatusCode::NO_CONTENT)),
        Err(refusal) => Err(problem_of(refusal)),
    }
}

fn problem_of(refusal: Refusal) -> Problem {
    match refusal {
        // The reason is made of the event's own text and of our rules: the sender may see all of it.
        Refusal::Rejected(reason) => {
            log(&format_args!("rejected: {reason}"));
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("The event was rejected: {reason}."))
        }
        Refusal::Failed(error) => error.into(),
        Refusal::Postponed(reason) => {
            log(&reason);
            Problem::unavailable()
        }
    }
}
