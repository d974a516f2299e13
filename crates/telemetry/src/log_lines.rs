//! Log lines of a bounded length on standard error.

use std::borrow::Cow;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::limit::shortened;

/// The longest line, in bytes, without the note of what was cut.
const LINE_BYTES: usize = 8 << 10;

/// The longest text in a JSON line that has to be cut, which remains valid JSON.
const FIELD_BYTES: usize = 1 << 10;

/// How long a line waits for its reader.
const READER_LIMIT: Duration = Duration::from_secs(1);

/// What a pipe takes without waiting as soon as it takes anything, in bytes (`PIPE_BUF`).
const WRITTEN_AT_ONCE: usize = 4 << 10;

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
        static UNREAD: Unread = Unread(AtomicU64::new(0));
        let one = Self::on_one_line(line);
        let cut = self.cut(&one);
        let text = cut.as_ref().map_or(&*one, String::as_bytes);
        UNREAD.write(&mut io::stderr().lock(), text, self.is_json)?;
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

/// How many lines were dropped because their reader stood still. A process must not wait for who reads its log.
struct Unread(AtomicU64);

impl Unread {
    /// Writes a line, or drops it if the reader takes nothing for a second; while it goes on to, further ones are dropped at once.
    fn write<W: Write + AsFd>(&self, output: &mut W, line: &[u8], is_json: bool) -> io::Result<()> {
        // Only one line is written at a time: `output` is locked.
        let dropped = self.0.load(Ordering::Relaxed);
        let (wait, note) = match dropped {
            0 => (READER_LIMIT, String::new()),
            _ => (Duration::ZERO, dropped_lines(dropped, is_json)),
        };
        let text = [note.as_bytes(), line].concat();
        for part in text.chunks(WRITTEN_AT_ONCE) {
            if !is_writable(output, wait)? {
                self.0.store(dropped + 1, Ordering::Relaxed);
                return Ok(());
            }
            output.write_all(part)?;
        }
        self.0.store(0, Ordering::Relaxed);
        Ok(())
    }
}

fn dropped_lines(count: u64, is_json: bool) -> String {
    let message = format!("{count} log lines were dropped, since nothing read them");
    if is_json {
        return format!("{}\n", serde_json::json!({ "level": "WARN", "message": message }));
    }
    format!(" WARN {message}\n")
}

/// Whether the output takes bytes within `wait`; an error of the output counts as that, and the write has it.
fn is_writable(output: &impl AsFd, wait: Duration) -> io::Result<bool> {
    let wait = Timespec::try_from(wait).map_err(io::Error::other)?;
    loop {
        match poll(&mut [PollFd::new(output, PollFlags::OUT)], Some(&wait)) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
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
    use std::io::Read as _;
    use std::time::Instant;

    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_a_peer_wrote() {
        let forged = b"WARN the receiver answered 503: down\r\n2027-01-01T00:00:00Z ERROR all is lost\n";
        let line = "WARN the receiver answered 503: down\\r\\n2027-01-01T00:00:00Z ERROR all is lost\n";
        assert_eq!(&*LogLines::on_one_line(forged), line.as_bytes());
        assert!(matches!(LogLines::on_one_line(b"WARN one\n"), Cow::Borrowed(b"WARN one\n")));
    }

    #[test]
    fn a_reader_that_stands_still_holds_nothing_up_and_learns_what_it_missed() {
        let (mut reader, mut writer) = io::pipe().unwrap();
        let (unread, line) = (Unread(AtomicU64::new(0)), [b'x'; 1_000]);
        let begun = Instant::now();
        for _ in 0..5_000 {
            unread.write(&mut writer, &line, false).unwrap();
        }
        assert!(begun.elapsed() < READER_LIMIT * 5, "{:?}", begun.elapsed());
        let missed = unread.0.load(Ordering::Relaxed);
        assert!((4_000..5_000).contains(&missed), "{missed} of 5,000");

        let kept = (5_000 - usize::try_from(missed).unwrap()) * line.len();
        io::copy(&mut (&mut reader).take(kept as u64), &mut io::sink()).unwrap();
        unread.write(&mut writer, b"INFO on again\n", false).unwrap();
        drop(writer);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert_eq!(
            rest,
            format!(" WARN {missed} log lines were dropped, since nothing read them\nINFO on again\n")
        );
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
