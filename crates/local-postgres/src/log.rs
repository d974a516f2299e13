//! PostgreSQL's log lines, as lines of this program's log.

use std::io::{BufRead as _, BufReader, Read};

use tracing::Level;

/// The longest line that is taken as one, in bytes.
const LINE_LIMIT_BYTES: u64 = 16 << 10;

/// Lines of the log that are kept for an error that says why a start failed.
const KEPT_LINES: usize = 8;

/// Passes the log on until its end, and returns its last lines.
pub(crate) fn pass_on(stream: impl Read) -> String {
    let (mut input, mut line, mut level) = (BufReader::new(stream), Vec::new(), Level::INFO);
    let mut last: Vec<String> = Vec::new();
    while let Ok(count @ 1..) = (&mut input).take(LINE_LIMIT_BYTES).read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(&line[..count]);
        let text = text.trim_end();
        level = level_of(text).unwrap_or(level);
        write(level, text);
        if level <= Level::WARN {
            if last.len() == KEPT_LINES {
                last.remove(0);
            }
            last.push(text.trim().to_owned());
        }
        line.clear();
    }
    last.join(" ")
}

/// The level of a message's first line; lines that follow it (DETAIL, HINT, or indented text) have its level.
///
/// FATAL ends one session, as each shutdown does with those that are open; only PANIC is about the server as a whole.
fn level_of(line: &str) -> Option<Level> {
    let (severity, _) = line.split_once(':')?;
    match severity {
        "PANIC" => Some(Level::ERROR),
        "FATAL" | "ERROR" | "WARNING" => Some(Level::WARN),
        "LOG" | "NOTICE" | "INFO" => Some(Level::INFO),
        _ if severity.starts_with("DEBUG") => Some(Level::DEBUG),
        _ => None,
    }
}

fn write(level: Level, line: &str) {
    // The level of an event is a constant in `tracing`.
    match level {
        Level::ERROR => tracing::error!(target: "postgres", "{line}"),
        Level::WARN => tracing::warn!(target: "postgres", "{line}"),
        Level::DEBUG | Level::TRACE => tracing::debug!(target: "postgres", "{line}"),
        _ => tracing::info!(target: "postgres", "{line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_severity_and_what_follows_it_too() {
        assert_eq!(level_of("LOG:  database system is ready"), Some(Level::INFO));
        assert_eq!(level_of("PANIC:  could not write"), Some(Level::ERROR));
        assert_eq!(level_of("FATAL:  terminating connection"), Some(Level::WARN));
        assert_eq!(level_of("DETAIL:  x"), None);
        assert_eq!(level_of("\tsecond line"), None);
    }

    #[test]
    fn the_reason_of_a_failed_start_is_kept() {
        let log = "LOG:  starting\nFATAL:  data directory has wrong ownership\nHINT:  The server must be started by its owner.\n";
        let last = pass_on(log.as_bytes());
        assert!(
            last.starts_with("FATAL:  data directory") && last.contains("HINT") && !last.contains("LOG"),
            "{last}"
        );
    }

    #[test]
    fn a_line_without_an_end_is_cut() {
        let long = vec![b'x'; 100_000];
        assert_eq!(pass_on(long.as_slice()), "");
    }
}
