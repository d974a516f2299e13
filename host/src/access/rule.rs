//! What a request needs, by its service, method and path.

use http::Method;
use waybill_contracts::{Scope, scopes_of};

use super::EVENTS;
use crate::settings::ComponentName;

/// What a request needs to be let in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rule {
    /// Nothing: it tells nothing of anybody, or asks for a token of its own.
    Open,
    /// A key with this scope.
    Scope(Scope),
    /// Any key. Nobody changes this by the API, so what no scope is for is not let through.
    ReadOnly,
    /// Any key. The service has no such path, and says so.
    AnyKey,
}

impl Rule {
    /// The rule of a request. The path is compared as it is, as the components' router does: none of them decodes its first
    /// segment.
    pub(super) fn of(service: ComponentName, method: &Method, path: &str) -> Self {
        let resource = path.split('/').nth(1).unwrap_or_default();
        match (path, resource) {
            ("/health", _) | (_, "docs" | "openapi" | "openapi.json") => return Self::Open,
            // The component compares its token; see components/invoices/src/events_token.rs.
            (EVENTS, _) if service == ComponentName::Invoices => return Self::Open,
            _ => {}
        }
        let Some(scopes) = scopes_of(resource).filter(|scopes| service_of(scopes.read) == service) else {
            return Self::AnyKey;
        };
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return Self::Scope(scopes.read);
        }
        scopes.write.map_or(Self::ReadOnly, Self::Scope)
    }
}

/// The service that a scope is of, in whose database a key of that scope is kept.
pub fn service_of(scope: Scope) -> ComponentName {
    match scope {
        Scope::OrdersRead | Scope::OrdersWrite | Scope::CustomersRead | Scope::CustomersWrite => {
            ComponentName::Orders
        }
        Scope::InvoicesRead | Scope::WebhooksRead | Scope::WebhooksWrite => ComponentName::Invoices,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn rule(service: ComponentName, method: &str, path: &str) -> Rule {
        Rule::of(service, &method.parse().unwrap(), path)
    }

    #[test]
    fn each_path_needs_what_it_should() {
        use ComponentName::{Invoices, Orders};
        for (service, method, path, needed) in [
            (Orders, "GET", "/orders", Rule::Scope(Scope::OrdersRead)),
            (Orders, "HEAD", "/orders/1", Rule::Scope(Scope::OrdersRead)),
            (Orders, "POST", "/orders", Rule::Scope(Scope::OrdersWrite)),
            (Orders, "POST", "/orders/1/pay", Rule::Scope(Scope::OrdersWrite)),
            (Orders, "BREW", "/orders", Rule::Scope(Scope::OrdersWrite)),
            (Orders, "GET", "/customers/a%2Fb", Rule::Scope(Scope::CustomersRead)),
            (Orders, "PATCH", "/customers/1", Rule::Scope(Scope::CustomersWrite)),
            (Invoices, "GET", "/invoices/1", Rule::Scope(Scope::InvoicesRead)),
            (Invoices, "GET", "/credit-notes/1", Rule::Scope(Scope::InvoicesRead)),
            (Invoices, "POST", "/invoices", Rule::ReadOnly),
            (Invoices, "GET", "/webhook-endpoints", Rule::Scope(Scope::WebhooksRead)),
            (Invoices, "DELETE", "/webhook-endpoints/1", Rule::Scope(Scope::WebhooksWrite)),
            (
                Invoices,
                "POST",
                "/webhook-endpoints/1/deliveries/2/redeliver",
                Rule::Scope(Scope::WebhooksWrite),
            ),
        ] {
            assert_eq!(rule(service, method, path), needed, "{method} {path}");
        }
    }

    #[test]
    fn what_tells_nothing_of_anybody_is_open() {
        for service in [ComponentName::Orders, ComponentName::Invoices] {
            for path in ["/health", "/docs", "/docs/orders", "/openapi.json", "/openapi/orders.json"] {
                assert_eq!(rule(service, "GET", path), Rule::Open, "{path}");
            }
        }
        assert_eq!(rule(ComponentName::Invoices, "POST", "/events"), Rule::Open);
    }

    #[test]
    fn what_a_service_does_not_serve_needs_any_key() {
        let paths = [
            "",
            "/",
            "*",
            "//orders",
            "/Orders",
            "/%6frders",
            "/ordersx",
            "/health/",
            "/healthx",
            "/nothing",
        ];
        for path in paths.into_iter().chain(["/invoices", "/events", "/events/"]) {
            assert_eq!(rule(ComponentName::Orders, "GET", path), Rule::AnyKey, "{path}");
        }
        for path in ["/orders", "/events/", "/events/1"] {
            assert_eq!(rule(ComponentName::Invoices, "POST", path), Rule::AnyKey, "{path}");
        }
    }

    #[test]
    fn each_operation_that_is_described_has_a_scope() {
        let documents = [
            (ComponentName::Orders, include_str!("../../../contracts/openapi/orders.json")),
            (ComponentName::Invoices, include_str!("../../../contracts/openapi/invoices.json")),
        ];
        for (service, document) in documents {
            let document: Value = serde_json::from_str(document).unwrap();
            for (path, item) in document["paths"].as_object().unwrap() {
                for method in ["get", "post", "put", "patch", "delete"]
                    .into_iter()
                    .filter(|method| item[method].is_object())
                {
                    let rule = rule(service, &method.to_uppercase(), path);
                    assert!(path == EVENTS || matches!(rule, Rule::Scope(_)), "{method} {path}: {rule:?}");
                }
            }
        }
    }
}
