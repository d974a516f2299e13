//! `waybill up`, serving.

use std::ops::Deref;

use anyhow::Result;

use crate::{Ended, Http, Process, WaybillConfig};

/// `waybill up`, serving.
#[derive(Debug)]
pub struct Waybill {
    process: Process,
    /// The orders service.
    pub orders: Http,
    /// The invoices service.
    pub invoices: Http,
    /// The gateway before both.
    pub gateway: Http,
}

impl Waybill {
    /// Starts it and waits until it says that it serves.
    pub async fn start(config: &WaybillConfig) -> Result<Self> {
        let process = Process::start(config).await?;
        let (orders, invoices) = (process.address("orders")?, process.address("invoices")?);
        let gateway = process.address("gateway")?;
        Ok(Self { process, orders, invoices, gateway })
    }

    /// Runs a command that ends by itself.
    pub async fn run(config: &WaybillConfig) -> Result<Ended> {
        Process::run(config).await
    }

    /// Kills it (SIGKILL).
    pub async fn kill(self) -> Result<()> {
        self.process.kill().await
    }

    /// Waits until it has ended, after a signal that asked it to.
    pub async fn ended(self) -> Result<Ended> {
        self.process.ended().await
    }

    /// Ends it in order, as a supervisor would.
    pub async fn stop(self) -> Result<Ended> {
        self.process.stop().await
    }
}

impl Deref for Waybill {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}
