use clap::Args;

/// What is ours at `info`; libraries speak up when something is wrong.
const QUIET_LIBRARIES: &str = "info,lapin=off,opentelemetry=warn,refinery_core=warn,tokio_postgres=warn";

/// Where logs go and what they say.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Logs")]
pub struct LogSettings {
    /// Which events are logged, for example info or warn,waybill=debug.
    #[arg(long, env = "RUST_LOG", value_name = "FILTER", default_value = QUIET_LIBRARIES, global = true)]
    pub log: String,
    /// How they are written, on standard error: human or json.
    #[arg(long, env = "WAYBILL_LOG_FORMAT", value_name = "FORMAT", default_value = "human", global = true)]
    pub log_format: waybill_telemetry::LogFormat,
}
