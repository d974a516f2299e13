//! The trace that a statement belongs to.

use std::fmt;

/// A `traceparent` of the form that [W3C Trace Context](https://www.w3.org/TR/trace-context/) gives version 00.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traceparent(String);

impl Traceparent {
    /// Reads a `traceparent`. Any other text gives `None`, so nothing else gets into a statement.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let hexadecimal = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_well_formed = parts.iter().map(|part| part.len()).eq([2, 32, 16, 2])
            && parts.iter().all(|part| hexadecimal(part))
            && parts[0] == "00";
        is_well_formed.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_traceparent_is_read() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(Traceparent::read(good), Some(Traceparent(good.to_owned())));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333'-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01*/",
        ] {
            assert_eq!(Traceparent::read(bad), None, "{bad}");
        }
    }
}
