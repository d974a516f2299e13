use clap::Args;

/// Our own logs at `info`, noisy libraries less.
const QUIET_LIBRARIES: &str = "info,lapin=off,opentelemetry=warn,refinery_core=warn,tokio_postgres=warn";

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Logs")]
pub struct LogSettings {
    /// What is logged, for example info or warn,waybill=debug.
    #[arg(long, env = "RUST_LOG", value_name = "FILTER", default_value = QUIET_LIBRARIES, global = true)]
    pub log: String,
    /// Format of the logs on standard error: human or json.
    #[arg(long, env = "WAYBILL_LOG_FORMAT", value_name = "FORMAT", default_value = "human", global = true)]
    pub log_format: waybill_telemetry::LogFormat,
}
