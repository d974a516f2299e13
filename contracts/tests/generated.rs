//! The generated documents agree with the types.
//!
//! `WAYBILL_WRITE_CONTRACTS=1 cargo test --package waybill-contracts` writes them anew.

use std::path::Path;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};
use waybill_contracts::{
    EXCHANGE, INVOICE_CREDITED, INVOICE_ISSUED, INVOICE_PAID, InvoiceEvent, ORDER_CANCELED, ORDER_CREATED,
    ORDER_PAID, ORDERS_QUEUE, OrderChanged, OrderCreated, SPEC_VERSION,
};

#[test]
fn each_event_has_a_json_schema() -> Result<()> {
    for (event, schema) in events() {
        let name = format!("events/{event}.schema.json");
        is_written(
            &name,
            &schema,
            |text| Ok(serde_json::from_str(text)?),
            |schema| Ok(serde_json::to_string_pretty(schema)? + "\n"),
        )?;
    }
    Ok(())
}

#[test]
fn the_channel_of_the_events_is_described() -> Result<()> {
    let read = |text: &str| Ok(serde_saphyr::from_str(text)?);
    is_written("asyncapi.yaml", &asyncapi(), read, |document| Ok(serde_saphyr::to_string(document)?))
}

/// A reader of a schema must not refuse what a later producer adds.
#[test]
fn no_schema_forbids_further_members() {
    for (event, schema) in events() {
        assert!(!schema.to_string().contains("additionalProperties"), "{event}");
    }
}

fn events() -> [(&'static str, Value); 6] {
    [
        (ORDER_CREATED, schema::<OrderCreated>(ORDER_CREATED)),
        (ORDER_PAID, schema::<OrderChanged>(ORDER_PAID)),
        (ORDER_CANCELED, schema::<OrderChanged>(ORDER_CANCELED)),
        (INVOICE_ISSUED, schema::<InvoiceEvent>(INVOICE_ISSUED)),
        (INVOICE_PAID, schema::<InvoiceEvent>(INVOICE_PAID)),
        (INVOICE_CREDITED, schema::<InvoiceEvent>(INVOICE_CREDITED)),
    ]
}

fn schema<T: JsonSchema>(title: &str) -> Value {
    let mut schema = schema_for!(T).to_value();
    schema["title"] = title.into();
    schema
}

/// AsyncAPI 3: <https://www.asyncapi.com/docs/reference/specification/v3.0.0>
fn asyncapi() -> Value {
    let messages: serde_json::Map<String, Value> = [
        (ORDER_CREATED, "An order was taken."),
        (ORDER_PAID, "An order was paid."),
        (ORDER_CANCELED, "An order was canceled."),
    ]
    .into_iter()
    .map(|(name, summary)| {
        let message = json!({
            "name": name,
            "summary": summary,
            "contentType": "application/json",
            "headers": {
                "type": "object",
                "properties": {
                    "traceparent": { "type": "string", "description": "W3C Trace Context of the request." },
                    "tracestate": { "type": "string" },
                },
            },
            "payload": { "$ref": format!("./events/{name}.schema.json") },
            "bindings": { "amqp": { "messageType": name } },
        });
        (name.to_owned(), message)
    })
    .collect();
    let webhooks: serde_json::Map<String, Value> = [
        (INVOICE_ISSUED, "An invoice was written."),
        (INVOICE_PAID, "An invoice was paid."),
        (INVOICE_CREDITED, "A credit note took an invoice back."),
    ]
    .into_iter()
    .map(|(name, summary)| (name.to_owned(), webhook(name, summary)))
    .collect();
    let of_channel = |channel: &str, messages: &serde_json::Map<String, Value>| -> Vec<Value> {
        messages
            .keys()
            .map(|name| json!({ "$ref": format!("#/channels/{channel}/messages/{name}") }))
            .collect()
    };
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Waybill's events",
            "version": SPEC_VERSION,
            "description": "What happens to orders and invoices. Members are added within a version; a receiver ignores those that it \
                            does not know. An event may come more than once and in any order.",
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "channels": {
            "orders": {
                "address": "order.{what}",
                "title": "Events of orders",
                "description": format!("Routing keys of the exchange; the queue `{ORDERS_QUEUE}` is bound to all of them."),
                "parameters": { "what": { "enum": ["created", "paid", "canceled"] } },
                "messages": messages.clone(),
                "bindings": { "amqp": {
                    "is": "routingKey",
                    "exchange": { "name": EXCHANGE, "type": "topic", "durable": true, "autoDelete": false, "vhost": "/" },
                } },
            },
            "webhooks": {
                "address": null,
                "title": "Events of invoices",
                "description": "Posted to the address of each webhook endpoint that wants them.",
                "messages": webhooks.clone(),
            },
        },
        "operations": {
            "post": {
                "action": "send",
                "summary": "Each event is posted until it is answered with 2xx, for three days.",
                "channel": { "$ref": "#/channels/webhooks" },
                "messages": of_channel("webhooks", &webhooks),
                "bindings": { "http": { "method": "POST" } },
            },
            "publish": {
                "action": "send",
                "summary": "The relay publishes each event of the outbox, with confirms.",
                "channel": { "$ref": "#/channels/orders" },
                "messages": of_channel("orders", &messages),
                "bindings": { "amqp": { "deliveryMode": 2, "mandatory": true, "timestamp": true } },
            },
            "consume": {
                "action": "receive",
                "summary": "The invoices service takes each event in.",
                "channel": { "$ref": "#/channels/orders" },
                "messages": of_channel("orders", &messages),
                "bindings": { "amqp": { "ack": true } },
            },
        },
    })
}

/// The message of a webhook, by Standard Webhooks: <https://www.standardwebhooks.com>
fn webhook(name: &str, summary: &str) -> Value {
    json!({
        "name": name,
        "summary": summary,
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
            "properties": {
                "webhook-id": { "type": "string", "description": "The event: the same at every attempt." },
                "webhook-timestamp": { "type": "string", "description": "Seconds since 1970 at the attempt." },
                "webhook-signature": {
                    "type": "string",
                    "description": "`v1,` and the base64 of the HMAC-SHA256 of id, timestamp and body, joined by dots.",
                },
            },
        },
        "payload": { "$ref": format!("./events/{name}.schema.json") },
    })
}

/// Compares a document with what it has to say, or writes it where that is asked for. The order of members does not matter.
fn is_written(
    name: &str,
    expected: &Value,
    read: impl Fn(&str) -> Result<Value>,
    write: impl Fn(&Value) -> Result<String>,
) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if env::var_os("WAYBILL_WRITE_CONTRACTS").is_some() {
        fs::create_dir_all(path.parent().context("a folder")?)?;
        return Ok(fs::write(path, write(expected)?)?);
    }
    let written = read(&fs::read_to_string(&path).with_context(|| name.to_owned())?)?;
    ensure!(
        written == *expected,
        "contracts/{name} is not what the types say; write it anew by \
         `WAYBILL_WRITE_CONTRACTS=1 cargo test --package waybill-contracts`"
    );
    Ok(())
}
