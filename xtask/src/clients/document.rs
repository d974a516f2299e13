//! One OpenAPI document of what the gateway offers, in the form that types are made of.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// The part of a reference before the name of a schema.
const SCHEMAS: &str = "#/components/schemas/";

/// The same in the schema of an event.
const DEFINITIONS: &str = "#/$defs/";

/// What brokers call, and clients do not.
const NOT_FOR_CLIENTS: &str = "/events";

type Object = Map<String, Value>;

/// Both services in one document. Where they call different schemas the same, that of the invoices service becomes `Invoice…`.
pub fn merged(orders: &Value, invoices: &Value) -> Result<Value> {
    let mut merged = orders.clone();
    let known = object(&mut merged, "/components/schemas")?.clone();
    let new_name = |name: &str, schema: &Value| match known.get(name) {
        Some(other) if other != schema => format!("Invoice{name}"),
        _ => name.to_owned(),
    };
    let mut invoices = invoices.clone();
    let schemas = object(&mut invoices, "/components/schemas")?.clone();
    rename(&mut invoices, &|name| schemas.get(name).map(|schema| new_name(name, schema)));
    let renamed = object(&mut invoices, "/components/schemas")?.clone();
    for (name, schema) in renamed {
        let name = new_name(&name, &schemas[&name]);
        let replaced = object(&mut merged, "/components/schemas")?.insert(name.clone(), schema.clone());
        if replaced.is_some_and(|replaced| replaced != schema) {
            bail!("{name} is the same in both services, but what it refers to differs");
        }
    }
    let paths = object(&mut merged, "/paths")?;
    for (path, operations) in object(&mut invoices, "/paths")?.clone() {
        if path != NOT_FOR_CLIENTS && paths.insert(path.clone(), operations).is_some() {
            bail!("both services have {path}");
        }
    }
    merged["info"]["title"] = "Waybill".into();
    Ok(merged)
}

/// The document with the schema of webhooks, where each object has a name of its own and all of its members, and any may have
/// further ones: what a later version adds to an answer is no error of an earlier client.
pub fn for_types(mut document: Value, mut event: Value) -> Result<Value> {
    rename(&mut event, &|_| None);
    let definitions = object(&mut event, "/$defs")?.clone();
    let schemas = object(&mut document, "/components/schemas")?;
    schemas.extend(definitions);
    let mut properties = event["properties"].take();
    properties["type"]["enum"] = json!(["invoice.issued", "invoice.paid", "invoice.credited"]);
    let of_event = json!({
        "type": "object",
        "description": event["description"],
        "properties": properties,
        "required": event["required"],
    });
    schemas.insert("InvoiceEvent".to_owned(), of_event);
    let all = schemas.clone();
    for schema in schemas.values_mut() {
        flatten(schema, &all)?;
    }
    let mut named = Object::new();
    for (name, schema) in schemas.iter_mut() {
        name_members(name, schema, &mut named);
    }
    for (name, schema) in named {
        if schemas.insert(name.clone(), schema).is_some() {
            bail!("two schemas would be called {name}");
        }
    }
    open(&mut document);
    Ok(document)
}

fn object<'a>(document: &'a mut Value, pointer: &str) -> Result<&'a mut Object> {
    let found = document.pointer_mut(pointer).and_then(Value::as_object_mut);
    found.with_context(|| format!("a contract has no {pointer}"))
}

/// Gives references their new names, if there are any.
fn rename(value: &mut Value, new_name: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename(element, new_name)),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                let name = reference.strip_prefix(SCHEMAS).or_else(|| reference.strip_prefix(DEFINITIONS));
                if let Some(name) = name {
                    *reference = format!("{SCHEMAS}{}", new_name(name).unwrap_or_else(|| name.to_owned()));
                }
            }
            members.values_mut().for_each(|member| rename(member, new_name));
        }
        _ => {}
    }
}

/// Makes one object of one that has those of others: a dictionary in Python cannot make a member required that another leaves out.
fn flatten(schema: &mut Value, all: &Object) -> Result<()> {
    let Some(parts) = schema["allOf"].as_array().cloned() else { return Ok(()) };
    let (mut properties, mut required) = (Object::new(), Vec::new());
    for mut part in parts {
        if let Some(name) = part["$ref"].as_str().and_then(|reference| reference.strip_prefix(SCHEMAS)) {
            part = all.get(name).with_context(|| format!("there is no schema {name}"))?.clone();
        }
        flatten(&mut part, all)?;
        properties.extend(object(&mut part, "/properties")?.clone());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    let description = &schema["description"];
    *schema = json!({
        "type": "object", "description": description, "properties": properties, "required": required,
    });
    Ok(())
}

/// Gives each object within another a name of its own: that of the outer one and of the member.
fn name_members(outer: &str, schema: &mut Value, named: &mut Object) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (member, schema) in properties {
        if schema["properties"].is_object() {
            let (initial, rest) = member.split_at(1);
            let name = format!("{outer}{}{rest}", initial.to_uppercase());
            name_members(&name, schema, named);
            let reference = json!({ "$ref": format!("{SCHEMAS}{name}") });
            named.insert(name, std::mem::replace(schema, reference));
        }
    }
}

fn open(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(open),
        Value::Object(members) => {
            if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.remove("additionalProperties");
            }
            members.values_mut().for_each(open);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(path: &str, schemas: &Value) -> Value {
        let reference = json!({ "$ref": "#/components/schemas/Customer" });
        json!({ "info": {}, "paths": { path: reference }, "components": { "schemas": schemas } })
    }

    fn event() -> Value {
        json!({
            "$defs": { "Snapshot": { "type": "object" } },
            "description": "An event.",
            "properties": { "type": { "type": "string" }, "data": { "$ref": "#/$defs/Snapshot" } },
            "required": ["type"],
        })
    }

    #[test]
    fn a_schema_that_differs_between_the_services_has_two_names() {
        let orders =
            service("/orders", &json!({ "Customer": { "type": "object" }, "Line": { "type": "object" } }));
        let invoices =
            service("/invoices", &json!({ "Customer": { "type": "string" }, "Line": { "type": "object" } }));
        let merged = merged(&orders, &invoices).unwrap();
        assert_eq!(
            merged["components"]["schemas"],
            json!({
                "Customer": { "type": "object" },
                "InvoiceCustomer": { "type": "string" },
                "Line": { "type": "object" },
            })
        );
        assert_eq!(merged["paths"]["/orders"]["$ref"], "#/components/schemas/Customer");
        assert_eq!(merged["paths"]["/invoices"]["$ref"], "#/components/schemas/InvoiceCustomer");
    }

    #[test]
    fn what_brokers_call_is_left_out_and_a_path_of_both_is_refused() {
        let schemas = json!({ "Customer": {} });
        let (orders, events) = (service("/orders", &schemas), service("/events", &schemas));
        let merged_paths = merged(&orders, &events).unwrap()["paths"].clone();
        assert_eq!(merged_paths.as_object().unwrap().keys().collect::<Vec<_>>(), ["/orders"]);
        assert!(merged(&orders, &orders).is_err());
    }

    #[test]
    fn each_object_has_all_of_its_members_and_a_name() {
        let part = json!({ "type": "object", "properties": { "dueDate": { "type": "string" } } });
        let order = json!({
            "description": "An order.",
            "allOf": [
                { "$ref": "#/components/schemas/Details" },
                { "properties": { "payment": { "properties": { "card": part } } }, "required": ["payment"] },
            ],
        });
        let document = service("/orders", &json!({ "Details": part, "Order": order }));
        let document = for_types(document, event()).unwrap();
        let schemas = &document["components"]["schemas"];
        assert_eq!(
            schemas["Order"],
            json!({
                "type": "object",
                "description": "An order.",
                "properties": {
                    "dueDate": { "type": "string" },
                    "payment": { "$ref": "#/components/schemas/OrderPayment" },
                },
                "required": ["payment"],
            })
        );
        assert_eq!(
            schemas["OrderPayment"]["properties"]["card"]["$ref"],
            "#/components/schemas/OrderPaymentCard"
        );
        assert_eq!(schemas["OrderPaymentCard"], part);
        assert_eq!(schemas["InvoiceEvent"]["properties"]["data"]["$ref"], "#/components/schemas/Snapshot");
    }

    #[test]
    fn any_object_may_have_further_members() {
        let closed = json!({ "New": { "additionalProperties": false, "properties": {} } });
        let document = for_types(service("/orders", &closed), event()).unwrap();
        assert_eq!(document["components"]["schemas"]["New"], json!({ "properties": {} }));
    }
}
