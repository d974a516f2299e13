//! `waybill migrate`.

use waybill_telemetry::{Telemetry, TelemetryConfig};

use crate::databases::{self, Databases, migrate};
use crate::output;
use crate::settings::{ComponentName, LogSettings, MigrateCommand, MigrateSettings};

/// Runs `waybill migrate`.
pub async fn run(settings: MigrateSettings, logs: &LogSettings) -> anyhow::Result<()> {
    if let Some(MigrateCommand::New { database, name, migrations }) = &settings.new {
        output::notice(migrate::new_file(migrations, *database, name)?.display());
        return Ok(());
    }
    let telemetry = Telemetry::start(TelemetryConfig::from_env(Some(logs.log.clone()), logs.log_format)?)?;
    let names = [ComponentName::Orders, ComponentName::Invoices];
    if settings.status {
        names.iter().try_for_each(|name| databases::ensure_exists(*name, &settings.databases))?;
    }
    let databases = Databases::join(&settings.databases, &names).await?;
    for name in names {
        let database = databases.open(name).await?;
        let runner = migrate::migrations(name);
        if settings.status {
            output::line(migrate::status(&database, name, &runner).await?.trim_end())?;
        } else {
            let applied = migrate::apply(&database, name, &runner).await?;
            for file in &applied {
                output::notice(format_args!("{:<9} applied {file}", name.as_str()));
            }
            if applied.is_empty() {
                output::notice(format_args!("{:<9} nothing to do", name.as_str()));
            }
        }
        database.close().await;
    }
    telemetry.shutdown().await;
    Ok(())
}
