//! Readiness of a process that nobody asks for anything: no request fails that would show the outage.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::timeout;
use waybill_tests::{Http, Postgres, Process, WaybillConfig};

use crate::TestEnv;

/// In which an outage shows.
const NOTICE_LIMIT: Duration = Duration::from_secs(15);

/// In which its end shows.
const RECOVERY_LIMIT: Duration = Duration::from_secs(30);

/// An orders service without requests, and its database.
struct Idle {
    postgres: Postgres,
    admin: Http,
    _orders: Process,
    _env: TestEnv,
}

impl Idle {
    async fn start() -> Result<Self> {
        let (env, postgres) = (TestEnv::local()?, Postgres::start_migrated().await?);
        let words = ["serve", "orders", "--orders-listen", "127.0.0.1:0"];
        let config = WaybillConfig::command(words, env.folder.path()).databases(&postgres).admin();
        let orders = Process::start(&config).await?;
        let admin = orders.address("admin")?;
        admin.answers("/readyz", 200).await?;
        Ok(Self { postgres, admin, _orders: orders, _env: env })
    }

    async fn is_unready(&self, cause: &str) -> Result<()> {
        timeout(NOTICE_LIMIT, self.admin.is_not_ready(&["orders_database", cause]))
            .await
            .context("not in time")?
    }

    async fn is_ready(&self) -> Result<()> {
        timeout(RECOVERY_LIMIT, self.admin.answers("/readyz", 200)).await.context("not in time")?
    }
}

#[tokio::test]
async fn a_database_that_stands_still_is_named_without_a_request() -> Result<()> {
    let idle = Idle::start().await?;
    let frozen = idle.postgres.freeze()?;
    idle.is_unready("no answer within").await?;
    drop(frozen);
    idle.is_ready().await
}

#[tokio::test]
async fn a_database_that_became_read_only_is_named_without_a_request() -> Result<()> {
    let idle = Idle::start().await?;
    idle.postgres.set_read_only("on").await?;
    idle.is_unready("the database is read-only").await?;
    idle.postgres.set_read_only("off").await?;
    idle.is_ready().await
}
