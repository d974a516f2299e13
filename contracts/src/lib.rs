//! What Waybill's services say to each other and to their hosts: the events, their names, the rules of the values in them, and why
//! one was not handled; what the status of a problem means; the scopes of API keys; and how a host runs a statement and what crosses the SQL link.
//!
//! This crate holds types and constants only. It is used by the components, by the relay and by the broker, so it knows
//! neither HTTP nor PostgreSQL nor AMQP.
//!
//! ```
//! use waybill_contracts::OrderCreated;
//!
//! let event: OrderCreated = serde_json::from_str(
//!     r#"{"orderId":"019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d","amount":5000,"customer":{"id":"1651654165"}}"#,
//! )?;
//! assert_eq!(event.amount, 5000);
//! assert_eq!(event.customer.id, "1651654165");
//! assert_eq!(event.currency, "EUR");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod country;
mod currency;
mod customer;
mod decimal;
mod delivery_error;
mod documentation;
mod exchange_rate;
mod execution;
mod invoice_details;
mod invoice_events;
mod json_number;
mod line;
mod null;
mod order_events;
pub mod order_state;
mod payment;
mod problem_kind;
mod scope;
pub mod sql;
mod tax_category;
mod tax_component;

pub use country::{countries, is_country};
pub use currency::{currencies, minor_unit_digits};
pub use customer::{Customer, ElectronicAddress};
pub use decimal::{Decimal, NotDecimal};
pub use delivery_error::DeliveryError;
pub use documentation::documentation;
pub use exchange_rate::{ExchangeRate, NotExchangeRate};
pub use execution::Execution;
pub use invoice_details::{Allowance, Delivery, InvoiceDetails, TaxCurrency};
pub use invoice_events::{
    INVOICE_CREDITED, INVOICE_EVENTS, INVOICE_ISSUED, INVOICE_PAID, InvoiceEvent, InvoiceSnapshot,
};
pub use line::{Line, LineAllowance, PIECE};
pub use order_events::{
    EXCHANGE, ORDER_CANCELED, ORDER_CREATED, ORDER_PAID, ORDERS_QUEUE, OrderChanged, OrderCreated,
    OrderCustomer, SPEC_VERSION,
};
pub use payment::{Account, Card, CashDiscount, DirectDebit, Payment, Prepayment};
pub use problem_kind::{PROBLEM_KINDS, ProblemKind};
pub use scope::{Scope, UnknownScope};
pub use tax_category::TaxCategory;
pub use tax_component::TaxComponent;

/// The customer of an order that names none. The replaced system hard-coded it; the migrations create it.
pub const DEFAULT_CUSTOMER_ID: &str = "1651654165";

/// The seller of an order that names none.
pub const DEFAULT_SELLER_ID: &str = "default";

/// Whether a text can be the identifier of a seller: 1 to 40 letters a to z, digits and hyphens.
pub fn is_seller_id(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// The profiles of electronic invoices that a customer may want.
pub const INVOICE_PROFILES: [&str; 3] = ["en16931", "xrechnung", "peppol"];

/// The currency of an order, or of an event, that names none.
pub const DEFAULT_CURRENCY: &str = "EUR";

/// The smallest amount, in minor units of the currency.
pub const MIN_AMOUNT: i64 = 1;

/// The largest amount, in minor units of the currency: 2⁵³ − 1, the largest integer up to which every JSON reader, those
/// that keep numbers as doubles included, is exact (RFC 8259, section 6).
pub const MAX_AMOUNT: i64 = 9_007_199_254_740_991;

/// The header in which a host names the caller of a request to a service: by the identifier of the API key that it has checked. A
/// service distinguishes its callers by it. A host that checks keys lets no request from outside bring it.
pub const CALLER_HEADER: &str = "waybill-caller";
