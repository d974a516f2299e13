//! Waybill as its users meet it: the real binary, HTTP from outside, signals, and databases that go away.
//!
//! What holds on every host alike is in `tests/conformance`.
//!
//! One program, so that everything is linked once and slow tests run beside each other. Every behaviour that does not
//! depend on the kind of database is checked on both: see [`on_both_databases`].

use anyhow::Result;
use tempfile::TempDir;
use waybill_tests::{Postgres, Waybill, WaybillConfig};

mod access;
mod access_keys;
mod access_over_time;
mod alerts;
mod audit;
mod browser;
mod connections;
mod console;
mod console_dead_letters;
mod crash;
mod database_outage;
mod dead_letters;
mod examples;
mod gateway;
mod idempotency;
mod kept_traces;
mod local_postgres;
mod metrics;
mod migrations;
mod on_spin;
mod order_to_invoice;
mod origins;
mod push;
mod rabbitmq;
mod read_only;
mod role_outages;
mod shutdown;
mod start;
mod traces;
mod webhooks;
mod wire;

/// A place of a test's own: a folder, and a PostgreSQL server, unless the one that `waybill up` runs by itself is meant.
struct World {
    folder: TempDir,
    postgres: Option<Postgres>,
}

impl World {
    fn local() -> Result<Self> {
        Ok(Self { folder: tempfile::Builder::new().prefix("waybill-").tempdir()?, postgres: None })
    }

    async fn servers() -> Result<Self> {
        Ok(Self { postgres: Some(Postgres::start().await?), ..Self::local()? })
    }

    /// `waybill up` in this world.
    fn config(&self) -> WaybillConfig {
        self.config_at("127.0.0.1:0")
    }

    /// The same on another address.
    fn config_at(&self, address: &str) -> WaybillConfig {
        self.with_databases(WaybillConfig::up_at(self.folder.path(), address))
    }

    /// A command on this world's databases.
    fn command(&self, words: &[&str]) -> WaybillConfig {
        let config = WaybillConfig::command(words.iter().copied(), self.folder.path());
        self.with_databases(
            config.variable("WAYBILL_DATA", self.folder.path().join("data").display().to_string()),
        )
    }

    fn with_databases(&self, config: WaybillConfig) -> WaybillConfig {
        match &self.postgres {
            Some(postgres) => config.databases(postgres),
            None => config,
        }
    }

    async fn up(&self) -> Result<Waybill> {
        Waybill::start(&self.config()).await
    }
}

/// Makes two tests of a function that takes a [`World`].
macro_rules! on_both_databases {
    ($behaviour:ident) => {
        mod $behaviour {
            #[tokio::test]
            async fn local() -> anyhow::Result<()> {
                super::$behaviour(&crate::World::local()?).await
            }

            #[tokio::test]
            async fn servers() -> anyhow::Result<()> {
                super::$behaviour(&crate::World::servers().await?).await
            }
        }
    };
}
use on_both_databases;
