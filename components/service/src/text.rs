//! Lines of text: names, addresses, descriptions and identifiers, which documents print.
//!
//! A line is bounded, has at least one printable character, and has no control character. A text that prints as nothing would
//! be a line of a document without its item. This is the one place that says so, to the code and to the OpenAPI documents.

#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::Schema;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::faults::Faults;
use crate::fields::{Check, Given, Rule};

/// What a line of text may be.
#[derive(Clone, Copy, Debug)]
pub struct LineOfText {
    max_chars: usize,
    may_break: bool,
    rule: Rule,
}

macro_rules! line_of_text {
    ($max_chars:literal) => {
        line_of_text!($max_chars, false, "")
    };
    ($max_chars:literal, $may_break:literal, $except:literal) => {
        LineOfText {
            max_chars: $max_chars,
            may_break: $may_break,
            rule: concat!(
                "must be a string of 1 to ",
                $max_chars,
                " characters, with a printable character and without control characters",
                $except
            ),
        }
    };
}

impl LineOfText {
    /// A postal code or the like.
    pub const SHORT: Self = line_of_text!(20);

    /// An identifier of what is sold.
    pub const CODE: Self = line_of_text!(64);

    /// A name, an address, a description, or a customer's identifier.
    pub const LONG: Self = line_of_text!(255);

    /// A long line.
    pub const LONGEST: Self = line_of_text!(1000);

    /// Free text, which may have several lines. It is kept with `\n` at their ends.
    pub const NOTE: Self = line_of_text!(1000, true, " but line breaks");

    /// The rule in words.
    pub fn rule(self) -> Rule {
        self.rule
    }

    /// Whether a text keeps the rule.
    pub fn allows(self, text: &str) -> bool {
        // Most texts have ASCII only, and then bytes say all.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return text.len() <= self.max_chars && text.bytes().any(|byte| byte != b' ');
        }
        // U+0000, which no PostgreSQL text can have, is a control character too.
        let is_forbidden = |char: char| char.is_control() && !(self.may_break && matches!(char, '\n' | '\r'));
        text.chars().count() <= self.max_chars && !text.contains(is_forbidden) && is_printable(text)
    }
}

impl Check for LineOfText {
    type Value = String;

    fn check(&self, given: Given<'_>) -> Result<String, Faults> {
        let text = given.text().filter(|text| self.allows(text));
        let text = text.ok_or_else(|| Faults::from(self.rule))?;
        Ok(if self.may_break { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.into() })
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(self.max_chars))
            .pattern(Some(if self.may_break {
                // A line break is any of the control characters that the class takes out.
                PATTERN.replace(
                    r"[^\u0000-\u001f\u007f-\u009f]",
                    r"[^\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]",
                )
            } else {
                PATTERN.to_owned()
            }))
            .into()
    }
}

/// Whether a text has a character that prints: a letter, a digit, a mark of punctuation or a symbol. White space, control and
/// format characters, unassigned and private code points print nothing, and neither do combining marks by themselves.
pub fn is_printable(text: &str) -> bool {
    text.chars().any(prints)
}

fn prints(char: char) -> bool {
    // Letters and symbols by their category that are blank all the same.
    const BLANK: [char; 5] = ['\u{115f}', '\u{1160}', '\u{2800}', '\u{3164}', '\u{ffa0}'];
    // The standard library escapes what does not print. Quotes and backslashes are escaped with one backslash.
    let is_escaped = char.escape_debug().len() > 2 || char.is_control();
    !is_escaped && !char.is_whitespace() && !BLANK.contains(&char)
}

/// A regular expression for every dialect, so it names the blank characters of the Basic Multilingual Plane and leaves out
/// unassigned ones, which change with each version of Unicode.
#[cfg(not(target_family = "wasm"))]
const PATTERN: &str = concat!(
    r"^[^\u0000-\u001f\u007f-\u009f]*",
    r"[^\u0000-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f",
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\uffff]",
    r"[^\u0000-\u001f\u007f-\u009f]*$"
);

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    /// Texts that print nothing, each of one kind.
    const BLANK: [&str; 16] = [
        "",
        " ",
        "\u{a0}",
        "\u{3000}",
        "\u{2003} \u{2029}",
        "\u{200b}",
        "\u{feff}",
        "\u{ad}",
        "\u{202e}\u{202c}",
        "\u{e000}",
        "\u{10fffd}",
        "\u{301}",
        "\u{fe0f}",
        "\u{378}",
        "\u{ffff}",
        "\u{3164}",
    ];

    #[test]
    fn a_line_has_a_printable_character_and_no_control_character() {
        for text in ["a", "'", "\"", "\\", ".", " a ", "é", "e\u{301}", "日本", "€", "🖋\u{fe0f}", "a\u{200b}"]
        {
            assert!(LineOfText::LONG.allows(text), "{text:?}");
        }
        for text in BLANK {
            assert!(!LineOfText::LONG.allows(text), "{text:?}");
        }
        assert!(!LineOfText::NOTE.allows("\n") && !LineOfText::NOTE.allows("a\tb"));
        let note = LineOfText::NOTE.check(Given::Parameter("a\r\nb\rc\nd"));
        assert_eq!(note.unwrap(), "a\nb\nc\nd");
        for text in ["a\n", "\u{0}a", "a\u{7f}", "\u{85}a", "\t"] {
            assert!(!LineOfText::LONG.allows(text), "{text:?}");
        }
    }

    #[test]
    fn a_line_is_bounded_in_characters_and_the_rule_says_how() {
        assert!(LineOfText::SHORT.allows(&"é".repeat(20)));
        let faults = LineOfText::SHORT.check(Given::Parameter(&"é".repeat(21))).unwrap_err();
        let rule = "must be a string of 1 to 20 characters, with a printable character and without control characters";
        assert_eq!(faults, rule.into());
    }

    #[test]
    fn a_customer_id_is_a_bounded_string_that_a_database_can_keep() {
        let read = |text: &str| LineOfText::LONG.check(Given::Json(serde_json::from_str(text).unwrap()));
        assert_eq!(read("\"1651654165\"").unwrap(), "1651654165");
        assert_eq!(read("\"Zoë\"").unwrap(), "Zoë");
        assert!(read(&format!("\"{}\"", "é".repeat(255))).is_ok());
        assert!(read(&format!("\"{}\"", "é".repeat(256))).is_err());
        for text in ["1651654165", "\"\"", "\"a\\u0000\"", "\"a\\nb\"", "\"\\ud800\"", "null", "{}"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_pattern_of_the_documents_takes_what_the_code_takes_and_refuses_what_is_blank() {
        let pattern = Regex::new(PATTERN).unwrap();
        for char in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let text = char.to_string();
            assert!(!LineOfText::LONG.allows(&text) || pattern.is_match(&text), "{text:?}");
        }
        for text in ["a b", " a", "a\u{3000}", "\u{200b}a"] {
            assert!(pattern.is_match(text) && LineOfText::LONG.allows(text), "{text:?}");
        }
        // It knows neither the planes beyond the first nor what is unassigned or combines.
        let beyond = ["\u{10fffd}", "\u{301}", "\u{378}"];
        for text in BLANK.into_iter().filter(|text| !beyond.contains(text)) {
            assert!(!pattern.is_match(text), "{text:?}");
        }
        for text in ["a\n", "\u{0}a", "a\u{7f}", "\u{85}a"] {
            assert!(!pattern.is_match(text), "{text:?}");
        }
    }
}
