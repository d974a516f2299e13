//! What an order is billed, by EN 16931: which orders can be billed, the sums of their lines, and the taxes on them.
//!
//! An invoice is computed once, when it is issued ([`bill`]), and kept; all representations read what was kept. The service of orders
//! uses the same rules ([`faults`]) and sums ([`total`]), so an accepted order can be billed.
//!
//! ```
//! use waybill_billing::total;
//! use waybill_contracts::{InvoiceDetails, Line};
//!
//! let hours = Line {
//!     description: "Consulting".into(),
//!     quantity: "1.5".parse()?,
//!     unit_price: 8000.into(),
//!     tax_rate_basis_points: 1900,
//!     unit_code: Some("HUR".into()),
//!     ..Line::default()
//! };
//! assert_eq!(total(&[hours], &InvoiceDetails::default()), Some(14_280));
//! # Ok::<(), waybill_contracts::NotDecimal>(())
//! ```

mod amount_only;
mod amounts;
mod bill;
mod billed;
mod codes;
mod components;
mod compute;
mod fault;
mod gross;
mod of_parties;
mod parties;
mod rate;
mod rules;
mod stored;
mod sums;
mod territory;

pub use bill::{AccountingTax, Bill, BilledAllowance, BilledLine, BilledLineAllowance, Item, Price, TaxSum};
pub use codes::{
    EXEMPTION_RULE, PAYMENT_CODE_RULE, UNIT_RULE, is_exemption_code, is_payment_code, is_unit_code,
};
pub use compute::{bill, is_tax_accountable, prepayment_fault, total};
pub use fault::Fault;
pub use parties::Parties;
pub use rules::{
    MAX_ACCOUNTS, MAX_ALLOWANCES, MAX_CASH_DISCOUNTS, MAX_COMPONENTS, MAX_DISCOUNT_DAYS, MAX_LINES,
    MAX_QUANTITY, cash_discount_fault, faults, is_payable_by, may_be_tax_in,
};
pub use territory::{Destination, UNION_PREFIXES};
