//! Logs: `tracing` events on standard error, for people or as JSON.

use std::fmt;
use std::io::{self, IsTerminal};
use std::str::FromStr;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::TelemetryError;
use crate::log_lines::LogLines;

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One readable line per event, in colour on a terminal.
    #[default]
    Human,
    /// One JSON object per line, for a log collector.
    Json,
}

impl FromStr for LogFormat {
    type Err = TelemetryError;

    fn from_str(text: &str) -> Result<Self, TelemetryError> {
        match text {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err(TelemetryError::LogFormat(text.to_owned())),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Human => "human",
            Self::Json => "json",
        })
    }
}

/// Starts logging for the process. A subscriber that is already there stays, so that a test or a program that embeds
/// the host keeps its own.
pub(crate) fn start(filter: Option<&str>, format: LogFormat) -> Result<(), TelemetryError> {
    let filter = parse_filter(filter.unwrap_or("info"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // It would report on standard error that standard error cannot be written, and panic.
        .log_internal_errors(false)
        .with_writer(LogLines { is_json: format == LogFormat::Json });
    let started = match format {
        LogFormat::Human => {
            let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            lines.with_ansi(colours).finish().try_init()
        }
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    if started.is_err() {
        tracing::debug!("a log subscriber is already installed and stays");
    }
    Ok(())
}

const QUIET_CLIENT: &str = "lapin=off";

/// Parses a filter such as `info,waybill=debug`. A lone word must be a level: the usual reading, a target for which
/// everything is logged and nothing else, would turn a misspelt level into silence.
fn parse_filter(filter: &str) -> Result<EnvFilter, TelemetryError> {
    let fault = |fault: String| TelemetryError::LogFilter { filter: filter.to_owned(), fault };
    let mut directives = filter.to_owned();
    // A comma inside of brackets separates fields of a span; such a filter is left to the library altogether.
    if !filter.contains('[') {
        let parts: Vec<&str> = filter.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        for part in &parts {
            if !part.contains('=') && part.parse::<LevelFilter>().is_err() {
                return Err(fault(format!("has `{part}`, which is neither a level nor `target=level`")));
            }
        }
        // The library takes no blanks.
        directives = parts.join(",");
    }
    // The client of RabbitMQ logs as errors what it also returns to its caller, who may expect it: a channel that RabbitMQ closes
    // with the answer to a question, the end of a connection that is being closed. Our own code logs what is left of that.
    if !filter.contains("lapin") {
        directives = if directives.is_empty() {
            QUIET_CLIENT.to_owned()
        } else {
            format!("{directives},{QUIET_CLIENT}")
        };
    }
    EnvFilter::builder().parse(directives).map_err(|error| fault(format!("cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{LogFormat, parse_filter};

    #[test]
    fn levels_and_targets_are_filters() {
        for filter in
            ["info", "warn,waybill=debug", "off", "info, waybill_relay=trace", "[request{id=1}]=debug"]
        {
            assert!(parse_filter(filter).is_ok(), "{filter}");
        }
    }

    #[test]
    fn the_client_of_rabbitmq_is_quiet_unless_it_is_named() {
        for (filter, quiet) in
            [("info", true), ("warn,waybill=debug", true), ("trace,lapin=info", false), ("lapin=warn", false)]
        {
            let shown = parse_filter(filter).unwrap().to_string();
            assert_eq!(shown.contains("lapin=off"), quiet, "{filter}: {shown}");
        }
    }

    #[test]
    fn a_bad_filter_is_an_error_that_names_the_setting() {
        for filter in ["verbose", "info,waybil", "waybill=loud"] {
            let message = parse_filter(filter).unwrap_err().to_string();
            assert!(message.contains("--log or RUST_LOG") && message.contains(filter), "{message}");
        }
    }

    #[test]
    fn a_format_is_read_as_it_is_written() {
        for format in [LogFormat::Human, LogFormat::Json] {
            assert_eq!(format.to_string().parse::<LogFormat>().unwrap(), format);
        }
        assert!("xml".parse::<LogFormat>().is_err());
    }
}
