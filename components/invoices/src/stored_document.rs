//! What an invoice keeps of its bill.

use serde::{Deserialize, Serialize};
use waybill_contracts::{Delivery, InvoiceDetails, Line};
use waybill_documents::Bill;

/// What was computed when an invoice was issued, and what its order said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDocument<D = InvoiceDetails> {
    /// The edition of its documents ([`waybill_documents::EDITION`]); those from before editions have none.
    #[serde(default)]
    pub edition: u16,
    /// The lines and sums.
    pub bill: Bill,
    /// What the order said besides.
    pub details: D,
}

impl StoredDocument {
    /// What is read of an invoice's row; an invoice from before bills were kept has none, and its bill follows from amount and lines.
    ///
    /// An order that says nothing of its delivery is supplied on the day of the invoice (VAT Directive, art. 226 (7)), `issued_on`.
    pub fn of_row(kept: Option<Self>, amount: i64, lines: &[Line], issued_on: &str) -> Self {
        let Some(mut kept) = kept else {
            let bill = Bill::of_stored_lines(amount, lines);
            return Self { bill, ..Self::default() };
        };
        let delivery = kept.details.delivery.get_or_insert_default();
        let Delivery { date, start_date, end_date, .. } = &delivery;
        if date.is_none() && start_date.is_none() && end_date.is_none() {
            delivery.date = Some(issued_on.to_owned());
        }
        kept
    }
}
