/// The text that the bytes are, and its two parts around the first line break.
pub fn parts(data: &[u8]) -> Option<(&str, &str, &str)> {
    let text = std::str::from_utf8(data).ok()?;
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    Some((text, first, rest))
}

/// A text as part of a URL that any parser takes.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
