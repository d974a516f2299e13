//! `waybill up`, serving.

use std::ops::Deref;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{Ended, Http, Process, WaybillConfig, eventually};

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

    /// Places an order, which has to be accepted, and waits for its invoice.
    pub async fn invoiced(&self, order: &Value) -> Result<Value> {
        let placed = self.gateway.post_json("/orders", order.to_string()).await?;
        placed.expect(201).with_context(|| order.to_string())?;
        self.invoices.invoice_of(placed.json()?["id"].as_str().context("an order without an id")?).await
    }

    /// Cancels an order, and waits for the first credit note.
    pub async fn credited(&self, order: &str) -> Result<Value> {
        self.gateway.post_json(&format!("/orders/{order}/cancel"), "").await?.expect(200)?;
        eventually("the credit note", Duration::from_secs(30), async || {
            Ok(self.gateway.get("/credit-notes").await?.json()?["creditNotes"].get(0).cloned())
        })
        .await
    }

    /// The text of an invoice as a media type, in a language where it is in words.
    pub async fn represented(&self, invoice: &Value, media_type: &str, language: &str) -> Result<String> {
        let id = invoice["id"].as_str().context("an invoice without an id")?;
        let answer = self.gateway.get_as(&format!("/invoices/{id}"), media_type, language).await?;
        answer.expect(200)?;
        Ok(answer.text())
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
