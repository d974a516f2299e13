use std::path::PathBuf;

use clap::Args;

use super::Secret;
use super::values::count;

/// Where the data is.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Databases")]
pub struct DatabaseSettings {
    /// Data folder: compiled components, and the data of the PostgreSQL that waybill runs.
    #[arg(long, env = "WAYBILL_DATA", value_name = "FOLDER", default_value = ".waybill")]
    pub data: PathBuf,
    /// Folder of the PostgreSQL programs that waybill runs. By default the newest ones on this machine, or those that were
    /// fetched; for example /usr/lib/postgresql/17/bin.
    #[arg(long, env = "WAYBILL_POSTGRES", value_name = "FOLDER")]
    pub postgres: Option<PathBuf>,
    /// PostgreSQL server of the orders database, instead of the one that waybill runs.
    #[arg(long, env = "ORDERS_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub orders_database_url: Option<Secret>,
    /// PostgreSQL server of the invoices database, instead of the one that waybill runs.
    #[arg(long, env = "INVOICES_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub invoices_database_url: Option<Secret>,
    /// Connections to each PostgreSQL server; statements are pipelined over them.
    #[arg(long, env = "WAYBILL_DATABASE_CONNECTIONS", value_name = "COUNT", default_value_t = 8, value_parser = count(1..=512))]
    pub database_connections: u32,
}
