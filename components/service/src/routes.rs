//! Which operation answers which request.
//!
//! Routes are constants: there is nothing to build when an instance begins, of which a host may make one for each request.

use http::{HeaderValue, Method, StatusCode, header};

use crate::Problem;
use crate::request::Request;
use crate::respond::{self, Response};
use crate::sql::{Statement as _, statement};

/// What an operation is: one request in, one answer out. Every capability that it calls blocks.
pub type Operation = fn(Request) -> Result<Response, Problem>;

/// Requests of one method to one path, and what answers them.
#[derive(Debug)]
pub struct Route {
    method: Method,
    path: &'static str,
    endpoint: Endpoint,
}

#[derive(Clone, Copy, Debug)]
enum Endpoint {
    Operation(Operation),
    Document(&'static str),
    Page(&'static str),
}

/// `GET` of a path, also `HEAD`. A segment in braces, like `{id}`, stands for any that is not empty.
pub const fn get(path: &'static str, operation: Operation) -> Route {
    Route { method: Method::GET, path, endpoint: Endpoint::Operation(operation) }
}

/// `POST` to a path.
pub const fn post(path: &'static str, operation: Operation) -> Route {
    Route { method: Method::POST, path, endpoint: Endpoint::Operation(operation) }
}

/// `PATCH` of a path.
pub const fn patch(path: &'static str, operation: Operation) -> Route {
    Route { method: Method::PATCH, path, endpoint: Endpoint::Operation(operation) }
}

/// `DELETE` of a path.
pub const fn delete(path: &'static str, operation: Operation) -> Route {
    Route { method: Method::DELETE, path, endpoint: Endpoint::Operation(operation) }
}

/// A JSON document.
pub const fn document(path: &'static str, json: &'static str) -> Route {
    Route { method: Method::GET, path, endpoint: Endpoint::Document(json) }
}

/// A page of HTML.
pub const fn page(path: &'static str, html: &'static str) -> Route {
    Route { method: Method::GET, path, endpoint: Endpoint::Page(html) }
}

/// Answers a request by the route that fits; 404 where no path does, and 405 with `Allow` where no method does.
pub fn answer(routes: &[&[Route]], request: Request) -> Response {
    let is_head = request.method == Method::HEAD;
    let method = if is_head { &Method::GET } else { &request.method };
    let of_path = routes.iter().copied().flatten().filter(|route| route.has(request.target.path()));
    let mut response = match of_path.clone().find(|route| route.method == *method) {
        Some(route) => route.endpoint.answer(request),
        None if of_path.clone().next().is_none() => not_found().into_response(),
        None => no_such_method(of_path),
    };
    if is_head {
        response.body_mut().clear();
    }
    response
}

impl Route {
    fn has(&self, path: &str) -> bool {
        let mut given = path.split('/');
        let fits = self.path.split('/').all(|wanted| match given.next() {
            Some(segment) if wanted.starts_with('{') => !segment.is_empty(),
            segment => segment == Some(wanted),
        });
        fits && given.next().is_none()
    }
}

impl Endpoint {
    fn answer(self, request: Request) -> Response {
        match self {
            Self::Operation(operation) => operation(request).unwrap_or_else(Problem::into_response),
            Self::Document(json) => respond::with_body(StatusCode::OK, "application/json", json),
            Self::Page(html) => respond::page(html),
        }
    }
}

statement!(SelectOne, "sql/select_one.sql");

/// `GET /health`: whether the service could serve a request now, which means: whether its database answers.
pub fn health(_: Request) -> Result<Response, Problem> {
    SelectOne {}.query_one()?;
    Ok(respond::with_body(StatusCode::OK, "text/plain; charset=utf-8", "OK"))
}

/// 404: what the path names does not exist.
pub fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
}

fn no_such_method<'a>(of_path: impl Iterator<Item = &'a Route>) -> Response {
    let mut allowed = Vec::new();
    for route in of_path {
        allowed.push(route.method.as_str());
        if route.method == Method::GET {
            allowed.push(Method::HEAD.as_str());
        }
    }
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This address does not support the request's method; the Allow header lists those that it does.",
    );
    let mut response = problem.into_response();
    if let Ok(allowed) = HeaderValue::from_str(&allowed.join(",")) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn things(request: Request) -> Result<Response, Problem> {
        Ok(respond::with_body(StatusCode::OK, "text/plain", request.segment(0)?))
    }

    fn thing(request: Request) -> Result<Response, Problem> {
        let id = request.id(1)?;
        Ok(respond::with_body(StatusCode::OK, "text/plain", id.to_string()))
    }

    const ROUTES: &[&[Route]] =
        &[&[get("/things", things), post("/things", things)], &[get("/things/{id}", thing)]];

    fn answer(method: &str, path: &str) -> Response {
        super::answer(
            ROUTES,
            Request {
                method: method.parse().unwrap(),
                target: path.parse().unwrap(),
                headers: HeaderMap::new(),
                body: "".into(),
            },
        )
    }

    #[test]
    fn an_unknown_path_is_a_404_problem() {
        for path in ["/thing", "/", "/things/", "//things", "/things/a/b", "/Things", "/thing%73"] {
            let response = answer("GET", path);
            assert_eq!(response.status(), 404, "{path}");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        }
    }

    #[test]
    fn an_unsupported_method_is_a_405_problem_with_allow() {
        for method in ["DELETE", "PUT", "PATCH", "OPTIONS", "BREW"] {
            let response = answer(method, "/things?x=1");
            assert_eq!(response.status(), 405);
            assert_eq!(response.headers()["allow"], "GET,HEAD,POST");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        }
    }

    #[test]
    fn what_is_no_identifier_is_a_404() {
        let id = "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d";
        for same in [id, "%3019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d"] {
            assert_eq!(answer("GET", &format!("/things/{same}")).body(), id);
        }
        for id in ["1", "%ff", "%00", "..", "019a3c6e7b1f7c4e9d550c2f5a1b2c3d", "a/b"] {
            assert_eq!(answer("GET", &format!("/things/{id}")).status(), 404, "{id}");
        }
    }

    #[test]
    fn head_answers_as_get_without_a_body() {
        let response = answer("HEAD", "/things");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/plain");
        assert_eq!(response.body(), "");
    }
}
