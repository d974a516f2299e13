use std::path::PathBuf;

use clap::Args;

use super::Secret;
use super::values::count;

/// Where the data is kept.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Databases")]
pub struct DatabaseSettings {
    /// Folder of the compiled components and of the own PostgreSQL's data.
    #[arg(long, env = "WAYBILL_DATA", value_name = "FOLDER", default_value = ".waybill")]
    pub data: PathBuf,
    /// Folder of PostgreSQL's programs for the own server; unless given, the newest one of this machine, or the fetched one.
    #[arg(long, env = "WAYBILL_POSTGRES", value_name = "FOLDER")]
    pub postgres: Option<PathBuf>,
    /// The orders database on a PostgreSQL server, in place of the own one.
    #[arg(long, env = "ORDERS_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub orders_database_url: Option<Secret>,
    /// The invoices database on a PostgreSQL server, in place of the own one.
    #[arg(long, env = "INVOICES_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub invoices_database_url: Option<Secret>,
    /// Connections to each PostgreSQL server; statements are pipelined over them.
    #[arg(long, env = "WAYBILL_DATABASE_CONNECTIONS", value_name = "COUNT", default_value_t = 8, value_parser = count::<1, 512>)]
    pub database_connections: u32,
}
