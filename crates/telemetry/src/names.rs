//! Names and attributes of spans, in one place.
//!
//! They follow OpenTelemetry's semantic conventions
//! ([HTTP](https://opentelemetry.io/docs/specs/semconv/http/http-spans/),
//! [databases](https://opentelemetry.io/docs/specs/semconv/db/database-spans/),
//! [messaging](https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/)). What they have no word for
//! begins with `waybill.`. A name has few different values: no identifier and no path is part of one.
//!
//! The trace of one order:
//!
//! | Span | Kind | Service |
//! | --- | --- | --- |
//! | `POST /orders` | server | orders |
//! | `component orders` | internal | orders |
//! | `SELECT customers INSERT orders INSERT outbox …` | client | orders |
//! | `outbox wait` | internal | orders |
//! | `send order.created` | producer | orders |
//! | `process orders` | consumer | invoices |
//! | `component invoices` | internal | invoices |
//! | `INSERT invoices` | client | invoices |

use std::borrow::Cow;

use opentelemetry::KeyValue;

/// The time between the commit of an event and its reading by the relay.
pub const OUTBOX_WAIT: &str = "outbox wait";

/// The longest summary of a statement, in bytes, as the conventions for databases say.
const SUMMARY_LIMIT: usize = 255;

/// The name of a server span: `POST /orders/{id}`, or `POST` for a path that no route matches. A method that HTTP does
/// not know is called `HTTP`, since a client may invent any number of them.
pub fn http_server(method: &str, route: Option<&str>) -> String {
    let method = if known_method(method) { method } else { "HTTP" };
    route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"))
}

/// The request's method; `_OTHER` for one that HTTP does not know.
pub fn http_method(method: &str) -> KeyValue {
    let method = if known_method(method) { method.to_owned() } else { "_OTHER".to_owned() };
    KeyValue::new("http.request.method", method)
}

/// The matched route, such as `/orders/{id}`.
pub fn http_route(route: impl Into<Cow<'static, str>>) -> KeyValue {
    KeyValue::new("http.route", route.into())
}

/// The identifier by which the gateway and the caller know the request, its header `X-Request-Id`. Headers are lists there.
pub fn http_request_id(id: String) -> KeyValue {
    let values = opentelemetry::Array::String(vec![id.into()]);
    KeyValue::new("http.request.header.x-request-id", opentelemetry::Value::Array(values))
}

/// The status code of the response.
pub fn http_status(status: u16) -> KeyValue {
    KeyValue::new("http.response.status_code", i64::from(status))
}

/// The path of the request, without its query.
pub fn url_path(path: &str) -> KeyValue {
    KeyValue::new("url.path", path.to_owned())
}

/// The identifier of the API key by which the caller was known.
pub fn enduser_id(id: &str) -> KeyValue {
    KeyValue::new("enduser.id", id.to_owned())
}

/// The class of an error: a status code, an SQLSTATE, or a short word. Few different values, never a message.
pub fn error_type(class: impl Into<Cow<'static, str>>) -> KeyValue {
    KeyValue::new("error.type", class.into())
}

/// The name of the span around a call into a component: `component orders`.
pub fn component(name: &str) -> String {
    format!("component {name}")
}

/// The component that was called.
pub fn component_name(name: impl Into<Cow<'static, str>>) -> KeyValue {
    KeyValue::new("waybill.component", name.into())
}

/// `postgresql`.
pub fn db_system() -> KeyValue {
    KeyValue::new("db.system.name", "postgresql")
}

/// The database's name.
pub fn db_namespace(name: impl Into<Cow<'static, str>>) -> KeyValue {
    KeyValue::new("db.namespace", name.into())
}

/// The summary of a statement, which is its span's name too.
pub fn db_summary(summary: impl Into<Cow<'static, str>>) -> KeyValue {
    KeyValue::new("db.query.summary", summary.into())
}

/// The statement. It has placeholders and no values, since our statements are constants.
pub fn db_query(sql: &str) -> KeyValue {
    KeyValue::new("db.query.text", sql.to_owned())
}

/// The name of an SQL span: its operations and the tables they touch, as in `INSERT orders INSERT outbox`. `SQL` if
/// there are none.
pub fn sql_summary(sql: &str) -> String {
    let mut words = sql
        .lines()
        // A comment may contain any word.
        .map(|line| line.split_once("--").map_or(line, |(before, _)| before))
        .flat_map(|line| line.split(|letter: char| letter.is_whitespace() || "(),;".contains(letter)))
        .filter(|word| !word.is_empty())
        .map(|word| (word.to_ascii_uppercase(), word))
        .peekable();
    let mut summary = String::new();
    // Whether the next FROM names the table that is read.
    let mut selecting = false;
    while let Some((keyword, _)) = words.next() {
        let operation = match keyword.as_str() {
            "SELECT" => {
                selecting = true;
                continue;
            }
            "EXTRACT" => {
                // `extract(epoch FROM created_at)`: this FROM names no table.
                words.by_ref().find(|(word, _)| word == "FROM");
                continue;
            }
            // `a IS DISTINCT FROM b` names no table either.
            "DISTINCT" if words.peek().is_some_and(|(word, _)| word == "FROM") => {
                words.next();
                continue;
            }
            "INSERT" | "DELETE" => {
                // INTO and FROM stand between the operation and the table.
                words.next();
                keyword.as_str()
            }
            "UPDATE" => "UPDATE",
            "FROM" if selecting => "SELECT",
            _ => continue,
        };
        selecting = false;
        let Some((_, table)) = words.peek().filter(|(word, _)| !matches!(word.as_str(), "SET" | "SELECT"))
        else {
            continue;
        };
        let part = format!("{operation} {table}");
        if summary.len() + part.len() + 1 > SUMMARY_LIMIT {
            break;
        }
        if !summary.is_empty() {
            summary.push(' ');
        }
        summary.push_str(&part);
    }
    if summary.is_empty() { "SQL".to_owned() } else { summary }
}

/// The name of a span that gives a message to a transport: `send order.created`.
pub fn send(destination: &str) -> String {
    format!("send {destination}")
}

/// The name of a span around the handling of a received message: `process orders`.
pub fn process(destination: &str) -> String {
    format!("process {destination}")
}

/// The attributes of a span that sends: its system (`rabbitmq`, `in_process`, …), destination and message.
pub fn sending(system: &'static str, destination: &str, message_id: &str) -> Vec<KeyValue> {
    messaging(system, "send", destination, message_id)
}

/// The attributes of a span that handles a received message.
pub fn processing(system: &'static str, destination: &str, message_id: &str) -> Vec<KeyValue> {
    messaging(system, "process", destination, message_id)
}

/// The message's identifier, which is the event's.
pub fn message_id(id: &str) -> KeyValue {
    KeyValue::new("messaging.message.id", id.to_owned())
}

/// How often the delivery had failed before.
pub fn attempts(attempts: i32) -> KeyValue {
    KeyValue::new("waybill.attempts", i64::from(attempts))
}

/// The order that it is about.
pub fn order_id(id: impl Into<Cow<'static, str>>) -> KeyValue {
    KeyValue::new("waybill.order.id", id.into())
}

fn messaging(
    system: &'static str,
    operation: &'static str,
    destination: &str,
    message_id: &str,
) -> Vec<KeyValue> {
    vec![
        KeyValue::new("messaging.system", system),
        KeyValue::new("messaging.operation.name", operation),
        KeyValue::new("messaging.operation.type", operation),
        KeyValue::new("messaging.destination.name", destination.to_owned()),
        self::message_id(message_id),
    ]
}

fn known_method(method: &str) -> bool {
    matches!(
        method,
        "CONNECT" | "DELETE" | "GET" | "HEAD" | "OPTIONS" | "PATCH" | "POST" | "PUT" | "QUERY" | "TRACE"
    )
}

#[cfg(test)]
mod tests {
    use super::{http_method, http_server, sql_summary};

    #[test]
    fn an_unknown_method_makes_no_name_of_its_own() {
        assert_eq!(http_server("GET", Some("/orders/{id}")), "GET /orders/{id}");
        assert_eq!(http_server("POST", None), "POST");
        assert_eq!(http_server("BREW", Some("/orders")), "HTTP /orders");
        assert_eq!(http_method("BREW").value.as_str(), "_OTHER");
    }

    #[test]
    fn a_statement_is_named_after_its_operations_and_tables() {
        for (sql, summary) in [
            ("SELECT id, now() FROM orders WHERE id = $1", "SELECT orders"),
            (
                "-- delete from x\nWITH o AS (INSERT INTO orders (id) VALUES ($1) RETURNING id)\ninsert into outbox (id) select id from o",
                "INSERT orders INSERT outbox SELECT o",
            ),
            ("DELETE FROM outbox WHERE id = ANY($1)", "DELETE outbox"),
            ("UPDATE outbox SET attempts = 1", "UPDATE outbox"),
            ("SELECT extract(epoch FROM created_at) FROM outbox", "SELECT outbox"),
            (
                "WITH s AS (SELECT a IS NOT DISTINCT FROM $1 AS b) INSERT INTO t SELECT b FROM s",
                "INSERT t SELECT s",
            ),
            ("SELECT DISTINCT a FROM t", "SELECT t"),
            ("SELECT 1", "SQL"),
            ("INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1", "INSERT t"),
            ("", "SQL"),
        ] {
            assert_eq!(sql_summary(sql), summary, "{sql}");
        }
        assert!(sql_summary(&"SELECT a FROM some_table ".repeat(100)).len() <= 255);
    }
}
