//! The servers that contenders share.

use anyhow::Result;
use waybill_tests::Postgres;

/// A PostgreSQL of this run's own, with both schemas.
pub async fn postgres() -> Result<Postgres> {
    let mut postgres = Postgres::start_migrated().await?;
    postgres.keep_quiet();
    Ok(postgres)
}
