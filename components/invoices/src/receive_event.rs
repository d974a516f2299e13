//! `POST /events`: a `CloudEvent` over HTTP, in binary mode.
//!
//! It is for hosts whose broker cannot reach the component by a message. What it does with an event is what the message
//! handler does; see [`crate::take_in`].

use http::StatusCode;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfBody, Problem as ProblemDocument};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::log;
use waybill_service::{Problem, body};

use crate::cloud_event::CloudEvent;
use crate::events_token;
use crate::take_in::{Refusal, take_in};

/// Takes in one event: 204 once its effect is committed, now or by an earlier delivery.
///
/// Only who knows the token may make an invoice this way, so it is asked for before anything else of the request is
/// looked at.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    post, path = "/events", tag = "events",
    params(
        ("ce-specversion" = String, Header, description = "1.0", pattern = r"^1\.0$"),
        ("ce-type" = String, Header, description = "order.created, order.paid or order.canceled", pattern = r"^order\.(created|paid|canceled)$"),
        ("ce-id" = String, Header, min_length = 1),
        ("ce-source" = String, Header, min_length = 1)
    ),
    request_body(content = Object, description = "The event, as contracts/events/ describes it."),
    security(("token" = [])),
    responses(
        (status = 204, description = "The event was taken in, now or before."),
        (status = 401, description = "The token is missing or wrong.", body = ProblemDocument,
            content_type = "application/problem+json"),
        OfBody, Anytime
    )
))]
pub fn receive_event(request: Request) -> Result<Response, Problem> {
    events_token::check(&request.headers)?;
    let (headers, body) = body::json_with_headers(request)?;
    let event = CloudEvent::read(&headers)?;
    match take_in(&event.r#type, &body) {
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
    }
}
