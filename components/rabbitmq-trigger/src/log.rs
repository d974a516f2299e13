//! What the host shows of this component: lines on its standard error.

use std::io::Write as _;

pub fn info(text: &str) {
    line("INFO", text);
}

pub fn warn(text: &str) {
    line("WARN", text);
}

pub fn error(text: &str) {
    line("ERROR", text);
}

/// The most that a line has of a text, in bytes. Errors of handlers and names of messages are in it.
const TEXT_BYTES: usize = 8 * 1024;

fn line(level: &str, text: &str) {
    let (text, end) = match text.floor_char_boundary(TEXT_BYTES) {
        end if end < text.len() => (&text[..end], "…"),
        _ => (text, ""),
    };
    // One line for each text, whatever is in it.
    let text = text.replace(char::is_control, " ");
    // `eprintln!` would end the component where nobody takes the line.
    let _ = writeln!(std::io::stderr(), "{level} rabbitmq-trigger: {text}{end}");
}
