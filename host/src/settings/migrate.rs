use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::components::component_name;
use super::{ComponentName, DatabaseSettings};

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct MigrateSettings {
    /// Start a new migration instead.
    #[command(subcommand)]
    pub new: Option<MigrateCommand>,
    /// Show which migrations are applied and which are pending, and change nothing.
    #[arg(long)]
    pub status: bool,
    #[command(flatten)]
    pub databases: DatabaseSettings,
}

/// What `waybill migrate` can do besides migrating.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Create the file of the next migration, for example `waybill migrate new orders add_notes`.
    New {
        /// The database: orders or invoices.
        #[arg(value_parser = component_name)]
        database: ComponentName,
        /// What it does, in lower-case words joined by underscores.
        #[arg(value_parser = migration_name)]
        name: String,
        /// Folder of the migrations.
        #[arg(long, default_value = "migrations")]
        migrations: PathBuf,
    },
}

fn migration_name(text: &str) -> Result<String, String> {
    let fits = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fits && text.len() <= 60 {
        Ok(text.to_owned())
    } else {
        Err("it must be lower-case words joined by underscores; an example is add_notes".to_owned())
    }
}
