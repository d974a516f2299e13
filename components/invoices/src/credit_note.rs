//! A credit note, as the API shows it.

use serde::Serialize;
use waybill_contracts::Line;
use waybill_documents::{Bill, Customer, Date, Details, Document, Kind, Seller};
use waybill_service::sql::{FromRow, Row, SqlError};

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

impl FromRow for CreditNote {
    fn from_row(row: &mut Row) -> Result<Self, SqlError> {
        let mut note = Self {
            id: row.get("id")?,
            number: row.get("number")?,
            created_at: row.get("created_at")?,
            invoice: row.json("invoice")?,
            order_id: row.get("order_id")?,
            customer_id: row.get("customer_id")?,
            amount: row.get("amount")?,
            currency: row.get("currency")?,
            customer: row.json("customer")?,
            lines: row.json("lines")?,
            taxes: Vec::new(),
            seller: row.json("seller")?,
        };
        note.taxes = by_rate(&note.lines);
        Ok(note)
    }
}

impl CreditNote {
    /// The credit note as a document; `None` if a date of the row is not one.
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
            details: Details::default(),
        })
    }
}
