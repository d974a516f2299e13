//! An OpenAPI document as a page to read, complete in itself, so that it can be read without a network.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

const STYLE: &str = concat!(include_str!("../../../design/tokens.css"), include_str!("reference_page.css"));

/// Without links: a service's own address has its own reference only.
const BOTH: &str = "<p>Through a gateway, the address of orders and customers is <code>/docs/orders</code>, and that of invoices \
    and sellers is <code>/docs/invoices</code>.</p>";

/// The parts of a path that operations are looked for in, in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Renders the page.
pub fn render(document: &Value) -> String {
    let title = escaped(text(&document["info"]["title"]));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{}</p>\n{BOTH}\n",
        prose(&document["info"]["description"])
    );
    let mut operations = String::new();
    page += "<nav><ul>\n";
    // Sorted, whatever order the document's members are in.
    for (path, item) in sorted(&document["paths"]) {
        for method in METHODS.into_iter().filter(|method| item[method].is_object()) {
            let operation = &item[method];
            let id = escaped(text(&operation["operationId"]));
            let (method, path) = (method.to_uppercase(), escaped(path));
            let _ = writeln!(page, "<li><a href=\"#{id}\"><code>{method} {path}</code></a></li>");
            let _ = writeln!(operations, "<h2 id=\"{id}\"><code><b>{method}</b> {path}</code></h2>");
            show_operation(&mut operations, operation);
        }
    }
    page += "</ul></nav>\n";
    page += &operations;
    page += "<h2 id=\"schemas\">Schemas</h2>\n";
    for (name, schema) in sorted(&document["components"]["schemas"]) {
        let name = escaped(name);
        let _ = writeln!(page, "<h3 id=\"schema-{name}\"><code>{name}</code></h3>");
        show_schema(&mut page, schema);
    }
    page + "</main>\n</body>\n</html>\n"
}

fn show_operation(page: &mut String, operation: &Value) {
    let _ = writeln!(page, "<p>{}</p>", prose(&operation["summary"]));
    if operation["description"].is_string() {
        let _ = writeln!(page, "<p>{}</p>", prose(&operation["description"]));
    }
    if let Some(scope) = operation.pointer("/security/0/apiKey/0").map(text) {
        let _ = writeln!(page, "<p>Scope of the API key: <code>{}</code></p>", escaped(scope));
    }
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        page.push_str("<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>\n");
        for parameter in parameters {
            let _ = writeln!(
                page,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(text(&parameter["name"])),
                escaped(text(&parameter["in"])),
                kind(&parameter["schema"]),
                prose(&parameter["description"])
            );
        }
        page.push_str("</tbody></table>\n");
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        let bodies: Vec<String> = content.values().map(|media| kind(&media["schema"])).collect();
        let _ = writeln!(page, "<p>Body: {}</p>", bodies.join(", "));
    }
    page.push_str("<table><thead><tr><th>Answer</th><th>Body</th><th>When</th></tr></thead><tbody>\n");
    for (status, response) in sorted(&operation["responses"]) {
        let bodies: Vec<String> = sorted(&response["content"])
            .into_iter()
            .map(|(media_type, media)| {
                format!("{} <code>{}</code>", kind(&media["schema"]), escaped(media_type))
            })
            .collect();
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(status),
            bodies.join("<br>"),
            prose(&response["description"])
        );
    }
    page.push_str("</tbody></table>\n");
}

fn show_schema(page: &mut String, schema: &Value) {
    let _ = writeln!(page, "<p>{}</p>", prose(&schema["description"]));
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let properties = sorted(&schema["properties"]);
    if properties.is_empty() {
        return;
    }
    page.push_str("<table><thead><tr><th>Member</th><th>Type</th><th>Meaning</th></tr></thead><tbody>\n");
    for (name, property) in properties {
        let optional = if required.iter().any(|member| member == name) { "" } else { ", optional" };
        let _ = writeln!(
            page,
            "<tr><td><code>{}</code></td><td>{}{optional}</td><td>{}</td></tr>",
            escaped(name),
            kind(property),
            prose(&property["description"])
        );
    }
    page.push_str("</tbody></table>\n");
}

/// What a value is, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words
            .iter()
            .map(|word| format!("<code>{}</code>", escaped(text(word))))
            .collect::<Vec<_>>()
            .join(", ");
    }
    let kind_of = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        one => text(one).to_owned(),
    };
    if schema["items"].is_object() {
        return format!("{} of {}", escaped(&kind_of), kind(&schema["items"]));
    }
    match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => format!("{}, {least} to {most}", escaped(&kind_of)),
        (Some(least), None) => format!("{}, from {least}", escaped(&kind_of)),
        _ => escaped(&kind_of),
    }
}

fn sorted(object: &Value) -> BTreeMap<&str, &Value> {
    object.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value)).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A description's text, with what stands between backticks as code.
fn prose(value: &Value) -> String {
    let mut html = String::new();
    for (number, part) in text(value).split('`').enumerate() {
        html += match number {
            0 => "",
            odd if odd % 2 == 1 => "<code>",
            _ => "</code>",
        };
        html += &escaped(part);
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_page_shows_operations_and_schemas_and_needs_nothing_from_elsewhere() {
        let document = json!({
            "info": { "title": "A <service>", "description": "It serves `a < b`." },
            "paths": { "/things/{id}": { "get": {
                "operationId": "show_thing",
                "summary": "Shows a thing.",
                "security": [{ "apiKey": ["things:read"] }],
                "parameters": [{ "name": "id", "in": "path", "schema": { "type": "string" } }],
                "responses": { "200": { "description": "The thing.", "content": {
                    "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } },
                } } },
            } } },
            "components": { "schemas": { "Thing": {
                "description": "A thing.",
                "required": ["size"],
                "properties": { "size": { "type": "integer", "minimum": 1 }, "name": { "type": ["string", "null"] } },
            } } },
        });
        let page = render(&document);
        for text in [
            "<title>A &lt;service&gt;</title>",
            "<p>It serves <code>a &lt; b</code>.</p>",
            "<a href=\"#show_thing\"><code>GET /things/{id}</code></a>",
            "<a href=\"#schema-Thing\">Thing</a>",
            "<code>things:read</code>",
            "integer, from 1</td>",
            "string or null, optional</td>",
        ] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
        for text in ["http:", "https:", "src=", "url(", "<script", "<link", "href=\"/"] {
            assert!(!page.contains(text), "{text}");
        }
    }
}
