//! What a request needs, by its service, method and path.

use http::Method;
use waybill_contracts::Scope;

use crate::endpoints::{Endpoint, Needs, endpoints};
use crate::settings::ComponentName;

/// What a request needs to be admitted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rule {
    /// Nothing: the answer has no customer's data, or the service asks for a token of its own.
    Open,
    /// A key with this scope.
    Scope(Scope),
    /// Any key, and the request is refused: the API does not change this, so no scope allows it.
    ReadOnly,
    /// Any key. The service has no such path, and says so.
    AnyKey,
}

impl Rule {
    /// The rule of a request: that of its endpoint. A request that no endpoint of its resource takes, and which the service
    /// therefore refuses, needs a key of the resource all the same. The path is compared as it is, as the components' router does.
    pub(super) fn of(service: ComponentName, method: &Method, path: &str) -> Self {
        let resource = path.split('/').nth(1).unwrap_or_default();
        if path == "/health" || matches!(resource, "docs" | "openapi" | "openapi.json") {
            return Self::Open;
        }
        let own = || endpoints().iter().filter(|endpoint| endpoint.service == service);
        let fitting = || own().filter(|endpoint| endpoint.has(path));
        // The component compares its token, whatever the method; see components/invoices/src/events_token.rs.
        if fitting().any(|endpoint| endpoint.needs == Needs::Token) {
            return Self::Open;
        }
        let is_read = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let method = if is_read { &Method::GET } else { method };
        if let Some(scope) = fitting().find(|endpoint| endpoint.method == *method).and_then(Endpoint::scope) {
            return Self::Scope(scope);
        }
        let mut of_resource =
            own().filter(|endpoint| endpoint.resource() == resource && endpoint.scope().is_some());
        if of_resource.clone().next().is_none() {
            return Self::AnyKey;
        }
        let same_kind = of_resource.find(|endpoint| (endpoint.method == Method::GET) == is_read);
        same_kind.and_then(Endpoint::scope).map_or(Self::ReadOnly, Self::Scope)
    }
}

/// Whether an endpoint of the service needs the scope: its database has the keys with that scope.
pub fn is_scope_of(service: ComponentName, scope: Scope) -> bool {
    endpoints().iter().any(|endpoint| endpoint.service == service && endpoint.scope() == Some(scope))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::presented::EVENTS;

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
            (Invoices, "GET", "/seller", Rule::Scope(Scope::SellerRead)),
            (Invoices, "PUT", "/seller", Rule::Scope(Scope::SellerWrite)),
            (Invoices, "GET", "/series", Rule::Scope(Scope::SeriesRead)),
            (Invoices, "PUT", "/series", Rule::Scope(Scope::SeriesWrite)),
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
    fn paths_without_customer_data_are_open() {
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
    fn each_endpoint_needs_the_scope_that_its_document_states() {
        for endpoint in endpoints() {
            let rule = rule(endpoint.service, endpoint.method.as_str(), endpoint.path);
            match endpoint.needs {
                Needs::Scope(scope) => {
                    assert_eq!(rule, Rule::Scope(scope));
                    let other = [ComponentName::Orders, ComponentName::Invoices]
                        .into_iter()
                        .find(|other| *other != endpoint.service)
                        .unwrap();
                    assert!(!is_scope_of(other, scope), "{} is a scope of one service", scope.as_str());
                }
                Needs::Token => assert_eq!((rule, endpoint.path), (Rule::Open, EVENTS)),
            }
        }
    }
}
