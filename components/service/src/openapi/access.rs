//! What a document says of API keys and tokens.

use serde_json::{Value, json};
use waybill_contracts::Scope;

use super::Access;
use crate::routes::Route;

/// Adds to an operation what a request needs and the answers to those who lack it, and how it is presented.
pub(super) fn describe(document: &mut Value, route: &Route, access: Access) {
    let schemes = &mut document["components"]["securitySchemes"];
    match access {
        Access::Scope(_) => {
            let description = "An API key, required on addresses beyond the service's own machine.";
            schemes["apiKey"] =
                json!({ "type": "apiKey", "in": "header", "name": "X-API-Key", "description": description });
            schemes["bearerKey"] = json!({ "type": "http", "scheme": "bearer", "description": description });
        }
        Access::Token(name) => schemes[name] = json!({ "type": "http", "scheme": "bearer" }),
    }
    let operation = &mut document["paths"][route.path][route.method.as_str().to_lowercase()];
    assert!(operation.is_object(), "{} {} is described", route.method, route.path);
    match access {
        Access::Scope(scope) => describe_scope(operation, scope),
        Access::Token(name) => {
            operation["security"] = json!([{ name: [] }]);
            operation["responses"]["401"] = problem("The token is missing or wrong.");
        }
    }
}

fn describe_scope(operation: &mut Value, scope: Scope) {
    operation["security"] = json!([{ "apiKey": [scope.as_str()] }, { "bearerKey": [scope.as_str()] }]);
    operation["responses"]["401"] =
        problem("The API key is missing, sent more than once, or not valid for this service.");
    operation["responses"]["403"] = problem(&format!("The API key lacks the scope `{scope}`."));
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::routes::Answer;

    #[test]
    fn an_operation_says_its_scope_or_its_token() {
        let mut document = json!({ "paths": {
            "/orders": { "post": { "responses": {} } },
            "/events": { "post": { "responses": {} } },
        } });
        let route =
            |path| Route { method: Method::POST, path, answer: Answer::Document(""), description: None };
        describe(&mut document, &route("/orders"), Access::Scope(Scope::OrdersWrite));
        describe(&mut document, &route("/events"), Access::Token("token"));
        let operation = &document["paths"]["/orders"]["post"];
        let scope = "orders:write";
        assert_eq!(operation["security"], json!([{ "apiKey": [scope] }, { "bearerKey": [scope] }]));
        assert!(operation["responses"]["403"]["description"].as_str().unwrap().contains(scope));
        let operation = &document["paths"]["/events"]["post"];
        assert_eq!(operation["security"], json!([{ "token": [] }]));
        assert!(operation["responses"]["403"].is_null());
        assert_eq!(document["components"]["securitySchemes"]["apiKey"]["name"], "X-API-Key");
    }
}
