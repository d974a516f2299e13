//! The trace that a request belongs to (W3C Trace Context), kept with the event so that its delivery continues it.
//!
//! The headers come from anyone. What is malformed is dropped, as the recommendation demands, and never refused: a trace is
//! no part of the order.

use http::HeaderMap;

/// The longest `tracestate` that is kept, in bytes; the recommendation asks to carry at least so many (section 3.3.1.5).
const MAX_TRACESTATE_BYTES: usize = 512;

/// The longest `traceparent` of a future version that is kept, in bytes.
const MAX_TRACEPARENT_BYTES: usize = 128;

/// The headers, checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TraceContext {
    /// `00-{trace}-{parent}-{flags}`.
    pub traceparent: Option<String>,
    /// What the vendors on the way added; never without a `traceparent`.
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// Reads the headers of a request.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut parents = headers.get_all("traceparent").iter();
        let (Some(parent), None) = (parents.next(), parents.next()) else { return Self::default() };
        match parent.to_str() {
            Ok(parent) if is_traceparent(parent) => {
                Self { traceparent: Some(parent.to_owned()), tracestate: tracestate(headers) }
            }
            _ => Self::default(),
        }
    }
}

/// `version "-" trace-id "-" parent-id "-" trace-flags`, in lower-case hexadecimal; a later version may append more.
fn is_traceparent(text: &str) -> bool {
    let is_hex = |field: &str, digits| {
        field.len() == digits && field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = |field: &str, digits| is_hex(field, digits) && field.bytes().any(|byte| byte != b'0');
    let mut fields = text.splitn(5, '-');
    let (Some(version), Some(trace), Some(parent), Some(flags)) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return false;
    };
    let more_is_allowed = version != "00" && text.len() <= MAX_TRACEPARENT_BYTES;
    is_hex(version, 2)
        && version != "ff"
        && is_id(trace, 32)
        && is_id(parent, 16)
        && is_hex(flags, 2)
        && (fields.next().is_none() || more_is_allowed)
}

/// The members of all `tracestate` headers as one list, if it is well-formed and not too long.
fn tracestate(headers: &HeaderMap) -> Option<String> {
    let mut state = String::new();
    for header in headers.get_all("tracestate") {
        for member in header.to_str().ok()?.split(',').map(str::trim).filter(|member| !member.is_empty()) {
            let (key, value) = member.split_once('=')?;
            if key.is_empty() || value.is_empty() || state.len() + 1 + member.len() > MAX_TRACESTATE_BYTES {
                return None;
            }
            if !state.is_empty() {
                state.push(',');
            }
            state.push_str(member);
        }
    }
    (!state.is_empty()).then_some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn context(headers: &[(&'static str, &str)]) -> TraceContext {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        TraceContext::from_headers(&map)
    }

    #[test]
    fn a_well_formed_context_is_kept() {
        let expected =
            TraceContext { traceparent: Some(PARENT.into()), tracestate: Some("a=1,b=2,c=3".into()) };
        let headers = [("traceparent", PARENT), ("tracestate", "a=1, b=2"), ("tracestate", ",c=3")];
        assert_eq!(context(&headers), expected);
    }

    #[test]
    fn a_later_version_may_carry_more() {
        for parent in [
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-ever",
        ] {
            assert_eq!(context(&[("traceparent", parent)]).traceparent.as_deref(), Some(parent));
        }
    }

    #[test]
    fn a_malformed_context_is_dropped() {
        for parent in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        ] {
            assert_eq!(
                context(&[("traceparent", parent), ("tracestate", "a=1")]),
                TraceContext::default(),
                "{parent}"
            );
        }
        let long = format!("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-{}", "x".repeat(128));
        assert_eq!(context(&[("traceparent", &long)]), TraceContext::default());
        assert_eq!(context(&[("traceparent", PARENT), ("traceparent", PARENT)]), TraceContext::default());
    }

    #[test]
    fn a_malformed_state_is_dropped_without_its_parent() {
        for state in ["a", "=1", "a=", &format!("a={}", "x".repeat(512))] {
            let kept = context(&[("traceparent", PARENT), ("tracestate", state)]);
            assert_eq!(kept, TraceContext { traceparent: Some(PARENT.into()), tracestate: None }, "{state}");
        }
    }

    #[test]
    fn a_state_without_a_parent_is_dropped() {
        assert_eq!(context(&[("tracestate", "a=1")]), TraceContext::default());
    }
}
