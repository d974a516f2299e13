//! Which operation answers which request.
//!
//! Routes are constants: there is nothing to build when an instance begins, of which a host may make one for each request.

use http::{HeaderValue, Method, StatusCode, header};

use crate::Problem;
#[cfg(not(target_family = "wasm"))]
use crate::openapi::Description;
pub use crate::problem::{no_such, not_found};
use crate::request::Request;
use crate::respond::{self, Response};
use crate::sql::{Statement as _, statement};

/// Requests of one method to one path, and what answers them. [`macro@crate::endpoint`] makes one.
#[derive(Debug)]
pub struct Route {
    /// The method; `GET` is also `HEAD`.
    pub method: Method,
    /// The path. A segment in braces, like `{id}`, stands for any that is not empty.
    pub path: &'static str,
    /// What answers the requests.
    pub answer: Answer,
    /// What the OpenAPI document says of it, if it is in there.
    #[cfg(not(target_family = "wasm"))]
    pub description: Option<Description>,
}

/// What answers a request.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// An operation: one request in, one answer out. Every capability that it calls blocks.
    Operation(fn(Request) -> Response),
    /// A JSON document.
    Document(&'static str),
    /// A page of HTML.
    Page(&'static str),
}

/// What an operation returns.
pub trait IntoResponse {
    /// The answer.
    fn into_response(self) -> Response;
}

impl IntoResponse for Response {
    fn into_response(self) -> Response {
        self
    }
}

impl IntoResponse for Result<Response, Problem> {
    fn into_response(self) -> Response {
        self.unwrap_or_else(Problem::into_response)
    }
}

/// The routes that every service has: its health, and its OpenAPI document and reference page, which also have names of their
/// own for gateways before several services.
pub const fn own(documents: [&'static str; 2], json: &'static str, html: &'static str) -> [Route; 5] {
    let [json_path, html_path] = documents;
    [
        undescribed("/health", Answer::Operation(|request| health(request).into_response())),
        undescribed("/openapi.json", Answer::Document(json)),
        undescribed(json_path, Answer::Document(json)),
        undescribed("/docs", Answer::Page(html)),
        undescribed(html_path, Answer::Page(html)),
    ]
}

const fn undescribed(path: &'static str, answer: Answer) -> Route {
    Route {
        method: Method::GET,
        path,
        answer,
        #[cfg(not(target_family = "wasm"))]
        description: None,
    }
}

/// Declares a service: its name and what it does, and its operations, each by its module. The routes, the exported interfaces
/// and the test of the OpenAPI document come from here.
#[macro_export]
macro_rules! service {
    ($name:literal, $about:literal, [$($($module:ident)::+),* $(,)?]) => {
        /// The routes of the service.
        pub const ROUTES: &[&[$crate::routes::Route]] = &[
            &[$($($module::)+ROUTE),*],
            &$crate::routes::own(
                [concat!("/openapi/", $name, ".json"), concat!("/docs/", $name)],
                include_str!(concat!("../../../contracts/openapi/", $name, ".json")),
                include_str!(concat!("../../../contracts/openapi/", $name, ".html")),
            ),
        ];

        #[cfg(target_family = "wasm")]
        $crate::serve_http!();

        #[cfg(test)]
        mod openapi {
            #[test]
            fn the_openapi_document_and_the_reference_page_say_what_the_code_says() {
                $crate::openapi::assert_is_written($name, $about, super::ROUTES);
            }
        }
    };
}

/// Answers a request by the route that fits; 404 where no path does, and 405 with `Allow` where no method does.
pub fn answer(routes: &[&[Route]], request: Request) -> Response {
    let is_head = request.method == Method::HEAD;
    let method = if is_head { &Method::GET } else { &request.method };
    let of_path = routes.iter().copied().flatten().filter(|route| route.has(request.target.path()));
    let mut response = match of_path.clone().find(|route| route.method == *method) {
        Some(route) => route.answer.answer(request),
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

impl Answer {
    fn answer(self, request: Request) -> Response {
        match self {
            Self::Operation(operation) => operation(request),
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
    allowed.sort_unstable();
    if let Ok(allowed) = HeaderValue::from_str(&allowed.join(",")) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use http::HeaderMap;

    use super::*;

    fn things(request: Request) -> Result<Response, Problem> {
        Ok(respond::with_body(StatusCode::OK, "text/plain", request.segment(0)?))
    }

    fn thing(request: Request) -> Result<Response, Problem> {
        let id = request.id(1)?;
        Ok(respond::with_body(StatusCode::OK, "text/plain", id.to_string()))
    }

    const fn route(method: Method, path: &'static str, answer: fn(Request) -> Response) -> Route {
        Route { method, path, answer: Answer::Operation(answer), description: None }
    }

    const ROUTES: &[&[Route]] = &[
        &[
            route(Method::GET, "/things", |request| things(request).into_response()),
            route(Method::POST, "/things", |request| things(request).into_response()),
        ],
        &[route(Method::GET, "/things/{id}", |request| thing(request).into_response())],
    ];

    fn answer(method: &str, path: &str) -> Response {
        super::answer(
            ROUTES,
            Request {
                method: method.parse().unwrap(),
                target: path.parse().unwrap(),
                headers: HeaderMap::new(),
                body: "".into(),
                fields: PhantomData,
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
    fn an_invalid_identifier_is_a_404() {
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
