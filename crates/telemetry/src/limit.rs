//! The longest texts of spans and log lines: a caller's path or a peer's error may have any length.

use std::borrow::Cow;

use opentelemetry::{KeyValue, StringValue, Value};

/// The longest text of an attribute, in bytes, and the longest name and status of a span. Longer ones are cut.
pub const TEXT_LIMIT_BYTES: usize = 2 << 10;

/// The beginning of a text, at most as long as the limit. What is cut ends with `…`.
pub(crate) fn shortened(text: &str, limit_bytes: usize) -> Cow<'_, str> {
    if text.len() <= limit_bytes {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(limit_bytes.saturating_sub('…'.len_utf8()));
    Cow::Owned(format!("{}…", &text[..end]))
}

/// The attribute with a text within the limit.
pub(crate) fn shortened_attribute(mut attribute: KeyValue) -> KeyValue {
    if let Value::String(text) = &attribute.value
        && text.as_str().len() > TEXT_LIMIT_BYTES
    {
        attribute.value =
            Value::String(StringValue::from(shortened(text.as_str(), TEXT_LIMIT_BYTES).into_owned()));
    }
    attribute
}

/// The name within the limit.
pub(crate) fn shortened_name(name: Cow<'static, str>) -> Cow<'static, str> {
    if name.len() <= TEXT_LIMIT_BYTES { name } else { shortened(&name, TEXT_LIMIT_BYTES).into_owned().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("ääää", 6), "ä…");
        assert_eq!(shortened_name("a".repeat(9_000).into()).len(), TEXT_LIMIT_BYTES);
        let attribute = shortened_attribute(KeyValue::new("url.path", "/ä".repeat(30_000)));
        let text = attribute.value.as_str().into_owned();
        assert!(text.len() <= TEXT_LIMIT_BYTES && text.ends_with('…'), "{}", text.len());
    }
}
