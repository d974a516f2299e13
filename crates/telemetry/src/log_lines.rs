//! Log lines of a bounded length on standard error.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::limit::shortened;

/// The longest line, in bytes, without the note of what was cut.
const LINE_BYTES: usize = 8 << 10;

/// The longest text in a JSON line that has to be cut, which remains valid JSON.
const FIELD_BYTES: usize = 1 << 10;

/// Writes lines to standard error, the long ones cut. Where a line comes in a caller's request or in a peer's error, it may have any length.
#[derive(Clone, Copy)]
pub(crate) struct LogLines {
    pub(crate) is_json: bool,
}

impl<'a> MakeWriter<'a> for LogLines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        *self
    }
}

impl Write for LogLines {
    /// Called once for each event.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let one = Self::on_one_line(line);
        let mut output = io::stderr().lock();
        match self.cut(&one) {
            None => output.write_all(&one)?,
            Some(cut) => output.write_all(cut.as_bytes())?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl LogLines {
    /// The event without breaks of its line: what a peer wrote must not look like another event. JSON has none.
    fn on_one_line(line: &[u8]) -> Cow<'_, [u8]> {
        let event = line.strip_suffix(b"\n").unwrap_or(line);
        if !event.iter().any(|byte| b"\r\n".contains(byte)) {
            return Cow::Borrowed(line);
        }
        let text = String::from_utf8_lossy(event).replace('\r', "\\r").replace('\n', "\\n");
        Cow::Owned((text + "\n").into_bytes())
    }

    /// The line to write in place of this one; `None` if it is not too long.
    fn cut(self, line: &[u8]) -> Option<String> {
        if line.len() <= LINE_BYTES {
            return None;
        }
        let text = String::from_utf8_lossy(line);
        let whole_bytes = line.len();
        if !self.is_json {
            return Some(format!("{} ({whole_bytes} bytes)\n", shortened(text.trim_end(), LINE_BYTES)));
        }
        if let Ok(mut event) = serde_json::from_str::<Value>(&text) {
            shorten(&mut event);
            let event = event.to_string();
            if event.len() <= LINE_BYTES {
                return Some(format!("{event}\n"));
            }
        }
        let beginning = shortened(&text, FIELD_BYTES);
        let event = serde_json::json!({
            "level": "WARN", "message": "a log line was too long", "line": beginning, "bytes": whole_bytes,
        });
        Some(format!("{event}\n"))
    }
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > FIELD_BYTES => *text = shortened(text, FIELD_BYTES).into_owned(),
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(members) => members.values_mut().for_each(shorten),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_a_peer_wrote() {
        let forged = b"WARN the receiver answered 503: down\r\n2027-01-01T00:00:00Z ERROR all is lost\n";
        let line = "WARN the receiver answered 503: down\\r\\n2027-01-01T00:00:00Z ERROR all is lost\n";
        assert_eq!(&*LogLines::on_one_line(forged), line.as_bytes());
        assert!(matches!(LogLines::on_one_line(b"WARN one\n"), Cow::Borrowed(b"WARN one\n")));
    }

    #[test]
    fn a_long_line_is_cut_and_one_of_json_stays_json() {
        let long = "/ä".repeat(30_000);
        assert_eq!(LogLines { is_json: false }.cut(b"short\n"), None);
        let human = LogLines { is_json: false }.cut(format!("WARN {long}\n").as_bytes()).unwrap();
        assert!(human.len() <= LINE_BYTES + 32 && human.ends_with("… (90006 bytes)\n"), "{}", human.len());

        let line = format!("{}\n", serde_json::json!({"level": "WARN", "message": "no", "path": long}));
        let json = LogLines { is_json: true }.cut(line.as_bytes()).unwrap();
        let event: Value = serde_json::from_str(&json).unwrap();
        assert!(json.len() <= LINE_BYTES && json.ends_with('\n'));
        assert!(event["message"] == "no" && event["path"].as_str().unwrap().ends_with('…'));

        let many: Vec<&str> = vec!["abcdefgh"; 10_000];
        let line = serde_json::json!({"level": "WARN", "many": many}).to_string();
        let json = LogLines { is_json: true }.cut(line.as_bytes()).unwrap();
        assert!(json.len() <= LINE_BYTES && serde_json::from_str::<Value>(&json).is_ok(), "{json}");
    }
}
