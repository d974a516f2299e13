//! The form of a number.

use waybill_service::rules::Text;

/// The most characters of a format, and of a prefix.
const MAX_FORMAT: usize = 64;
const MAX_PREFIX: usize = 20;

/// The most bytes of a prefix that was set by SQL.
const MAX_CARRIED_PREFIX: usize = 256;

/// The most digits that a number is filled up to.
const MAX_DIGITS: u8 = 12;

/// `{number}` or `{number:6}` once, `{prefix}` and `{year}` or `{year:2}` at most once, and plain characters between.
pub const FORMAT: Text<String> = Text {
    rule: "must have {number} or {number:6} (at least 1 to 12 digits) once, may have {prefix} and {year} or {year:2} once each, and between \
           them letters A to Z, digits, spaces and - . / _, at most 64 characters in all",
    read: |text| Some(text.to_owned()).filter(|text| is_format(text)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.min_length(Some(8)).max_length(Some(MAX_FORMAT)),
};

/// The text for `{prefix}`; it may be empty. A longer or unusual one is read, since it may be in use (see [`is_prefix`]).
pub const PREFIX: Text<String> = Text {
    rule: "must be at most 20 letters A to Z, digits, spaces and - . / _, and must not begin or end with a space",
    read: |text| Some(text.to_owned()).filter(|text| is_readable_prefix(text)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.max_length(Some(MAX_PREFIX)),
};

/// The name of a time zone by its characters; the database knows whether there is one.
pub const TIME_ZONE: Text<String> = Text {
    rule: "must be the name of a time zone, such as \"Europe/Berlin\" or \"UTC\"",
    read: |text| Some(text.to_owned()).filter(|text| is_zone_name(text)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^[A-Za-z0-9_+/-]{1,64}$")),
};

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -./_".contains(&byte))
}

/// Whether a prefix has the rule's characters and length.
pub fn is_prefix(text: &str) -> bool {
    text.len() <= MAX_PREFIX && is_plain(text) && text.trim() == text
}

/// A prefix that was set by SQL may have any letters.
fn is_readable_prefix(text: &str) -> bool {
    is_prefix(text)
        || text.len() <= MAX_CARRIED_PREFIX
            && !text.contains(|letter: char| letter.is_control() || "{}".contains(letter))
}

fn is_zone_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_+/-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_letter)
}

/// Whether a number of this format names its year.
pub fn has_year(format: &str) -> bool {
    format.contains("{year}") || format.contains("{year:2}")
}

/// A format with its prefix filled in and the number left open: two that are equal may print the same number.
pub fn filled(format: &str, prefix: &str) -> String {
    let (before, after) = around_number(format);
    format!("{before}{{number}}{after}").replace("{prefix}", prefix)
}

/// Whether a digit or the year is directly beside the number, so that a change of the format could print a number again.
pub fn is_number_beside_digits(format: &str, prefix: &str) -> bool {
    let (before, after) = around_number(format);
    let (before, after) = (before.replace("{prefix}", prefix), after.replace("{prefix}", prefix));
    let is_digit = |letter: char| letter.is_ascii_digit();
    before.ends_with(is_digit)
        || before.ends_with('}')
        || after.starts_with(is_digit)
        || after.starts_with('{')
}

fn around_number(format: &str) -> (&str, &str) {
    let (before, rest) = format.split_once("{number").unwrap_or((format, ""));
    (before, rest.split_once('}').map_or("", |(_, after)| after))
}

fn is_format(text: &str) -> bool {
    if text.len() > MAX_FORMAT || text.trim() != text {
        return false;
    }
    let (mut numbers, mut years, mut prefixes) = (0, 0, 0);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((placeholder, after)) = after.split_once('}') else { return false };
        match placeholder {
            "prefix" => prefixes += 1,
            "year" | "year:2" => years += 1,
            "number" => numbers += 1,
            other => match other.strip_prefix("number:").map(digits) {
                Some(true) => numbers += 1,
                _ => return false,
            },
        }
        if !is_plain(before) {
            return false;
        }
        rest = after;
    }
    is_plain(rest) && numbers == 1 && years <= 1 && prefixes <= 1
}

/// Whether the text is a count of digits in its only spelling: without a sign or a leading zero.
fn digits(text: &str) -> bool {
    text.parse::<u8>().is_ok_and(|digits| (1..=MAX_DIGITS).contains(&digits) && digits.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_has_one_number_and_known_parts() {
        for text in [
            "{prefix}{year}-{number:6}",
            "{number}",
            "{year:2}/{number:12}",
            "FT 2026/{number}",
            "{number:4}.{year}_{prefix}X",
        ] {
            assert!(is_format(text), "{text}");
        }
        for text in [
            "",
            "{year}",
            "{number}{number}",
            "{year}{year:2}{number}",
            "{prefix}{prefix}{number}",
            "{number:0}",
            "{number:13}",
            "{number:+6}",
            "{number:06}",
            "{number:}",
            "{month}{number}",
            "{number",
            "number}",
            "{{number}}",
            "{number}}",
            " {number}",
            "{number} ",
            "№{number}",
            "{number}\n",
            "'{number}",
        ] {
            assert!(!is_format(text), "{text}");
        }
        let long = format!("{}{{number}}", "A".repeat(MAX_FORMAT));
        assert!(!is_format(&long) && is_format(&long[8..]));
    }

    #[test]
    fn a_prefix_is_short_and_plain() {
        for (text, is_one) in [("", true), ("INV-", true), ("A{year}", false), ("A ", false), ("Ä", false)] {
            assert_eq!(is_prefix(text), is_one, "{text}");
        }
        assert!(is_prefix(&"A".repeat(MAX_PREFIX)) && !is_prefix(&"A".repeat(MAX_PREFIX + 1)));
    }

    #[test]
    fn a_time_zone_has_the_characters_of_a_name() {
        for (text, is_one) in [
            ("Europe/Berlin", true),
            ("America/Argentina/Buenos_Aires", true),
            ("Etc/GMT+5", true),
            ("", false),
            ("Europe Berlin", false),
            ("'", false),
        ] {
            assert_eq!(is_zone_name(text), is_one, "{text}");
        }
    }
}
