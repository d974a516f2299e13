use std::borrow::Cow;
use std::fmt::Display;

use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use waybill_contracts::ProblemKind;

use crate::respond::{self, Response};

/// An answer that says why a request was not served: a problem document (RFC 9457).
///
/// Its type is always `about:blank`: the status says what kind of problem it is, and `errors` which fields are at fault. The page that
/// explains the status is a member of its own, `help`, since clients may compare the type.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    current_status: Option<String>,
}

/// One field at fault.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Its name, as the client writes it.
    #[cfg_attr(not(target_family = "wasm"), schema(value_type = String))]
    pub field: Cow<'static, str>,
    /// The rule that it broke, as the end of a sentence that starts with the field.
    #[cfg_attr(not(target_family = "wasm"), schema(value_type = String))]
    pub rule: Cow<'static, str>,
}

impl Problem {
    /// A problem with this status; `detail` is a sentence for the person who reads the answer.
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new(), current_status: None }
    }

    /// 422: the request is well-formed, but these fields break a rule.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_ref()).collect();
        let detail = format!("The request breaks a rule in: {}.", fields.join(", "));
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// 400: these headers are missing or malformed.
    pub fn malformed_headers(errors: Vec<FieldError>) -> Self {
        let headers: Vec<&str> = errors.iter().map(|error| error.field.as_ref()).collect();
        let detail =
            format!("These headers of the request are missing or malformed: {}.", headers.join(", "));
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// 401: the request presents no bearer token (RFC 6750), or not the right one.
    pub fn unauthorized(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// 409: the state that something is in does not allow this.
    pub fn conflict(detail: String, current_status: String) -> Self {
        Self { current_status: Some(current_status), ..Self::new(StatusCode::CONFLICT, detail) }
    }

    /// 409: what is in this field has to be unique, and is taken.
    pub fn conflict_of(error: FieldError) -> Self {
        let detail = format!("The request's {} {}.", error.field, error.rule);
        Self { errors: vec![error], ..Self::new(StatusCode::CONFLICT, detail) }
    }

    /// 503: the database is unavailable; the client may try again in a second.
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The database cannot be reached now. Please try again.")
    }

    /// 500: the fault is ours. The log has the details, and the answer never does.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The request could not be served because of an internal fault.",
        )
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The fields at fault.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

/// 404: what the path names does not exist.
pub fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
}

/// 404: there is none of this kind with the identifier that the path names.
pub fn no_such(kind: &str, id: impl Display) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("There is no {kind} {id}."))
}

/// Why a request was not served (RFC 9457).
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema), schema(as = Problem))]
#[derive(Serialize)]
pub struct Document<'a> {
    /// Always `about:blank`: the status says what kind of problem it is.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The answer's status.
    #[cfg_attr(not(target_family = "wasm"), schema(value_type = i32, minimum = 400, maximum = 599))]
    status: u16,
    /// A sentence for the person who reads the answer.
    detail: &'a str,
    /// The page that says what causes this status and what to do about it.
    #[cfg_attr(not(target_family = "wasm"), schema(format = "uri"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// The fields at fault.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// With 409: the state that does not allow the step.
    #[serde(skip_serializing_if = "Option::is_none", rename = "currentStatus")]
    current_status: Option<&'a str>,
}

impl Problem {
    /// The answer.
    pub fn into_response(self) -> Response {
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            help: ProblemKind::of(self.status.as_u16()).map(ProblemKind::help),
            errors: &self.errors,
            current_status: self.current_status.as_deref(),
        };
        let mut response = respond::serialized(self.status, "application/problem+json", &document);
        let header = match self.status {
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "1")),
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            _ => None,
        };
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::respond::tests::text_of;

    #[test]
    fn a_problem_names_the_fields_and_their_rules() {
        let problem =
            Problem::invalid_fields(vec![FieldError { field: "amount".into(), rule: "is required".into() }]);
        let response = problem.into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(
            text_of(response),
            r#"{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The request breaks a rule in: amount.","help":"https://github.com/waybill-rs/waybill/blob/main/docs/errors.md#422-unprocessable-entity","errors":[{"field":"amount","rule":"is required"}]}"#
        );
    }

    #[test]
    fn an_unavailable_database_is_worth_another_attempt() {
        let response = Problem::unavailable().into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
    }

    #[test]
    fn an_answer_to_a_client_without_a_token_says_which_kind_it_needs() {
        let response = Problem::unauthorized("A token is needed.").into_response();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
}
