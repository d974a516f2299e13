//! A credit note, as the API shows it.

use serde::Serialize;
use waybill_contracts::{InvoiceDetails, Line};
use waybill_documents::{Bill, Customer, Date, Document, Kind, Seller};
use waybill_service::sql::{FromRow, Row, SqlError};

use crate::bill;
use crate::invoice::DocumentReference;
use crate::stored_document::StoredDocument;
use crate::taxes::Tax;

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
    /// The date of issue, such as `2026-01-31`, in the time zone of the series.
    pub issue_date: String,
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
    /// The lines, allowances and charges summed up for each tax rate and category.
    pub taxes: Vec<Tax>,
    /// What it is without tax, in minor units (BT-109).
    pub net_amount: i64,
    /// The tax, in minor units (BT-110).
    pub tax_amount: i64,
    /// The tax in the currency that the seller accounts for it in (BT-111), in minor units of that currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounting_tax_amount: Option<i64>,
    /// What the order says of its invoice besides.
    #[serde(flatten)]
    pub details: InvoiceDetails,
    /// The edition of its documents.
    #[serde(skip)]
    pub edition: u16,
    /// The lines and sums as they were computed when it was issued, and as all its documents state them.
    #[serde(rename = "bill")]
    pub shown_bill: bill::Bill,
    /// The same, as it is kept.
    #[serde(skip)]
    pub bill: Bill,
    /// The seller's identifier.
    pub seller_id: String,
    /// The seller as it was when the invoice was issued.
    pub seller: Seller,
}

impl FromRow for CreditNote {
    fn from_row(row: &mut Row) -> Result<Self, SqlError> {
        let (amount, kept) = (row.get("amount")?, row.json("document")?);
        let lines: Vec<Line> = row.json("lines")?;
        let (created_at, invoice): (_, DocumentReference) = (row.get("created_at")?, row.json("invoice")?);
        let issue_date = row.get("issue_date")?;
        let StoredDocument { edition, bill, mut details } =
            StoredDocument::of_row(kept, amount, &lines, &invoice.issue_date);
        // Nothing is to be paid, so what the order said about the payment is left out.
        (details.due_date, details.payment_terms, details.note) = (None, None, None);
        (details.payment, details.seller_id) = (None, None);
        details.cash_discounts = Vec::new();
        // What the invoice takes off its total for deposits, it does not ask for, and its credit note does not give back: tax and money of
        // a deposit are of the deposit's own invoice (§ 14 (5) UStG). Credit notes of earlier editions credit the total.
        if edition < 3 {
            details.prepayments = Vec::new();
        }
        Ok(Self {
            id: row.get("id")?,
            number: row.get("number")?,
            created_at,
            issue_date,
            invoice,
            order_id: row.get("order_id")?,
            customer_id: row.get("customer_id")?,
            amount,
            currency: row.get("currency")?,
            customer: row.json("customer")?,
            lines,
            taxes: bill.taxes.iter().map(Tax::from).collect(),
            net_amount: bill.net,
            tax_amount: bill.tax,
            accounting_tax_amount: bill.accounting_tax.as_ref().map(|tax| tax.tax),
            shown_bill: bill::Bill::of(&bill, &details),
            details,
            edition,
            bill,
            seller_id: row.get("seller_id")?,
            seller: row.json("seller")?,
        })
    }
}

impl CreditNote {
    /// The credit note as a document; `None` if a date of the row is not one.
    pub fn document(&self) -> Option<Document> {
        Some(Document {
            edition: self.edition,
            kind: Kind::CreditNote {
                invoice_number: self.invoice.number.clone(),
                invoice_issued_on: Date::read(&self.invoice.issue_date)?,
            },
            number: self.number.clone(),
            issued_on: Date::read(&self.issue_date)?,
            order_id: self.order_id.clone(),
            currency: self.currency.clone(),
            seller: self.seller.clone(),
            customer_id: self.customer_id.clone(),
            customer: self.customer.clone(),
            bill: self.bill.clone(),
            details: self.details.clone(),
        })
    }
}
