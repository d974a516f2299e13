use std::error::Error;

use thiserror::Error;

/// Why telemetry could not be started. Each message names the setting, its fault, and an example.
///
/// Values of headers never appear here, since they carry credentials.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// An environment variable has a value that cannot be used.
    #[error("{name} {fault}; for example: {name}={example}")]
    Setting {
        /// The variable.
        name: String,
        /// What is wrong with its value.
        fault: String,
        /// A value that would do.
        example: &'static str,
    },

    /// The log filter (`--log` or `RUST_LOG`) cannot be parsed.
    #[error("the log filter `{filter}` (--log or RUST_LOG) {fault}; for example: info,waybill=debug")]
    LogFilter {
        /// The filter as it was given.
        filter: String,
        /// What is wrong with it.
        fault: String,
    },

    /// The log format is not one of those we write.
    #[error("the log format `{0}` is unknown; it is `human` or `json`")]
    LogFormat(String),

    /// The exporter could not be built from valid settings: usually the system has no root certificates.
    #[error("the exporter of traces or metrics cannot be started")]
    Exporter(#[source] Box<dyn Error + Send + Sync>),

    /// Exporting was asked for outside of a Tokio runtime. This is a fault of the program.
    #[error("traces and metrics can be exported only from inside a Tokio runtime")]
    NoRuntime,
}
