//! The tables of webhooks, one function per statement.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use tokio_postgres::Row;
use uuid::Uuid;
use waybill_contracts::{INVOICE_CREDITED, INVOICE_PAID, InvoiceEvent, InvoiceTold};
use waybill_postgres::{Database, Error};

use crate::WebhooksError;
use crate::post::Attempt;
use crate::schedule::wait_after;

const CLAIM_DUE: &str = include_str!("sql/claim_due.sql");
const RECORD_ATTEMPT: &str = include_str!("sql/record_attempt.sql");

/// How long a delivery is kept from others: longer than an attempt and its noting down can take.
const LEASE: Duration = Duration::from_mins(1);

/// A delivery that is to be attempted now.
#[derive(Debug)]
pub(crate) struct Due {
    pub endpoint_id: Uuid,
    pub event_id: Uuid,
    pub event_type: String,
    pub url: String,
    pub secret: Secret,
    /// How often it has failed before.
    pub attempts: i32,
    pub body: Bytes,
}

/// The key of an endpoint's signatures, which nothing shows.
pub(crate) struct Secret(String);

impl std::ops::Deref for Secret {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// What is written down of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    /// It is tried again.
    Waits,
    GivenUp,
}

#[derive(Clone)]
pub(crate) struct Outbox {
    database: Database,
}

impl Outbox {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Leases what is due: at most `most`, and at most `per_endpoint` of each endpoint, those included that are leased already.
    pub(crate) async fn claim_due(&self, most: u32, per_endpoint: u32) -> Result<Vec<Due>, WebhooksError> {
        let lease_ms = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let rows = self
            .database
            .rows(CLAIM_DUE, &[&i64::from(most), &i64::from(per_endpoint), &lease_ms])
            .await
            .map_err(|error| failed(&error))?;
        rows.iter().map(due).collect()
    }

    /// Writes an attempt down, and what follows from it.
    pub(crate) async fn record(&self, due: &Due, attempt: &Attempt) -> Result<Outcome, WebhooksError> {
        let wait = match &attempt.error {
            None => None,
            Some(_) => wait_after(due.attempts.saturating_add(1), attempt.retry_after),
        };
        let outcome = match (&attempt.error, wait) {
            (None, _) => Outcome::Delivered,
            (Some(_), Some(_)) => Outcome::Waits,
            (Some(_), None) => Outcome::GivenUp,
        };
        let status = match outcome {
            Outcome::Delivered => "delivered",
            Outcome::Waits => "pending",
            Outcome::GivenUp => "failed",
        };
        let wait_ms = wait.map_or(0, |wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
        let duration_ms = i32::try_from(attempt.duration.as_millis()).unwrap_or(i32::MAX);
        let status_code = attempt.status.map(|status| i32::from(status.as_u16()));
        // PostgreSQL's text cannot hold a NUL, which a receiver may well send.
        let error = attempt.error.as_ref().map(|error| error.replace('\0', " "));
        self.database
            .rows(
                RECORD_ATTEMPT,
                &[
                    &due.endpoint_id,
                    &due.event_id,
                    &attempt.attempted_at,
                    &duration_ms,
                    &status_code,
                    &error,
                    &status,
                    &wait_ms,
                    &due.attempts,
                ],
            )
            .await
            .map_err(|error| failed(&error))?;
        Ok(outcome)
    }
}

fn due(row: &Row) -> Result<Due, WebhooksError> {
    read(row).map_err(|error| WebhooksError(error.to_string()))
}

fn read(row: &Row) -> Result<Due, Box<dyn std::error::Error>> {
    let event_type: String = row.try_get("event_type")?;
    let text = |column| row.try_get::<_, String>(column).map(Cow::Owned);
    let only_of = |kind: &str, column| {
        if event_type == kind { row.try_get::<_, Option<String>>(column) } else { Ok(None) }
    };
    let event = InvoiceEvent {
        r#type: event_type.as_str().into(),
        timestamp: text("happened_at")?,
        data: InvoiceTold {
            id: row.try_get("invoice_id")?,
            number: text("number")?,
            order_id: row.try_get("order_id")?,
            customer_id: text("customer_id")?,
            amount: row.try_get("amount")?,
            currency: text("currency")?,
            created_at: text("issued_at")?,
            paid_at: only_of(INVOICE_PAID, "paid_at")?.map(Cow::Owned),
            credit_note: only_of(INVOICE_CREDITED, "credit_note")?.map(Cow::Owned),
        },
    };
    let body = serde_json::to_vec(&event)?.into();
    Ok(Due {
        endpoint_id: row.try_get("endpoint_id")?,
        event_id: row.try_get("event_id")?,
        url: row.try_get("url")?,
        secret: Secret(row.try_get("secret")?),
        attempts: row.try_get("attempts")?,
        event_type,
        body,
    })
}

fn failed(error: &Error) -> WebhooksError {
    WebhooksError(error.to_string())
}
