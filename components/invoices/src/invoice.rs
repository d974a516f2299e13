//! An invoice, as the API shows it.

use serde::{Deserialize, Serialize};
use waybill_contracts::{InvoiceDetails, Line};
use waybill_documents::{Bill, Customer, Date, Document, Kind, Seller, Settlement};
use waybill_service::sql::{FromRow, Row, SqlError};

use crate::bill;
use crate::stored_document::StoredDocument;
use crate::taxes::Tax;

/// An invoice.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// A `UUIDv7`.
    pub id: String,
    /// The number that is printed on it, such as `2026-000001`.
    pub number: String,
    /// The order that it bills.
    pub order_id: String,
    /// Who is to pay.
    pub customer_id: String,
    /// What is to be paid, in minor units of `currency`.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The date of issue, such as `2026-01-31`, in the time zone of the series.
    pub issue_date: String,
    /// `issued`, `paid` or `credited`.
    pub status: String,
    /// When it was paid.
    pub paid_at: Option<String>,
    /// The day on which it was paid, such as `2026-01-31`, in the time zone of the series.
    pub payment_date: Option<String>,
    /// What takes it back, if its order was canceled.
    pub credit_note: Option<DocumentReference>,
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
    /// What the invoice asks for, in minor units (BT-115): the amount without the prepayments, whether or not it was paid since.
    pub amount_due: i64,
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
    /// The day by which it is to be paid, such as `2026-01-31`.
    pub due_date: String,
}

/// The credit note of an invoice, or the invoice of a credit note.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentReference {
    /// A `UUIDv7`.
    pub id: String,
    /// The number that is printed on it, such as `CN-2026-000001`.
    pub number: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The date of issue, such as `2026-01-31`.
    pub issue_date: String,
}

impl FromRow for Invoice {
    fn from_row(row: &mut Row) -> Result<Self, SqlError> {
        let (amount, kept) = (row.get("amount")?, row.json("document")?);
        let lines: Vec<Line> = row.json("lines")?;
        let (created_at, issue_date): (_, String) = (row.get("created_at")?, row.get("issue_date")?);
        let StoredDocument { edition, bill, mut details } =
            StoredDocument::of_row(kept, amount, &lines, &issue_date);
        details.seller_id = None;
        let due_date = match details.due_date.take() {
            Some(due_date) => due_date,
            None => row.get("due_date")?,
        };
        Ok(Self {
            id: row.get("id")?,
            number: row.get("number")?,
            order_id: row.get("order_id")?,
            customer_id: row.get("customer_id")?,
            amount,
            currency: row.get("currency")?,
            created_at,
            issue_date,
            status: row.get("status")?,
            paid_at: row.get("paid_at")?,
            payment_date: row.get("payment_date")?,
            credit_note: row.json("credit_note")?,
            customer: row.json("customer")?,
            lines,
            taxes: bill.taxes.iter().map(Tax::from).collect(),
            net_amount: bill.net,
            tax_amount: bill.tax,
            amount_due: bill.due(&details),
            accounting_tax_amount: bill.accounting_tax.as_ref().map(|tax| tax.tax),
            shown_bill: bill::Bill::of(&bill, &details),
            details,
            edition,
            bill,
            seller_id: row.get("seller_id")?,
            seller: row.json("seller")?,
            due_date,
        })
    }
}

impl Invoice {
    /// The invoice as a document, and what has become of it; `None` if a date of the row is not one.
    pub fn document(&self) -> Option<(Document, Settlement)> {
        let document = Document {
            edition: self.edition,
            kind: Kind::Invoice { due_on: Date::read(&self.due_date)? },
            number: self.number.clone(),
            issued_on: Date::read(&self.issue_date)?,
            order_id: self.order_id.clone(),
            currency: self.currency.clone(),
            seller: self.seller.clone(),
            customer_id: self.customer_id.clone(),
            customer: self.customer.clone(),
            bill: self.bill.clone(),
            details: self.details.clone(),
        };
        let settlement = Settlement {
            paid_on: self.payment_date.as_deref().and_then(Date::read),
            credited_by: self.credit_note.as_ref().map(|note| note.number.clone()),
        };
        Some((document, settlement))
    }
}

#[cfg(test)]
impl Invoice {
    /// An invoice over 50 EUR, for tests.
    pub(crate) fn example() -> Self {
        Self::over(5000)
    }

    /// An invoice over an amount only, for tests.
    pub(crate) fn over(amount: i64) -> Self {
        Self {
            id: "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d".into(),
            number: "2026-000001".into(),
            order_id: "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e".into(),
            customer_id: "1651654165".into(),
            amount,
            currency: "EUR".into(),
            created_at: "2026-01-02T03:04:05.678Z".into(),
            issue_date: "2026-01-02".into(),
            status: "issued".into(),
            paid_at: None,
            payment_date: None,
            credit_note: None,
            customer: Customer::default(),
            lines: Vec::new(),
            taxes: Vec::new(),
            net_amount: amount,
            tax_amount: 0,
            amount_due: amount,
            accounting_tax_amount: None,
            details: InvoiceDetails::default(),
            edition: waybill_documents::EDITION,
            shown_bill: bill::Bill::of(&Bill::of_stored_lines(amount, &[]), &InvoiceDetails::default()),
            bill: Bill::of_stored_lines(amount, &[]),
            seller_id: "default".into(),
            seller: seller(),
            due_date: "2026-02-01".into(),
        }
    }
}

#[cfg(test)]
pub(crate) fn seller() -> Seller {
    Seller {
        name: "Example seller".into(),
        vat_id: Some("DE123456789".into()),
        address: "Example Street 1".into(),
        city: "Berlin".into(),
        zip_code: "10115".into(),
        country: "DE".into(),
        email: "invoices@seller.example".into(),
        payment_days: 30,
        ..Seller::default()
    }
}
