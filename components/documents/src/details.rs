//! What a document says beside its parties, lines and sums.
//!
//! `BT-…` and `BG-…` are the business terms and groups of EN 16931.

use crate::Date;

/// References, delivery, terms and notes. All of it is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// What the buyer routes the document by, in Germany the Leitweg-ID (BT-10).
    pub buyer_reference: Option<String>,
    /// The project (BT-11).
    pub project: Option<String>,
    /// The contract (BT-12).
    pub contract: Option<String>,
    /// The number of the buyer's purchase order (BT-13).
    pub purchase_order: Option<String>,
    /// The seller's number of the order (BT-14). Without one it is the order's identifier.
    pub sales_order: Option<String>,
    /// The terms of payment, in words (BT-20).
    pub payment_terms: Option<String>,
    /// Notes on the whole document (BT-22).
    pub notes: Vec<String>,
    /// The address of the seller in a network for invoices (BT-34).
    pub seller_endpoint: Option<Endpoint>,
    /// The address of the buyer in a network for invoices (BT-49).
    pub buyer_endpoint: Option<Endpoint>,
    /// When and to where it was delivered (BG-13).
    pub delivery: Delivery,
}

/// An address in a network for invoices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The kind of the identifier: a code of the list EAS, such as `0204` for a Leitweg-ID or `9930` for a German VAT identifier.
    pub scheme: String,
    /// The identifier.
    pub id: String,
}

/// When and to where goods or services were delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The day of delivery (BT-72).
    pub date: Option<Date>,
    /// The days in which a service was rendered (BG-14).
    pub period: Option<Period>,
    /// Where to, if that is not the buyer's address.
    pub to: Option<Place>,
}

/// The first and the last day of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day (BT-73).
    pub start: Date,
    /// The last day (BT-74).
    pub end: Date,
}

/// Where something was delivered to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Who received it (BT-70).
    pub name: Option<String>,
    /// Street and number (BT-75).
    pub address: Option<String>,
    /// The city (BT-77).
    pub city: Option<String>,
    /// The postal code (BT-78).
    pub zip_code: Option<String>,
    /// ISO 3166-1, two letters (BT-80).
    pub country: String,
}
