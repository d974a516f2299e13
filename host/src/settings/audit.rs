use clap::Args;

use super::values::count;
use super::{AdminListen, BrokerSettings, DatabaseSettings};

/// `waybill audit`.
#[derive(Args, Debug)]
pub struct AuditSettings {
    /// Orders younger than this, in seconds, may still be on their way to their invoice.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = count::<0, 604_800>)]
    pub grace_s: u32,
    /// One JSON object a line: the findings, then a summary.
    #[arg(long)]
    pub json: bool,
    /// Go on, and audit again after this time, in seconds, until asked to end; what the last audit found is at /metrics of
    /// --admin-listen.
    #[arg(long, value_name = "SECONDS", value_parser = count::<1, 604_800>)]
    pub every_s: Option<u32>,
    /// Admin.
    #[command(flatten)]
    pub admin: AdminListen,
    /// Databases.
    #[command(flatten)]
    pub databases: DatabaseSettings,
    /// RabbitMQ, to count what waits there.
    #[command(flatten)]
    pub broker: BrokerSettings,
}
