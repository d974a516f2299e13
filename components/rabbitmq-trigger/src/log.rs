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

fn line(level: &str, text: &str) {
    // `eprintln!` would end the component where nobody takes the line.
    let _ = writeln!(std::io::stderr(), "{level} rabbitmq-trigger: {text}");
}
