//! The tables of webhooks, one function per statement.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio_postgres::Row;
use uuid::Uuid;
use waybill_contracts::{INVOICE_CREDITED, INVOICE_PAID, InvoiceEvent, InvoiceSnapshot};
use waybill_postgres::Database;
use waybill_statement_macro::bound;

use crate::delivery::{Attempt, Due};
use crate::schedule::delay_after;
use crate::sealing::open;
use crate::{SecretKeys, WebhooksError};

bound!(ClaimDue, "sql/claim_due.sql");
bound!(RecordAttempt, "sql/record_attempt.sql");

/// How long a delivery is leased: longer than an attempt and the recording of it can take.
pub(crate) const LEASE: Duration = Duration::from_mins(1);

/// The state of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    /// It is tried again.
    Pending,
    Failed,
    /// The receiver wants nothing more: its endpoint is disabled.
    Gone,
}

#[derive(Clone)]
pub(crate) struct Outbox {
    database: Database,
    keys: Option<Arc<SecretKeys>>,
}

impl Outbox {
    pub(crate) fn new(database: Database, keys: Option<Arc<SecretKeys>>) -> Self {
        Self { database, keys }
    }

    /// Leases what is due: at most `most`, and at most `per_endpoint` of each endpoint, those included that are leased already.
    pub(crate) async fn claim_due(&self, most: u32, per_endpoint: u32) -> Result<Vec<Due>, WebhooksError> {
        let lease_ms = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let claim = ClaimDue { most: most.into(), per_endpoint: per_endpoint.into(), lease_ms };
        let rows = self.database.rows(ClaimDue::TEXT, &claim.values()).await.map_err(failed)?;
        rows.iter().map(|row| due(row, self.keys.as_deref()).map_err(failed)).collect()
    }

    /// Records an attempt and the state of the delivery after it.
    pub(crate) async fn record(&self, due: &Due, attempt: &Attempt) -> Result<Outcome, WebhooksError> {
        let is_gone = attempt.status == Some(StatusCode::GONE);
        let delay = match &attempt.error {
            None => None,
            Some(_) if is_gone => None,
            Some(_) => delay_after(due.attempts.saturating_add(1), attempt.retry_after),
        };
        let outcome = match (&attempt.error, delay) {
            (None, _) => Outcome::Delivered,
            (Some(_), Some(_)) => Outcome::Pending,
            (Some(_), None) if is_gone => Outcome::Gone,
            (Some(_), None) => Outcome::Failed,
        };
        let status = match outcome {
            Outcome::Delivered => "delivered",
            Outcome::Pending => "pending",
            Outcome::Failed | Outcome::Gone => "failed",
        };
        let delay_ms = delay.map_or(0, |delay| i64::try_from(delay.as_millis()).unwrap_or(i64::MAX));
        let duration_ms = i32::try_from(attempt.duration.as_millis()).unwrap_or(i32::MAX);
        let status_code = attempt.status.map(|status| i32::from(status.as_u16()));
        // PostgreSQL's text cannot hold a NUL, which a receiver may well send.
        let error = attempt.error.as_ref().map(|error| error.replace('\0', " "));
        let record = RecordAttempt {
            endpoint_id: due.endpoint_id,
            event_id: due.event_id,
            attempted_at: attempt.attempted_at,
            duration_ms,
            status_code,
            error: error.as_deref(),
            status,
            delay_ms,
            attempts: due.attempts,
            is_gone,
        };
        self.database.rows(RecordAttempt::TEXT, &record.values()).await.map_err(failed)?;
        Ok(outcome)
    }
}

fn due(row: &Row, keys: Option<&SecretKeys>) -> Result<Due, Box<dyn Error + Send + Sync>> {
    let event_type: String = row.try_get("event_type")?;
    let text = |column| row.try_get::<_, String>(column).map(Cow::Owned);
    let only_of = |kind: &str, column| {
        if event_type == kind { row.try_get::<_, Option<String>>(column) } else { Ok(None) }
    };
    let event = InvoiceEvent {
        r#type: event_type.as_str().into(),
        timestamp: text("happened_at")?,
        data: InvoiceSnapshot {
            id: row.try_get("invoice_id")?,
            number: text("number")?,
            seller_id: text("seller_id")?,
            order_id: row.try_get("order_id")?,
            customer_id: text("customer_id")?,
            amount: row.try_get("amount")?,
            currency: text("currency")?,
            created_at: text("issued_at")?,
            paid_at: only_of(INVOICE_PAID, "paid_at")?.map(Cow::Owned),
            credit_note: only_of(INVOICE_CREDITED, "credit_note")?.map(Cow::Owned),
        },
    };
    let endpoint_id: Uuid = row.try_get("endpoint_id")?;
    let (secret, former): (&str, Vec<&str>) = (row.try_get("secret")?, row.try_get("former_secrets")?);
    // A former secret that no key opens is left out: with the current one, a receiver can verify what it gets.
    let secrets = open(keys, endpoint_id, secret).map(|current| {
        let former = former.into_iter().filter_map(|secret| open(keys, endpoint_id, secret));
        [current].into_iter().chain(former).collect()
    });
    let body = serde_json::to_vec(&event)?.into();
    Ok(Due {
        endpoint_id,
        event_id: row.try_get("event_id")?,
        url: row.try_get("url")?,
        secrets,
        attempts: row.try_get("attempts")?,
        event_type,
        body,
    })
}

pub(crate) fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> WebhooksError {
    WebhooksError::Outbox(error.into())
}
