//! What the OpenAPI documents of the services share.
//!
//! They are made of the code by [`utoipa`], natively and before the components are built: a test holds the documents in
//! `contracts/openapi/` against it, and a component serves what is in there.

#![allow(dead_code, reason = "these types are described, and never made")]

mod access;

use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;
use utoipa::{IntoParams, IntoResponses, ToSchema};

use crate::reference_page;

/// Why a request was not served (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The answer's status.
    #[schema(minimum = 400, maximum = 599)]
    status: i32,
    /// A sentence for the person who reads the answer.
    detail: String,
    /// The fields at fault.
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// With 409: the state that does not allow the step.
    #[schema(required = false)]
    current_status: Option<String>,
}

/// One field at fault.
#[derive(ToSchema)]
#[schema(as = FieldError)]
pub struct FieldError {
    /// Its name, as the client writes it.
    field: String,
    /// The rule that it broke, as the end of a sentence that starts with the field.
    rule: String,
}

/// What any request may be answered with.
#[derive(IntoResponses)]
pub enum Anytime {
    /// The service itself failed.
    #[response(status = 500, content_type = "application/problem+json")]
    Failed(Problem),
    /// The database is away or the service is full; `Retry-After` says when to try again.
    #[response(status = 503, content_type = "application/problem+json", headers(("Retry-After" = i32)))]
    Unavailable(Problem),
    /// There is no answer in time; the request may still take effect.
    #[response(status = 504, content_type = "application/problem+json")]
    TooLate(Problem),
}

/// What a request with a body may be answered with.
#[derive(IntoResponses)]
pub enum OfBody {
    /// The body is no JSON, or a header is malformed.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
    /// The body has more than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The content type is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(Problem),
    /// A field breaks a rule.
    #[response(status = 422, content_type = "application/problem+json")]
    BreaksRule(Problem),
}

/// What a request about one thing may be answered with.
#[derive(IntoResponses)]
pub enum OfPath {
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
}

/// What a request with query parameters may be answered with.
#[derive(IntoResponses)]
pub enum OfQuery {
    /// A parameter breaks a rule, is repeated, or is not known.
    #[response(status = 422, content_type = "application/problem+json")]
    BreaksRule(Problem),
}

/// What a request that the state of something may forbid can be answered with.
#[derive(IntoResponses)]
pub enum OfState {
    /// The state does not allow it, or something that has to be unique is taken.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
}

/// Which page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PageQuery {
    /// How many there are on a page, 20 unless told otherwise.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i32>,
    /// The `nextCursor` of an earlier page.
    #[param(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    cursor: Option<String>,
}

/// The header by which a request that is sent again is known.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct KeyHeader {
    /// A key of the client's making: the same request with the same key has its effect once, and gets the same answer. It belongs
    /// to the API key that the request comes with.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!#-\\[\\]-~]+$")]
    key: Option<String>,
}

/// Holds a service's document, and the reference page that is made of it, against `contracts/openapi/`; or writes them, where
/// `WAYBILL_WRITE_CONTRACTS` is set.
///
/// # Panics
/// Where they differ.
pub fn assert_is_written(name: &str, document: &utoipa::openapi::OpenApi) {
    let mut document = serde_json::to_value(document).expect("a document is JSON");
    access::describe(&mut document);
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/openapi"));
    let (json, page) = (folder.join(format!("{name}.json")), folder.join(format!("{name}.html")));
    if env::var_os("WAYBILL_WRITE_CONTRACTS").is_some() {
        fs::create_dir_all(&folder).expect("the folder can be made");
        let text = serde_json::to_string_pretty(&document).expect("a document is JSON") + "\n";
        fs::write(&json, text).expect("the document can be written");
        fs::write(&page, reference_page::render(&document)).expect("the page can be written");
    }
    let written = fs::read_to_string(&json).expect("the document is there");
    let written: Value = serde_json::from_str(&written).expect("the document is JSON");
    let advice = "write it anew by `WAYBILL_WRITE_CONTRACTS=1 cargo xtask test openapi`";
    assert!(written == document, "contracts/openapi/{name}.json is not what the code says; {advice}");
    let written = fs::read_to_string(&page).expect("the page is there");
    assert!(
        written == reference_page::render(&document),
        "contracts/openapi/{name}.html is not what the document says; {advice}"
    );
}
