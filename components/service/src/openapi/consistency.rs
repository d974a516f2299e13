//! What must hold of a document that programs make types of: each name stands for one schema, and each reference for some.

use serde_json::Value;
use utoipa::openapi::OpenApi;

/// The part of a reference before the name of a schema.
const SCHEMAS: &str = "#/components/schemas/";

/// Two types of the same name would be merged to the schema of the first.
///
/// # Panics
/// If the documents have different schemas of one name.
pub(super) fn assert_same_schemas(one: &OpenApi, other: &OpenApi) {
    let (Some(one), Some(other)) = (&one.components, &other.components) else { return };
    for (name, schema) in &other.schemas {
        let differs = one.schemas.get(name).is_some_and(|known| known != schema);
        assert!(!differs, "two schemas are called {name}; name one by `#[schema(as = …)]`");
    }
}

/// # Panics
/// If the document refers to a schema that it does not have.
pub(super) fn assert_resolves(document: &Value) {
    let schemas = &document["components"]["schemas"];
    let mut pending = vec![document];
    while let Some(value) = pending.pop() {
        if let Some(name) = value["$ref"].as_str().and_then(|path| path.strip_prefix(SCHEMAS)) {
            assert!(schemas[name].is_object(), "{name} is referred to and is not there");
        }
        match value {
            Value::Array(elements) => pending.extend(elements),
            Value::Object(members) => pending.extend(members.values()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    use utoipa::openapi::{ComponentsBuilder, OpenApiBuilder};

    use super::*;

    fn with_schema(schema_type: Type) -> OpenApi {
        let schema = ObjectBuilder::new().schema_type(schema_type);
        OpenApiBuilder::new()
            .components(Some(ComponentsBuilder::new().schema("Delivery", schema).build()))
            .build()
    }

    #[test]
    fn the_same_schema_may_come_twice() {
        assert_same_schemas(&with_schema(Type::String), &with_schema(Type::String));
    }

    #[test]
    #[should_panic(expected = "two schemas are called Delivery")]
    fn two_schemas_of_one_name_are_refused() {
        assert_same_schemas(&with_schema(Type::String), &with_schema(Type::Integer));
    }

    #[test]
    #[should_panic(expected = "NewAccount is referred to and is not there")]
    fn a_reference_to_nothing_is_refused() {
        assert_resolves(&json!({
            "paths": { "/orders": [{ "$ref": "#/components/schemas/NewOrder" }] },
            "components": { "schemas": { "NewOrder": { "items": { "$ref": "#/components/schemas/NewAccount" } } } },
        }));
    }
}
