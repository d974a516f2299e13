//! What a document says of API keys. It is added to every operation here, by the table that the host checks by, so that no
//! service can forget it.

use serde_json::{Value, json};
use waybill_contracts::scopes_of;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Adds the ways to present a key, and to each operation its scope and the answers to those who lack it.
pub(super) fn describe(document: &mut Value) {
    let mut described = false;
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let Some(scopes) = path.split('/').nth(1).and_then(scopes_of) else { continue };
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let scope = if method == "get" { Some(scopes.read) } else { scopes.write };
            let scope =
                scope.unwrap_or_else(|| panic!("{method} {path} has no scope; add one to waybill_contracts"));
            operation["security"] =
                json!([{ "apiKey": [scope.as_str()] }, { "bearerKey": [scope.as_str()] }]);
            operation["responses"]["401"] = problem(
                "No API key of this service is presented where one is asked for, or several are, or it has ended.",
            );
            operation["responses"]["403"] = problem(&format!("The API key lacks the scope `{scope}`."));
            described = true;
        }
    }
    if described {
        let schemes = &mut document["components"]["securitySchemes"];
        let description =
            "An API key, where they are asked for: beyond the machine that the service runs on.";
        schemes["apiKey"] =
            json!({ "type": "apiKey", "in": "header", "name": "X-API-Key", "description": description });
        schemes["bearerKey"] = json!({ "type": "http", "scheme": "bearer", "description": description });
    }
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_its_scope_and_what_needs_no_key_has_none() {
        let mut document = json!({ "paths": {
            "/orders": { "get": { "responses": {} }, "post": { "responses": {} } },
            "/events": { "post": { "security": [{ "token": [] }], "responses": {} } },
        } });
        describe(&mut document);
        let paths = &document["paths"];
        for (method, scope) in [("get", "orders:read"), ("post", "orders:write")] {
            let operation = &paths["/orders"][method];
            assert_eq!(operation["security"], json!([{ "apiKey": [scope] }, { "bearerKey": [scope] }]));
            assert!(operation["responses"]["403"]["description"].as_str().unwrap().contains(scope));
        }
        assert_eq!(paths["/events"]["post"], json!({ "security": [{ "token": [] }], "responses": {} }));
        assert_eq!(document["components"]["securitySchemes"]["apiKey"]["name"], "X-API-Key");
    }
}
