//! Waybill as its users meet it: the real binary, HTTP from outside, signals, and databases that become unavailable.
//!
//! Tests of behaviour that every host shares are in `tests/conformance`.
//!
//! All tests are in one program: it is linked once, and slow tests run in parallel. Behaviour that does not depend on the
//! kind of database is tested on both kinds: see [`on_both_databases`].

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use waybill_tests::{Postgres, Waybill, WaybillConfig};

use crate::machine::Turn;

mod access;
mod access_keys;
mod access_over_time;
mod alerts;
mod audit;
mod billing;
mod billing_payment;
mod billing_taxes;
mod broker_losses;
mod browser;
mod clients;
mod clock_set_back;
mod command_line;
mod compiled_components;
mod component_errors;
mod component_spans;
mod connections;
mod console;
mod console_access;
mod console_dead_letters;
mod console_settings;
mod crash;
mod database_faults;
mod database_outage;
mod database_settings;
mod database_urls;
mod dead_letters;
mod dev;
mod documents;
mod draining;
mod electronic_invoices;
mod examples;
mod failover;
mod fonts;
mod gateway;
mod help;
mod idempotency;
mod idle_readiness;
mod invoice_cases;
mod kept_traces;
mod limits;
mod limits_of_memory;
mod listeners;
mod local_postgres;
mod machine;
mod metrics;
mod metrics_page;
mod migrations;
mod on_other_hosts;
mod on_spin;
mod on_wasmcloud2;
mod order_to_invoice;
mod origins;
mod output;
mod parties;
mod push;
mod rabbitmq;
mod read_only;
mod relay_leadership;
mod request_ids;
mod role_outages;
mod rolling_restart;
mod seller;
mod series;
mod shutdown;
mod start;
mod strangers;
mod traces;
mod upgrade;
mod webhooks;
mod wire;

/// A test's own folder and PostgreSQL server; without a server, `waybill up` runs its local one.
struct TestEnv {
    folder: TempDir,
    postgres: Option<Postgres>,
    _turn: Option<Turn>,
}

impl TestEnv {
    fn local() -> Result<Self> {
        let turn = Turn::beside_others();
        let folder = tempfile::Builder::new().prefix("waybill-").tempdir()?;
        Ok(Self { folder, postgres: None, _turn: turn })
    }

    async fn servers() -> Result<Self> {
        let local = Self::local()?;
        Ok(Self { postgres: Some(Postgres::start().await?), ..local })
    }

    /// The server of an environment that [`TestEnv::servers`] made.
    fn postgres(&self) -> Result<&Postgres> {
        self.postgres.as_ref().context("this environment has no PostgreSQL server")
    }

    fn postgres_mut(&mut self) -> Result<&mut Postgres> {
        self.postgres.as_mut().context("this environment has no PostgreSQL server")
    }

    /// `waybill up` on loopback.
    fn config(&self) -> WaybillConfig {
        self.config_at("127.0.0.1:0")
    }

    fn config_at(&self, address: &str) -> WaybillConfig {
        self.with_databases(WaybillConfig::up_at(self.folder.path(), address))
    }

    /// A command on the databases of this environment.
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

/// Makes two tests of a function that takes a [`TestEnv`].
macro_rules! on_both_databases {
    ($behaviour:ident) => {
        mod $behaviour {
            #[tokio::test]
            async fn local() -> anyhow::Result<()> {
                super::$behaviour(&crate::TestEnv::local()?).await
            }

            #[tokio::test]
            async fn servers() -> anyhow::Result<()> {
                super::$behaviour(&crate::TestEnv::servers().await?).await
            }
        }
    };
}
use on_both_databases;
