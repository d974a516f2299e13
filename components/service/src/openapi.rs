//! What the OpenAPI documents of the services share.
//!
//! They are made of the code by [`utoipa`], natively and before the components are built: a test holds the documents in
//! `contracts/openapi/` against it, and a component serves what is in there.

#![allow(dead_code, reason = "these types are described, and never made")]

mod access;
mod consistency;
mod description;
mod members;

use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;
use utoipa::openapi::info::{InfoBuilder, License};
use utoipa::openapi::{Components, OpenApi};
use utoipa::{IntoParams, IntoResponses, PartialSchema as _, ToSchema as _};

pub use self::description::{Access, Description};
pub use self::members::{Member, Members, object, parameters};
pub use crate::problem::Document as Problem;
use crate::routes::Route;
use crate::{FieldError, reference_page};

/// What any request may be answered with.
#[derive(IntoResponses)]
pub enum Anytime<'a> {
    /// The service itself failed.
    #[response(status = 500, content_type = "application/problem+json")]
    Failed(Problem<'a>),
    /// The database is unavailable or the service is full; `Retry-After` says when to try again.
    #[response(status = 503, content_type = "application/problem+json", headers(("Retry-After" = i32)))]
    Unavailable(Problem<'a>),
    /// The service did not answer in time; the request may still take effect.
    #[response(status = 504, content_type = "application/problem+json")]
    TooLate(Problem<'a>),
}

/// What a request with a body may be answered with.
#[derive(IntoResponses)]
pub enum OfBody<'a> {
    /// The body is not JSON, or a header is malformed.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem<'a>),
    /// The body has more than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem<'a>),
    /// The content type is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(Problem<'a>),
    /// A field breaks a rule.
    #[response(status = 422, content_type = "application/problem+json")]
    BreaksRule(Problem<'a>),
}

/// What a request about one thing may be answered with.
#[derive(IntoResponses)]
pub enum OfPath<'a> {
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem<'a>),
}

/// What a request with query parameters may be answered with.
#[derive(IntoResponses)]
pub enum OfQuery<'a> {
    /// A parameter breaks a rule, is repeated, or is not known.
    #[response(status = 422, content_type = "application/problem+json")]
    BreaksRule(Problem<'a>),
}

/// What a request that the state of something may forbid can be answered with.
#[derive(IntoResponses)]
pub enum OfState<'a> {
    /// The state does not allow it, or something that has to be unique is taken.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem<'a>),
}

/// The header by which a request that is sent again is known.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct KeyHeader {
    /// A key that the client chooses: the same request with the same key has its effect once, and gets the same answer. It belongs
    /// to the API key that the request comes with.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!#-\\[\\]-~]+$")]
    key: Option<String>,
}

/// The document of a service with these routes.
fn document(name: &str, about: &str, routes: &[&[Route]]) -> Value {
    let license = License::builder().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title(format!("Waybill: {name}"))
        .version("1.0.0")
        .description(Some(about))
        .license(Some(license));
    let problem = [(Problem::name(), Problem::schema()), (FieldError::name(), FieldError::schema())];
    let mut components = Components::new();
    components.schemas.extend(problem.map(|(name, schema)| (name.into_owned(), schema)));
    let mut document = OpenApi::builder().info(info).components(Some(components)).build();
    let described = || routes.iter().copied().flatten().filter_map(|route| Some((route, route.description?)));
    for (_, description) in described() {
        let operation = (description.document)();
        consistency::assert_same_schemas(&document, &operation);
        document.merge(operation);
    }
    let mut document = serde_json::to_value(document).expect("a document is JSON");
    consistency::assert_resolves(&document);
    for (route, description) in described() {
        access::describe(&mut document, route, description.access);
    }
    document
}

/// Holds a service's document, and the reference page that is made of it, against `contracts/openapi/`; or writes them, if
/// `WAYBILL_WRITE_CONTRACTS` is set.
///
/// # Panics
/// If they differ.
pub fn assert_is_written(name: &str, about: &str, routes: &[&[Route]]) {
    let document = document(name, about, routes);
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
