use std::error::Error;
use std::fmt;

const REJECTED: &str = "rejected: ";
const UNAVAILABLE: &str = "unavailable: ";

/// Why an event was not delivered, and what the sender does about it.
///
/// `wasmcloud:messaging/handler` and an answer over NATS carry an error as text only. Its beginning says which of these it is, so
/// the handler writes it by [`Display`](fmt::Display) and the sender reads it by [`parse`](Self::parse).
///
/// ```
/// use waybill_contracts::DeliveryError;
///
/// let error = DeliveryError::Rejected("amount must be 1 or more".to_owned());
/// assert_eq!(error.to_string(), "rejected: amount must be 1 or more");
/// assert_eq!(DeliveryError::parse(&error.to_string()), error);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryError {
    /// The receiver refuses this event for good: it is parked or becomes a dead letter at once.
    Rejected(String),
    /// The receiver, or what it needs, is unavailable. That says nothing about the event: no attempt is counted, and the sender
    /// waits with all events.
    Unavailable(String),
    /// The receiver failed on this event. The attempt is counted, and the event is delivered again later.
    Failed(String),
}

impl DeliveryError {
    /// Reads an error's text. One that begins with neither of the known words is a failed attempt.
    pub fn parse(text: &str) -> Self {
        let reason =
            |word: &str| text.strip_prefix(word.trim_end()).map(|reason| reason.trim_start().to_owned());
        match (reason(REJECTED), reason(UNAVAILABLE)) {
            (Some(reason), _) => Self::Rejected(reason),
            (_, Some(reason)) => Self::Unavailable(reason),
            (None, None) => Self::Failed(text.to_owned()),
        }
    }

    /// The reason without the word in front of it.
    pub fn reason(&self) -> &str {
        match self {
            Self::Rejected(reason) | Self::Unavailable(reason) | Self::Failed(reason) => reason,
        }
    }
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(reason) => write!(f, "{REJECTED}{reason}"),
            Self::Unavailable(reason) => write!(f, "{UNAVAILABLE}{reason}"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

impl Error for DeliveryError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_as_it_was_written() {
        for (text, error) in [
            ("rejected: amount", DeliveryError::Rejected("amount".to_owned())),
            ("unavailable: no route", DeliveryError::Unavailable("no route".to_owned())),
            ("anything else: rejected: x", DeliveryError::Failed("anything else: rejected: x".to_owned())),
            ("", DeliveryError::Failed(String::new())),
        ] {
            assert_eq!(DeliveryError::parse(text), error);
            assert_eq!(error.to_string(), text);
        }
        assert_eq!(DeliveryError::parse("rejected:x"), DeliveryError::Rejected("x".to_owned()));
    }
}
