//! A credit note, as the API shows it.

use serde::Serialize;
use waybill_contracts::Line;
use waybill_documents::{Bill, Customer, Date, Document, Kind, Seller};
use waybill_service::sql::{Row, SqlError};

use crate::invoice::DocumentReference;
use crate::taxes::{Tax, by_rate};

/// A credit note over a whole invoice.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditNote {
    /// A `UUIDv7`.
    pub id: String,
    /// The number that is printed on it, such as `CN-2026-000001`.
    pub number: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// What it takes back. All that follows is as it is there.
    pub invoice: DocumentReference,
    /// The order that was canceled.
    pub order_id: String,
    /// Who gets it.
    pub customer_id: String,
    /// What is credited, in minor units of `currency`.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// The customer as it was when the order was taken.
    pub customer: Customer,
    /// What was ordered; empty where only an amount was.
    pub lines: Vec<Line>,
    /// The lines summed up for each tax rate.
    pub taxes: Vec<Tax>,
    /// The seller as it was when the invoice was issued.
    pub seller: Seller,
}

impl CreditNote {
    /// Reads a row of the statements that select credit notes; they list the columns in the order of the fields.
    pub fn from_row(mut row: Row) -> Result<Self, SqlError> {
        let mut note = Self {
            id: row.text()?,
            number: row.text()?,
            created_at: row.text()?,
            invoice: row.json()?,
            order_id: row.text()?,
            customer_id: row.text()?,
            amount: row.int8()?,
            currency: row.text()?,
            customer: row.json()?,
            lines: row.json()?,
            taxes: Vec::new(),
            seller: row.json()?,
        };
        note.taxes = by_rate(&note.lines);
        Ok(note)
    }

    /// The credit note as a document; none where a date of the row is none.
    pub fn document(&self) -> Option<Document> {
        Some(Document {
            kind: Kind::CreditNote {
                invoice_number: self.invoice.number.clone(),
                invoice_issued_on: Date::read(&self.invoice.created_at)?,
            },
            number: self.number.clone(),
            issued_on: Date::read(&self.created_at)?,
            order_id: self.order_id.clone(),
            currency: self.currency.clone(),
            seller: self.seller.clone(),
            customer_id: self.customer_id.clone(),
            customer: self.customer.clone(),
            bill: Bill::of(self.amount, &self.lines),
        })
    }
}
