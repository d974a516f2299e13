use askama::Template;
use http::Response;
use serde_json::{Map, Value};
use wasmtime_wasi_http::WasiBody;

use super::api;
use super::page::{Visit, render};
use super::shared::Shared;

#[derive(Template)]
#[template(path = "settings.html")]
struct Page<'a> {
    visit: &'a Visit,
    parts: Vec<Part>,
}

/// What the invoices service keeps as one document.
struct Part {
    id: &'static str,
    title: &'static str,
    /// How it is set.
    command: &'static str,
    /// Names and values; the reason where the visitor may not see them.
    fields: Result<Vec<(String, String)>, String>,
}

/// The seller and the series, to be read: they are set by the API or by commands.
pub(super) async fn page(console: &Shared, visit: &Visit) -> Response<WasiBody> {
    let mut parts = Vec::new();
    for (id, title, path, command) in [
        ("seller", "Seller", "/seller", "waybill seller set"),
        ("series", "Numbers and dates", "/series", "waybill series set"),
    ] {
        let found = api::get::<Map<String, Value>>(&console.system.invoices, visit, path).await;
        let fields = found
            .map(|fields| fields.iter().map(|(name, value)| (words(name), text(value))).collect())
            .map_err(|refused| refused.problem.detail);
        parts.push(Part { id, title, command, fields });
    }
    render(&Page { visit, parts })
}

/// The name of a member in words: `startNumber` is `Start number`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        let is_first = words.is_empty();
        words.push(if is_first { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() });
    }
    words
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_name_of_a_member_is_shown_in_words() {
        for (name, expected) in [("name", "Name"), ("invoiceStartNumber", "Invoice start number")] {
            assert_eq!(words(name), expected);
        }
    }
}
