use anyhow::{Result, ensure};

use crate::{Postgres, Process, WaybillConfig};

impl Postgres {
    /// Starts a new server with both schemas, which the program itself applies.
    pub async fn start_migrated() -> Result<Self> {
        Self::start_migrated_with(&[]).await
    }

    /// The same with settings that go before those that `waybill up` has.
    pub async fn start_migrated_with(settings: &'static [(&'static str, &'static str)]) -> Result<Self> {
        let postgres = Self::start_with(settings).await?;
        let folder = postgres.server().folder().to_owned();
        let migrate = WaybillConfig::command(["migrate"], &folder).databases(&postgres);
        let migrated = Process::run(&migrate).await?;
        ensure!(migrated.status.success(), "{}", migrated.stderr);
        Ok(postgres)
    }
}
