//! W3C Trace Context, read and written strictly.
//!
//! Source: <https://www.w3.org/TR/trace-context-2/>. OpenTelemetry's own propagator accepts a little more and drops flags that it
//! does not know. This crate depends on nothing, so that components use it too.

use std::fmt;

/// The longest `tracestate` that is kept, in bytes: what the specification asks everyone to propagate (section 3.3.1.5).
const STATE_LIMIT: usize = 512;
/// Entries longer than this, in bytes, go first when a `tracestate` is too long.
const LARGE_ENTRY: usize = 128;
/// The most entries that a `tracestate` may have.
const ENTRIES_LIMIT: usize = 32;
/// The longest key and the longest value of an entry, in bytes.
const MEMBER_LIMIT: usize = 256;
/// The length of a version 00 `traceparent`, in bytes.
const PARENT_LENGTH: usize = 55;

/// A valid `traceparent`. Its text is version 00, and holds nothing but hexadecimal digits and dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traceparent {
    /// The trace; never 0.
    pub trace_id: u128,
    /// The span of the caller; never 0.
    pub parent_id: u64,
    /// The flags, those without a meaning yet included.
    pub flags: u8,
}

impl Traceparent {
    /// Parses a `traceparent`; `None` if it is not valid. A later version is read as version 00, as the specification says.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t']);
        let bytes = text.as_bytes();
        // What follows indexes bytes, so no character may have several.
        if !text.is_ascii() || bytes.len() < PARENT_LENGTH {
            return None;
        }
        let length_fits = match hex(&text[0..2])? {
            0xff => false,
            0 => bytes.len() == PARENT_LENGTH,
            // A later version may append fields after another dash.
            _ => bytes.get(PARENT_LENGTH).is_none_or(|byte| *byte == b'-'),
        };
        let has_dashes = [bytes[2], bytes[35], bytes[52]] == [b'-'; 3];
        let parsed = Self {
            trace_id: hex(&text[3..35])?,
            parent_id: u64::try_from(hex(&text[36..52])?).ok()?,
            flags: u8::try_from(hex(&text[53..55])?).ok()?,
        };
        (length_fits && has_dashes && parsed.trace_id != 0 && parsed.parent_id != 0).then_some(parsed)
    }
}

impl fmt::Display for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.parent_id, self.flags)
    }
}

/// The identity of a span as it travels in headers and in the outbox. A value made by [`TraceContext::new`] is always valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// `00-<trace id>-<parent id>-<flags>`, all in lower-case hexadecimal digits.
    pub traceparent: String,
    /// Entries that vendors on the way added: `key=value,key=value`, at most 512 bytes.
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// Checks what arrived. An invalid `traceparent` means no context at all; of an invalid `tracestate` only that is dropped.
    pub fn new(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        Some(Self {
            traceparent: Traceparent::parse(traceparent)?.to_string(),
            tracestate: tracestate.and_then(bounded_state),
        })
    }

    /// Reads the two headers by `get`, which takes their names in lower case. Where `tracestate` occurs several times, `get` joins
    /// the occurrences with a comma.
    pub fn from_headers<'a>(get: impl Fn(&'static str) -> Option<&'a str>) -> Option<Self> {
        Self::new(get("traceparent")?, get("tracestate"))
    }
}

/// Parses lower-case hexadecimal digits; `from_str_radix` would also take capitals and a sign.
fn hex(text: &str) -> Option<u128> {
    let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// Keeps a valid `tracestate` within the limits: whole entries go, the large ones first and then the last ones, as the
/// specification recommends. `None` if it is empty or invalid.
fn bounded_state(text: &str) -> Option<String> {
    let entries = text.split(',').map(|entry| entry.trim_matches([' ', '\t']));
    let mut entries: Vec<&str> = entries.filter(|entry| !entry.is_empty()).collect();
    if entries.len() > ENTRIES_LIMIT || !entries.iter().all(|entry| is_entry(entry)) {
        return None;
    }
    let is_too_long =
        |entries: &[&str]| entries.iter().map(|entry| entry.len() + 1).sum::<usize>() > STATE_LIMIT + 1;
    if is_too_long(&entries) {
        entries.retain(|entry| entry.len() <= LARGE_ENTRY);
    }
    while is_too_long(&entries) {
        entries.pop();
    }
    (!entries.is_empty()).then(|| entries.join(","))
}

/// `key=value` of sections 3.3.1.3.1 and 3.3.1.3.2.
fn is_entry(entry: &str) -> bool {
    let Some((key, value)) = entry.split_once('=') else { return false };
    let is_key = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    let is_value = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'=';
    let first = key.bytes().next();
    first.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && key.len() <= MEMBER_LIMIT
        && key.bytes().all(is_key)
        && (1..=MEMBER_LIMIT).contains(&value.len())
        && value.bytes().all(is_value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn parent(version: &str, flags: &str) -> String {
        format!("{version}-{TRACE}-{SPAN}-{flags}")
    }

    fn state(text: &str) -> Option<String> {
        let context = TraceContext::new(&parent("00", "01"), Some(text)).unwrap();
        assert_eq!(context.traceparent, parent("00", "01"));
        context.tracestate
    }

    #[test]
    fn a_valid_parent_passes_through_unchanged() {
        // Flag 02 says that the trace identifier is random; others have no meaning yet and are kept too.
        for flags in ["00", "01", "02", "03", "ff"] {
            let text = parent("00", flags);
            assert_eq!(Traceparent::parse(&text).unwrap().to_string(), text);
            assert_eq!(Traceparent::parse(&format!(" {text}\t")).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_later_version_is_read_as_ours() {
        for text in [parent("01", "01"), parent("cc", "01-what-comes-later"), parent("fe", "01-")] {
            assert_eq!(Traceparent::parse(&text).unwrap().to_string(), parent("00", "01"), "{text}");
        }
    }

    #[test]
    fn an_invalid_parent_is_no_context() {
        let zeros = "0".repeat(32);
        for text in [
            String::new(),
            "00".to_owned(),
            format!("00-{TRACE}-{SPAN}"),
            parent("ff", "01"),
            parent("0", "01"),
            parent("00", "1"),
            parent("00", "01-more"),
            parent("00", "01-"),
            parent("00", "01*/"),
            parent("01", "01x"),
            parent("0G", "01"),
            parent("00", "+1"),
            parent("00", "01").to_uppercase(),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00_{TRACE}_{SPAN}_01"),
            format!("00-{TRACE}-{}'-01", &SPAN[..15]),
            format!("00-{TRACE}-{}\u{e4}-01", &SPAN[..14]),
            "\u{e4}".repeat(30),
        ] {
            assert_eq!(Traceparent::parse(&text), None, "{text}");
            assert_eq!(TraceContext::new(&text, Some("a=1")), None, "{text}");
        }
    }

    #[test]
    fn a_valid_state_is_kept_without_blanks_and_empty_entries() {
        for (text, kept) in
            [("a=1,b@c=2", "a=1,b@c=2"), ("a=1, b=2,,\tc=3", "a=1,b=2,c=3"), ("0x*/_-@=!~ #", "0x*/_-@=!~ #")]
        {
            assert_eq!(state(text).as_deref(), Some(kept));
        }
    }

    #[test]
    fn an_invalid_state_is_dropped_without_its_parent() {
        let long_value = format!("a={}", "x".repeat(512));
        for text in [
            "",
            ",",
            "a",
            "=1",
            "a=",
            "a=b=c",
            "UPPER=1",
            "_a=1",
            "a=\u{7f}",
            "a=\u{e4}",
            &"a=1,".repeat(33),
            &long_value,
        ] {
            assert_eq!(state(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_state_loses_large_entries_first_and_then_the_last_ones() {
        let small: Vec<String> = (0..20).map(|index| format!("k{index:02}={}", "y".repeat(30))).collect();
        let kept = state(&format!("large={},{}", "x".repeat(200), small.join(","))).unwrap();
        assert!(kept.len() <= STATE_LIMIT && kept.len() > STATE_LIMIT - 36, "{}", kept.len());
        assert!(kept.starts_with("k00=") && !kept.contains("large"));
        let exact = format!(
            "{},c={}",
            ["a", "b"].map(|key| format!("{key}={}", "x".repeat(126))).join(","),
            "x".repeat(252)
        );
        assert_eq!((exact.len(), state(&exact).map(|kept| kept.len())), (512, Some(512)));
    }

    #[test]
    fn headers_are_asked_for_in_lower_case() {
        let text = parent("00", "01");
        let headers = |name| match name {
            "traceparent" => Some(text.as_str()),
            "tracestate" => Some("a=1"),
            _ => None,
        };
        assert_eq!(TraceContext::from_headers(headers).unwrap().tracestate.as_deref(), Some("a=1"));
        assert_eq!(TraceContext::from_headers(|_| None), None);
    }
}
