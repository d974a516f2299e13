//! Routes that every component has.

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use uuid::Uuid;

use crate::{Problem, fields, respond, sql, statement};

/// Answers in the service's name where no route or no method fits: 404, and 405 with `Allow`.
///
/// Call it after the last route: what is added later is not covered.
pub fn with_fallbacks(routes: Router) -> Router {
    routes.fallback(no_such_resource).method_not_allowed_fallback(no_such_method)
}

/// A service's description of itself, ready to be served.
#[derive(Clone, Copy, Debug)]
pub struct Documents {
    /// The service's name, by which its documents are told from another's at one address.
    pub service: &'static str,
    /// The OpenAPI document.
    pub openapi: &'static str,
    /// The reference page.
    pub page: &'static str,
}

/// Adds `/openapi.json` and `/docs`; and, for gateways before several services, `/openapi/{service}.json` and
/// `/docs/{service}`.
pub fn with_documents(routes: Router, documents: Documents) -> Router {
    let Documents { service, openapi, page } = documents;
    let document = get(async move || respond::with_body(StatusCode::OK, "application/json", openapi));
    let reference = get(async move || respond::page(page));
    routes
        .route("/openapi.json", document.clone())
        .route(&format!("/openapi/{service}.json"), document)
        .route("/docs", reference.clone())
        .route(&format!("/docs/{service}"), reference)
}

statement!(
    /// Asks the database for a sign of life.
    SELECT_ONE,
    "select_one"
);

/// `GET /health`: whether the service could serve a request now, which means: whether its database answers.
pub async fn health() -> Result<Response, Problem> {
    sql::query(&SELECT_ONE, &[])?;
    Ok(respond::with_body(StatusCode::OK, "text/plain; charset=utf-8", "OK"))
}

/// The identifier in the path of a route that ends in `{id}`.
///
/// What is no identifier is the address of nothing, so it is a 404 like an identifier that nothing has.
pub fn id_in_path(path: Result<Path<String>, PathRejection>) -> Result<Uuid, Problem> {
    let Path(id) = path.map_err(|_| not_found())?;
    fields::uuid(&id).map_err(|_| not_found())
}

/// 404: what the path names does not exist.
pub fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
}

async fn no_such_resource() -> Problem {
    not_found()
}

async fn no_such_method() -> Problem {
    // The router adds the `Allow` header, since it knows the methods.
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This address does not support the request's method; the Allow header lists those that it does.",
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use axum::body::Body;
    use axum::extract::Request;
    use axum::routing::get;
    use tower_service::Service;

    use super::*;

    /// The result of a future that waits for nothing.
    pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the future waits for something"),
        }
    }

    fn answer(method: &str, path: &str) -> Response {
        let mut routes =
            with_fallbacks(Router::new().route("/things", get(async || "things").post(async || "made")));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        ready(routes.call(request)).unwrap()
    }

    #[test]
    fn an_unknown_path_is_a_404_problem() {
        let response = answer("GET", "/thing");
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }

    #[test]
    fn an_unsupported_method_is_a_405_problem_with_allow() {
        for method in ["DELETE", "PUT", "PATCH", "OPTIONS", "BREW"] {
            let response = answer(method, "/things");
            assert_eq!(response.status(), 405);
            assert_eq!(response.headers()["allow"], "GET,HEAD,POST");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        }
    }

    #[test]
    fn what_is_no_identifier_is_a_404() {
        async fn show(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
            Ok(id_in_path(path)?.to_string())
        }
        let mut routes = with_fallbacks(Router::new().route("/things/{id}", get(show)));
        let mut status = |id: &str| {
            let request = Request::get(format!("/things/{id}")).body(Body::empty()).unwrap();
            ready(routes.call(request)).unwrap().status().as_u16()
        };
        assert_eq!(status("019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d"), 200);
        for id in ["1", "%ff", "%00", "..", "019a3c6e7b1f7c4e9d550c2f5a1b2c3d", "a/b"] {
            assert_eq!(status(id), 404, "{id}");
        }
    }

    #[test]
    fn head_answers_as_get_without_a_body() {
        let response = answer("HEAD", "/things");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-length"], "6");
        assert_eq!(crate::respond::tests::text_of(response), "");
    }
}
