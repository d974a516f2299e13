//! What a client orders.

mod details;
mod line;
mod payment;
mod taxes;

use waybill_billing::{
    Fault, MAX_ALLOWANCES, MAX_CASH_DISCOUNTS, MAX_LINES, faults, prepayment_fault, total,
};
use waybill_contracts::{DEFAULT_CURRENCY, DEFAULT_CUSTOMER_ID, InvoiceDetails, Line, MAX_AMOUNT};
use waybill_service::rules::parties::SELLER_ID;
use waybill_service::rules::{AMOUNT, CURRENCY, Flag, Items, Object};
use waybill_service::text::LineOfText;
use waybill_service::{FieldError, Fields, Problem};

use self::details::{NewAllowance, NewDelivery, NewTaxCurrency};
pub use self::line::NewOrderLine;
pub use self::payment::NewCashDiscount;
use self::payment::{NewPayment, NewPrepayment};
use crate::customer::DATE;

/// What a client orders: an amount, or lines, or both where they agree. The `BT-…` and `BG-…` are the terms of EN 16931.
#[derive(Debug, PartialEq, Eq, Fields)]
pub struct NewOrder {
    /// Minor units of the currency, such as cents. Needed where there are no lines.
    #[rule(AMOUNT, example = 5000)]
    pub amount: Option<i64>,
    /// Who orders.
    #[rule(LineOfText::LONG, default = DEFAULT_CUSTOMER_ID)]
    pub customer_id: String,
    /// ISO 4217.
    #[rule(CURRENCY, default = DEFAULT_CURRENCY)]
    pub currency: String,
    /// What is ordered. Their sum with tax is the amount.
    #[rule(Items::<NewOrderLine>::up_to(MAX_LINES, "lines"))]
    pub lines: Option<Vec<NewOrderLine>>,
    /// The seller who issues the invoice, `default` if not given. An order of a seller who is not set yet is not invoiced until then.
    #[rule(SELLER_ID, example = "paper")]
    pub seller_id: Option<String>,
    /// Whether the prices, allowances and charges include the tax.
    #[rule(Flag, default = false)]
    pub prices_include_tax: bool,
    /// What is taken off the sum of the lines (BG-20).
    #[rule(Items::<NewAllowance>::up_to(MAX_ALLOWANCES, "allowances"))]
    pub allowances: Option<Vec<NewAllowance>>,
    /// What is added to the sum of the lines, such as shipping (BG-21).
    #[rule(Items::<NewAllowance>::up_to(MAX_ALLOWANCES, "charges"))]
    pub charges: Option<Vec<NewAllowance>>,
    /// Free text (BT-22).
    #[rule(LineOfText::NOTE)]
    pub note: Option<String>,
    /// The buyer's routing reference for the invoice, such as a Leitweg-ID (BT-10).
    #[rule(LineOfText::LONG)]
    pub buyer_reference: Option<String>,
    /// The buyer's purchase order (BT-13).
    #[rule(LineOfText::LONG)]
    pub purchase_order: Option<String>,
    /// The seller's sales order (BT-14), where it is not the order's identifier.
    #[rule(LineOfText::LONG)]
    pub sales_order: Option<String>,
    /// The project (BT-11).
    #[rule(LineOfText::LONG)]
    pub project: Option<String>,
    /// The contract (BT-12).
    #[rule(LineOfText::LONG)]
    pub contract: Option<String>,
    /// What was delivered when and where (BG-13, BG-14).
    #[rule(Object::<NewDelivery>::new())]
    pub delivery: Option<NewDelivery>,
    /// The terms of payment in words, such as a cash discount (BT-20).
    #[rule(LineOfText::NOTE)]
    pub payment_terms: Option<String>,
    /// How it is paid (BG-16), where it is not by a transfer to the seller's account.
    #[rule(Object::<NewPayment>::new())]
    pub payment: Option<NewPayment>,
    /// Discounts for an early payment (a part of BT-20).
    #[rule(Items::<NewCashDiscount>::up_to(MAX_CASH_DISCOUNTS, "discounts"))]
    pub cash_discounts: Option<Vec<NewCashDiscount>>,
    /// The day by which it is to be paid (BT-9), where it is not by the seller's days.
    #[rule(DATE)]
    pub due_date: Option<String>,
    /// The tax in the currency in which the seller accounts for it (BT-6, BT-111).
    #[rule(Object::<NewTaxCurrency>::new())]
    pub tax_currency: Option<NewTaxCurrency>,
    /// What has been paid before, such as a deposit (BT-113).
    #[rule(Items::<NewPrepayment>::up_to(MAX_ALLOWANCES, "prepayments"))]
    pub prepayments: Option<Vec<NewPrepayment>>,
}

/// An order that can be billed.
#[derive(Debug, PartialEq, Eq)]
pub struct CheckedOrder {
    /// What is to be paid, in minor units of `currency`.
    pub amount: i64,
    /// Who orders.
    pub customer_id: String,
    /// ISO 4217.
    pub currency: String,
    /// What is ordered; empty where only an amount is.
    pub lines: Vec<Line>,
    /// What it says of its invoice besides.
    pub details: InvoiceDetails,
}

impl NewOrder {
    /// Checks what the rules of single fields do not say: amount and lines agree, and both are an invoice by EN 16931.
    pub fn checked(self) -> Result<CheckedOrder, Problem> {
        let mut of_taxes = taxes::faults("lines", self.lines.iter().flatten().map(NewOrderLine::tax));
        for (name, given) in [("allowances", &self.allowances), ("charges", &self.charges)] {
            of_taxes.extend(taxes::faults(name, given.iter().flatten().map(NewAllowance::tax)));
        }
        let lines: Vec<Line> = self.lines.into_iter().flatten().map(Line::from).collect();
        let allowances =
            |given: Option<Vec<NewAllowance>>| given.into_iter().flatten().map(Into::into).collect();
        let details = InvoiceDetails {
            seller_id: self.seller_id,
            prices_include_tax: self.prices_include_tax,
            allowances: allowances(self.allowances),
            charges: allowances(self.charges),
            note: self.note,
            buyer_reference: self.buyer_reference,
            purchase_order: self.purchase_order,
            sales_order: self.sales_order,
            project: self.project,
            contract: self.contract,
            delivery: self.delivery.map(Into::into),
            payment_terms: self.payment_terms,
            payment: self.payment.map(Into::into),
            cash_discounts: self.cash_discounts.into_iter().flatten().map(Into::into).collect(),
            due_date: self.due_date,
            tax_currency: self.tax_currency.map(Into::into),
            prepayments: self.prepayments.into_iter().flatten().map(Into::into).collect(),
        };
        let of_bill = faults(&self.currency, &lines, &details).into_iter().map(field_error);
        // What was made of a missing rate is not the client's fault.
        let is_new = |fault: &FieldError| of_taxes.iter().all(|known| known.field != fault.field);
        let mut faults: Vec<FieldError> = of_bill.filter(is_new).collect();
        faults.extend(of_taxes);
        let sum = if lines.is_empty() { self.amount } else { total(&lines, &details) };
        let fault = match (self.amount, sum) {
            (None, None) if lines.is_empty() => Some(("amount", "is required".to_owned())),
            (_, None) if faults.is_empty() => {
                Some(("lines", format!("must sum up, with tax, to 1 to {MAX_AMOUNT} minor units")))
            }
            (Some(amount), Some(sum)) if amount != sum => {
                Some(("amount", format!("must be the sum of the lines with tax, {sum}, or be left out")))
            }
            _ => None,
        };
        faults.extend(fault.map(|(field, rule)| FieldError { field: field.into(), rule: rule.into() }));
        faults.extend(sum.and_then(|amount| prepayment_fault(amount, &details)).map(field_error));
        match sum {
            Some(amount) if faults.is_empty() => Ok(CheckedOrder {
                amount,
                customer_id: self.customer_id,
                currency: self.currency,
                lines,
                details,
            }),
            _ => Err(Problem::invalid_fields(faults)),
        }
    }
}

fn field_error(Fault { field, rule }: Fault) -> FieldError {
    FieldError { field: field.into(), rule: rule.into() }
}

#[cfg(test)]
mod tests;
