//! The events of invoices, which webhooks deliver.
//!
//! An event is the body of a request in the form of [Standard Webhooks](https://www.standardwebhooks.com). Its rules of versions
//! are those of the events of orders: members are added, and a receiver ignores those that it does not know.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::DEFAULT_SELLER_ID;

/// The type of the event of an invoice that was written.
pub const INVOICE_ISSUED: &str = "invoice.issued";

/// The type of the event of an invoice that was paid.
pub const INVOICE_PAID: &str = "invoice.paid";

/// The type of the event of an invoice that a credit note took back.
pub const INVOICE_CREDITED: &str = "invoice.credited";

/// The types of all events of invoices.
pub const INVOICE_EVENTS: [&str; 3] = [INVOICE_ISSUED, INVOICE_PAID, INVOICE_CREDITED];

/// Something has happened to an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvoiceEvent<'a> {
    /// What has happened: one of [`INVOICE_EVENTS`].
    #[serde(borrow)]
    pub r#type: Cow<'a, str>,
    /// When: RFC 3339, UTC.
    #[serde(borrow)]
    pub timestamp: Cow<'a, str>,
    /// The invoice that it has happened to.
    #[serde(borrow)]
    pub data: InvoiceSnapshot<'a>,
}

/// What an event tells of its invoice, as that was when it happened. There is nothing about the customer: an event is sent
/// over the Internet and logged by its receiver, who can ask for the invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvoiceSnapshot<'a> {
    /// The invoice: a `UUIDv7`.
    pub id: Uuid,
    /// The number that is printed on it, such as `2026-000001`. Each seller has numbers of its own.
    #[serde(borrow)]
    pub number: Cow<'a, str>,
    /// Who issued it.
    #[serde(borrow, default = "default_seller_id")]
    pub seller_id: Cow<'a, str>,
    /// The order that it bills.
    pub order_id: Uuid,
    /// Who is to pay.
    #[serde(borrow)]
    pub customer_id: Cow<'a, str>,
    /// What is to be paid, in minor units of `currency`.
    pub amount: i64,
    /// ISO 4217.
    #[serde(borrow)]
    pub currency: Cow<'a, str>,
    /// When it was issued: RFC 3339, UTC.
    #[serde(borrow)]
    pub created_at: Cow<'a, str>,
    /// With `invoice.paid`: when it was paid.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Cow<'a, str>>,
    /// With `invoice.credited`: the number of the credit note, such as `CN-2026-000001`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub credit_note: Option<Cow<'a, str>>,
}

fn default_seller_id<'a>() -> Cow<'a, str> {
    DEFAULT_SELLER_ID.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_with_members_of_a_later_version_is_read() {
        let text = r#"{"type":"invoice.issued","timestamp":"2026-01-02T03:04:05.678Z","by":"x","data":{"id":"00000000-0000-0000-0000-000000000001","number":"2026-000001","orderId":"00000000-0000-0000-0000-000000000002","customerId":"c","amount":1,"currency":"EUR","createdAt":"2026-01-02T03:04:05.678Z","dueAt":"2026-02-02"}}"#;
        let event: InvoiceEvent = serde_json::from_str(text).unwrap();
        assert_eq!((event.data.number.as_ref(), event.data.paid_at), ("2026-000001", None));
        assert_eq!(event.data.seller_id, "default");
    }
}
