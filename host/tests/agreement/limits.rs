//! The numbers of `docs/limits.md` are the program's: its constants, and the defaults of its settings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clap::CommandFactory as _;
use regex::Regex;
use waybill::settings::Cli;

use crate::files::{Files, project};

const FILE: &str = "docs/limits.md";

/// How a constant is written in the table.
#[derive(Clone, Copy)]
enum As {
    Count,
    Bytes,
    Seconds,
}

/// A row, and the constant that it has the value of.
const CONSTANTS: [(&str, &str, &str, As); 53] = [
    ("Open connections of all", "host/src/settings/limits.rs", "CONNECTIONS", As::Count),
    ("Connections of the admin address", "host/src/http/connections.rs", "OPERATORS", As::Count),
    ("Event streams of one address", "host/src/settings/limits.rs", "STREAMS_PER_ADDRESS", As::Count),
    ("Open files", "host/src/process/descriptors.rs", "RESERVED", As::Count),
    ("An idle connection; a head", "host/src/http/http_connection.rs", "IDLE_TIME", As::Seconds),
    ("A body, from its head", "host/src/http/body.rs", "BODY_TIME", As::Seconds),
    ("What is left of a body", "host/src/http/request_body.rs", "DRAIN_TIME", As::Seconds),
    ("What is left of a body", "host/src/http/request_body.rs", "DRAIN_LIMIT_BYTES", As::Bytes),
    ("A client that reads nothing", "host/src/http/connection.rs", "WRITE_TIME", As::Seconds),
    (
        "A client that reads its answer slowly",
        "host/src/http/connection.rs",
        "WRITE_BYTES_PER_SECOND",
        As::Bytes,
    ),
    ("A head |", "host/src/http/connection.rs", "BUFFER_BYTES", As::Bytes),
    ("A body |", "host/src/http/connection.rs", "BODY_LIMIT_BYTES", As::Bytes),
    ("Rows of a page", "host/src/http/large_answers.rs", "MOST_ROWS", As::Count),
    ("Pipelined requests", "host/src/http/connection.rs", "BUFFER_BYTES", As::Bytes),
    ("A form of the console", "host/src/console/form.rs", "FORM_BYTES", As::Bytes),
    ("Statements in flight", "crates/postgres/src/in_flight.rs", "PIPELINE_LIMIT", As::Count),
    ("Statements in one group commit", "crates/postgres/src/group_commit.rs", "TRANSACTION_LIMIT", As::Count),
    ("Prepared statements", "crates/postgres/src/connection.rs", "PREPARED", As::Count),
    ("A result |", "crates/postgres/src/connection.rs", "RESULT_LIMIT_BYTES", As::Bytes),
    ("Events that are counted", "crates/relay/src/outbox.rs", "COUNTED_EVENTS", As::Count),
    ("Bytes of events in a batch", "crates/relay/src/outbox.rs", "BATCH_BYTES", As::Bytes),
    ("Messages that are handled", "crates/broker/src/numbers.rs", "CONCURRENCY", As::Count),
    ("Trace and other headers", "crates/broker-rules/src/headers.rs", "MAX_CARRIED_BYTES", As::Bytes),
    ("What is read of an answer by HTTP", "crates/transports/src/cloud_event.rs", "ANSWER_BYTES", As::Bytes),
    ("The head of an answer", "crates/transports/src/cloud_event.rs", "HEAD_BYTES", As::Bytes),
    ("The head of an answer", "crates/webhooks/src/connect.rs", "HEAD_BYTES", As::Bytes),
    ("The head of an answer", "crates/broker/src/management.rs", "HEAD_BYTES", As::Bytes),
    ("The head of an answer", "host/src/api_client.rs", "HEAD_BYTES", As::Bytes),
    ("Receivers' names", "crates/webhooks/src/connect.rs", "LOOK_UPS", As::Count),
    ("What is read of an answer to a webhook", "crates/webhooks/src/post.rs", "ANSWER_BYTES", As::Bytes),
    ("What is read of an answer to a webhook", "crates/webhooks/src/post.rs", "REASON_CHARS", As::Count),
    ("What is read of an answer of RabbitMQ", "crates/broker/src/management.rs", "ANSWER_BYTES", As::Bytes),
    ("Cached API keys", "host/src/access/memory.rs", "MOST", As::Count),
    ("Look-ups of keys", "host/src/access.rs", "LOOK_UPS", As::Count),
    ("Look-ups of keys", "host/src/access.rs", "PERMIT_TIME", As::Seconds),
    ("Sessions |", "host/src/console/session.rs", "SESSIONS", As::Count),
    ("Walks through the dead letters", "host/src/console/walks.rs", "LIMIT", As::Seconds),
    ("Walks through the dead letters", "host/src/console/walks.rs", "AGE", As::Seconds),
    ("Dead letters that the console keeps", "host/src/console/walks.rs", "KEPT", As::Count),
    ("Dead letters that the console keeps", "host/src/console/walks.rs", "CAUSES", As::Count),
    ("Dead letters that the console keeps", "host/src/console/walks.rs", "LINE_BYTES", As::Bytes),
    ("Dead letters that the console keeps", "host/src/console/walks.rs", "WHOLE_BYTES", As::Bytes),
    ("What `waybill dev` keeps", "host/src/dev/printed.rs", "FIRST_BYTES", As::Bytes),
    ("What `waybill dev` keeps", "host/src/dev/printed.rs", "LAST_BYTES", As::Bytes),
    ("Bodies that the console reads", "host/src/service_client.rs", "ANSWER_BYTES", As::Bytes),
    ("Kept traces", "crates/telemetry/src/kept.rs", "BYTES", As::Bytes),
    ("Pages of traces", "host/src/traces_ui.rs", "ANSWERS", As::Count),
    ("Pages of traces", "host/src/traces_ui.rs", "TURN_LIMIT", As::Seconds),
    ("Texts of a span", "crates/telemetry/src/limit.rs", "TEXT_LIMIT_BYTES", As::Bytes),
    ("A log line |", "crates/telemetry/src/log_lines.rs", "LINE_BYTES", As::Bytes),
    ("A log line that nothing reads", "crates/telemetry/src/log_lines.rs", "READER_LIMIT", As::Seconds),
    ("A component's standard error", "host/src/runtime/standard_error.rs", "LINES", As::Count),
    ("Order timelines", "host/src/timeline.rs", "ORDERS", As::Count),
];

/// The numbers of the constants as the table writes them, each with its row and the constant's name.
static NUMBERS: LazyLock<Vec<(&str, &str, String)>> = LazyLock::new(|| {
    CONSTANTS
        .map(|(begin, source, constant, form)| (begin, constant, written(value(source, constant), form)))
        .into()
});

/// The defaults of settings as the table writes them, in MiB where the name says so.
static DEFAULTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let command = Cli::command();
    // It has the settings of `up` too.
    let dev = command.find_subcommand("dev").unwrap();
    dev.get_arguments()
        .filter_map(|argument| {
            let variable = argument.get_env()?.to_str()?.to_owned();
            let number: u64 = argument.get_default_values().first()?.to_str()?.parse().ok()?;
            let unit = if variable.ends_with("_MIB") { " MiB" } else { "" };
            Some((variable, written(number, As::Count) + unit))
        })
        .collect()
});

pub fn numbers(files: &Files, faults: &mut Vec<String>) {
    let text = files.document(FILE).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    let mut fault = |text: String| faults.push(format!("{FILE}: {text}"));
    for (begin, constant, number) in NUMBERS.iter() {
        let row = rows.iter().find(|row| row[2..].starts_with(begin));
        if !row.is_some_and(|row| has(row, number)) {
            fault(format!("the row {begin} does not have the {number} of {constant}: {row:?}"));
        }
    }
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, limit, setting, _] = cells[..] else { continue };
        let Some(default) = DEFAULTS.get(setting.trim_matches('`')) else { continue };
        if limit.starts_with(|first: char| first.is_ascii_digit()) && !limit.starts_with(default.as_str()) {
            fault(format!("{setting} is {default} by default: {row}"));
        }
    }
}

/// Whether a number stands in a row, and not as a part of another one.
fn has(row: &str, number: &str) -> bool {
    let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    row.match_indices(number).any(|(at, _)| {
        let (before, mut after) = (row[..at].chars().next_back(), row[at + number.len()..].chars());
        let next = after.next();
        let goes_on = is_digit(next) || next == Some(',') && is_digit(after.next());
        !goes_on && !is_digit(before) && before != Some(',')
    })
}

/// The value of a constant: a number, a shifted one, a time in seconds, or the default of a setting.
fn value(source: &str, constant: &str) -> u64 {
    let text = std::fs::read_to_string(project().join(source)).expect(source);
    let declared = format!(r"const {constant}: [\w<>]+ = (?:\w+ \{{[^}}]*default: )?([^;,]+)[;,]");
    let declared = Regex::new(&declared).unwrap();
    let found = declared.captures(&text).unwrap_or_else(|| panic!("{source} has no {constant}"));
    let number = |text: &str| text.trim().replace('_', "").parse::<u64>();
    let expression = found[1].trim_start_matches("Duration::from_secs(").trim_end_matches(')');
    if let Some((number_of, shift)) = expression.split_once("<<") {
        return number(number_of).unwrap() << number(shift).unwrap();
    }
    expression.split('*').map(|factor| number(factor).expect(source)).product()
}

/// As the table writes it.
fn written(value: u64, form: As) -> String {
    match form {
        As::Seconds => format!("{value} s"),
        As::Bytes if value >= 1 << 20 => format!("{} MiB", value >> 20),
        As::Bytes => format!("{} KiB", value >> 10),
        As::Count if value < 1_000 => value.to_string(),
        As::Count => format!("{},{:03}", value / 1_000, value % 1_000),
    }
}
