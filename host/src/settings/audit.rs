use clap::Args;

use super::values::seconds;
use super::{AdminListen, BrokerSettings, DatabaseSettings};

#[derive(Args, Debug)]
pub struct AuditSettings {
    /// Orders younger than this, in seconds, need not have an invoice yet.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = seconds(0..=604_800, 60))]
    pub grace_s: u32,
    /// One JSON object per line: the findings, then a summary.
    #[arg(long)]
    pub json: bool,
    /// Audit again every so many seconds, until asked to end; /metrics of --admin-listen has the findings of the last audit.
    #[arg(long, value_name = "SECONDS", value_parser = seconds(1..=604_800, 3600))]
    pub every_s: Option<u32>,
    #[command(flatten)]
    pub admin: AdminListen,
    #[command(flatten)]
    pub databases: DatabaseSettings,
    /// RabbitMQ, to count its messages.
    #[command(flatten)]
    pub broker: BrokerSettings,
}
