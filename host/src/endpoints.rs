//! The endpoints of the services, read once from their OpenAPI documents.
//!
//! Each operation of a service declares its endpoint (`#[endpoint]`), the documents are generated from the declarations, and a test
//! of each service compares the two. So the host needs no component to know the endpoints, and they are declared once: from here
//! come the route names of spans and metrics, the scope that a key needs, and the routes of the gateway.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::Method;
use serde::Deserialize;
use uuid::Uuid;
use waybill_contracts::Scope;

use crate::settings::ComponentName;

const DOCUMENTS: [(ComponentName, &str); 2] = [
    (ComponentName::Orders, include_str!("../../contracts/openapi/orders.json")),
    (ComponentName::Invoices, include_str!("../../contracts/openapi/invoices.json")),
];

/// What no document describes: the documents themselves, and the health of a service.
const UNDESCRIBED: [&str; 7] = [
    "/health",
    "/docs",
    "/docs/orders",
    "/docs/invoices",
    "/openapi.json",
    "/openapi/orders.json",
    "/openapi/invoices.json",
];

static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(read);

/// Requests of one method to one path.
#[derive(Debug)]
pub struct Endpoint {
    /// The service that serves them.
    pub service: ComponentName,
    pub method: Method,
    /// The path, with names in braces in place of what differs between requests.
    pub path: &'static str,
    /// What a request needs.
    pub needs: Needs,
    /// Whether it answers a page of a list, as long as the parameter `limit` says.
    pub is_list: bool,
    /// Whether it answers a document, in the language of `Accept-Language`.
    pub is_document: bool,
    segments: Vec<Segment>,
}

/// What a request needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Needs {
    /// An API key with this scope.
    Scope(Scope),
    /// A token, which the service checks itself.
    Token,
}

#[derive(Clone, Copy, Debug)]
enum Segment {
    Text(&'static str),
    Uuid,
    AnyText,
}

/// All endpoints that are described.
pub fn endpoints() -> &'static [Endpoint] {
    &ENDPOINTS
}

/// The route of a path, `/orders/{id}` for `/orders/0192…`: spans and metrics need a name that few requests share. Each is part of
/// a document, so that a request allocates nothing for it.
pub fn route(path: &str) -> &'static str {
    let described = endpoints().iter().find(|endpoint| endpoint.fits(path)).map(|endpoint| endpoint.path);
    described.or_else(|| UNDESCRIBED.into_iter().find(|known| *known == path)).unwrap_or("{unknown}")
}

impl Endpoint {
    /// The first segment of the path: `orders` of `/orders/{id}/pay`.
    pub fn resource(&self) -> &'static str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// The scope, if it needs one.
    pub fn scope(&self) -> Option<Scope> {
        match self.needs {
            Needs::Scope(scope) => Some(scope),
            Needs::Token => None,
        }
    }

    /// Whether its service routes this path to it, as it is: nothing of it is decoded.
    pub fn has(&self, path: &str) -> bool {
        self.compare(path, |segment, given| match segment {
            Segment::Text(text) => text == given,
            Segment::Uuid | Segment::AnyText => !given.is_empty(),
        })
    }

    /// Whether a resource can exist at this path: unlike [`has`](Self::has), identifiers must be valid.
    fn fits(&self, path: &str) -> bool {
        self.compare(path, |segment, given| match segment {
            Segment::Text(text) => text == given,
            Segment::Uuid => Uuid::try_parse(given).is_ok(),
            Segment::AnyText => true,
        })
    }

    fn compare(&self, path: &str, is_same: impl Fn(Segment, &str) -> bool) -> bool {
        let mut given = path.split('/').skip(1);
        let mut segments = self.segments.iter();
        segments.all(|segment| given.next().is_some_and(|given| is_same(*segment, given)))
            && given.next().is_none()
    }
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    paths: BTreeMap<&'a str, BTreeMap<&'a str, Operation>>,
}

#[derive(Deserialize)]
struct Operation {
    security: Vec<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    schema: Schema,
}

#[derive(Deserialize)]
struct Schema {
    format: Option<String>,
}

/// The documents are part of the program and held by tests, so nothing in them can be unreadable at run time.
fn read() -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for (service, document) in DOCUMENTS {
        let document: Document = serde_json::from_str(document).expect("the document describes operations");
        for (path, operations) in document.paths {
            for (method, operation) in operations {
                endpoints.push(Endpoint {
                    service,
                    method: method.to_uppercase().parse().expect("a method"),
                    path,
                    needs: operation.needs(),
                    is_list: operation.takes("limit"),
                    is_document: operation.takes("Accept-Language"),
                    segments: path.split('/').skip(1).map(|segment| operation.segment(segment)).collect(),
                });
            }
        }
    }
    endpoints
}

impl Operation {
    fn needs(&self) -> Needs {
        let scope = self.security.iter().find_map(|way| way.get("apiKey")?.first());
        scope.map_or(Needs::Token, |scope| Needs::Scope(scope.parse().expect("a scope")))
    }

    fn takes(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
    }

    fn segment(&self, text: &'static str) -> Segment {
        let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
            return Segment::Text(text);
        };
        let is_uuid = |parameter: &Parameter| {
            parameter.name == name && parameter.schema.format.as_deref() == Some("uuid")
        };
        if self.parameters.iter().any(is_uuid) { Segment::Uuid } else { Segment::AnyText }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_share_few_routes_whatever_their_paths_say() {
        let id = "0198b3a2-7c1e-7000-8000-000000000000";
        for (path, expected) in [
            ("/orders".to_owned(), "/orders"),
            (format!("/orders/{id}/pay"), "/orders/{id}/pay"),
            (
                format!("/webhook-endpoints/{id}/deliveries/{id}"),
                "/webhook-endpoints/{id}/deliveries/{eventId}",
            ),
            ("/customers/anybody".to_owned(), "/customers/{id}"),
            ("/events".to_owned(), "/events"),
            ("/docs/invoices".to_owned(), "/docs/invoices"),
            ("/health".to_owned(), "/health"),
            ("/orders/17".to_owned(), "{unknown}"),
            ("/orders/".to_owned(), "{unknown}"),
            ("/a/b/c/d/e/f/g/h".to_owned(), "{unknown}"),
            ("*".to_owned(), "{unknown}"),
        ] {
            assert_eq!(route(&path), expected, "{path}");
        }
    }

    #[test]
    fn each_endpoint_has_a_route_of_its_own() {
        let id = "0198b3a2-7c1e-7000-8000-000000000000";
        for endpoint in endpoints() {
            let path: Vec<&str> =
                endpoint.path.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
            assert_eq!(route(&path.join("/")), endpoint.path);
        }
    }

    #[test]
    fn each_scope_is_that_of_an_endpoint() {
        for scope in Scope::ALL {
            assert!(endpoints().iter().any(|endpoint| endpoint.scope() == Some(scope)), "{scope}");
        }
    }

    /// The host and the service could otherwise take a request for two different ones.
    #[test]
    fn endpoints_that_share_a_path_and_a_method_need_the_same() {
        for one in endpoints() {
            for other in endpoints() {
                let is_shared = one.method == other.method && one.has(other.path);
                assert!(!is_shared || one.needs == other.needs, "{} and {}", one.path, other.path);
            }
        }
    }
}
