use uuid::Uuid;

/// The route of a path, `/orders/{id}` for `/orders/0192…`: spans and metrics need a name that few requests share. Each is a text
/// that is there already, so that a request costs nothing for it.
pub(super) fn route(path: &str) -> &'static str {
    let mut segments = [""; 6];
    let mut count = 0;
    for segment in path.split('/').skip(1) {
        let Some(place) = segments.get_mut(count) else { return UNKNOWN };
        *place = if Uuid::try_parse(segment).is_ok() { ID } else { segment };
        count += 1;
    }
    match &segments[..count] {
        ["orders"] => "/orders",
        ["orders", ID] => "/orders/{id}",
        ["orders", ID, "pay"] => "/orders/{id}/pay",
        ["orders", ID, "cancel"] => "/orders/{id}/cancel",
        ["customers"] => "/customers",
        // A customer's identifier may be any text.
        ["customers", _] => "/customers/{id}",
        ["invoices"] => "/invoices",
        ["invoices", ID] => "/invoices/{id}",
        ["credit-notes"] => "/credit-notes",
        ["credit-notes", ID] => "/credit-notes/{id}",
        ["events"] => "/events",
        ["webhook-endpoints"] => "/webhook-endpoints",
        ["webhook-endpoints", ID] => "/webhook-endpoints/{id}",
        ["webhook-endpoints", ID, "deliveries"] => "/webhook-endpoints/{id}/deliveries",
        ["webhook-endpoints", ID, "deliveries", ID] => "/webhook-endpoints/{id}/deliveries/{id}",
        ["webhook-endpoints", ID, "deliveries", ID, "redeliver"] => {
            "/webhook-endpoints/{id}/deliveries/{id}/redeliver"
        }
        ["health"] => "/health",
        ["docs"] => "/docs",
        ["docs", "orders"] => "/docs/orders",
        ["docs", "invoices"] => "/docs/invoices",
        ["openapi.json"] => "/openapi.json",
        ["openapi", "orders.json"] => "/openapi/orders.json",
        ["openapi", "invoices.json"] => "/openapi/invoices.json",
        _ => UNKNOWN,
    }
}

const ID: &str = "{id}";
const UNKNOWN: &str = "{unknown}";

#[cfg(test)]
mod tests {
    use super::route;

    #[test]
    fn requests_share_few_routes_whatever_their_paths_say() {
        let id = "0198b3a2-7c1e-7000-8000-000000000000";
        for (path, expected) in [
            ("/orders".to_owned(), "/orders"),
            (format!("/orders/{id}/pay"), "/orders/{id}/pay"),
            (format!("/webhook-endpoints/{id}/deliveries/{id}"), "/webhook-endpoints/{id}/deliveries/{id}"),
            ("/customers/anybody".to_owned(), "/customers/{id}"),
            ("/orders/17".to_owned(), "{unknown}"),
            ("/a/b/c/d/e/f/g/h".to_owned(), "{unknown}"),
            ("*".to_owned(), "{unknown}"),
        ] {
            assert_eq!(route(&path), expected, "{path}");
        }
    }
}
