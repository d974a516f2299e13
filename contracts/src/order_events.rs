//! The events of an order.
//!
//! Every event names in `specversion` the version of these rules that it follows, as `CloudEvents` do. Within a version members
//! are only added, and a receiver ignores those that it does not know; a member that changes its meaning, or goes, is a new
//! version under a new type.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Customer, DEFAULT_CURRENCY, InvoiceDetails, Line};

/// The type of [`OrderCreated`] events: the routing key on RabbitMQ, the subject of a delivery, the `type` of a
/// `CloudEvent`.
pub const ORDER_CREATED: &str = "order.created";

/// The type of [`OrderChanged`] events of an order that was paid.
pub const ORDER_PAID: &str = "order.paid";

/// The type of [`OrderChanged`] events of an order that was canceled.
pub const ORDER_CANCELED: &str = "order.canceled";

/// The topic exchange that every event is published to; its routing key is the event's type.
pub const EXCHANGE: &str = "waybill";

/// The queue of the orders' events. The replaced system used this name, and its services still may. A message without a type
/// has it for its subject.
pub const ORDERS_QUEUE: &str = "orders";

/// The version of the events, as they are written here.
pub const SPEC_VERSION: &str = "1.0";

/// An order was taken.
///
/// The first three members are those of the replaced system's `OrderCreatedMessage`, with its names and types; all others
/// may be missing, and members that are not listed here are ignored, so that producers may add some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderCreated<'a> {
    /// The order.
    pub order_id: Uuid,
    /// What is to be paid, in minor units of `currency`: from [`MIN_AMOUNT`](crate::MIN_AMOUNT) to
    /// [`MAX_AMOUNT`](crate::MAX_AMOUNT).
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1, max = 9_007_199_254_740_991_i64)))]
    pub amount: i64,
    /// Who ordered.
    #[serde(borrow)]
    pub customer: OrderCustomer<'a>,
    /// ISO 4217, upper case; [`DEFAULT_CURRENCY`] where an event has none.
    #[serde(borrow, default = "default_currency")]
    pub currency: Cow<'a, str>,
    /// What was ordered; empty where only an amount was. The amount is their sum with tax, which is rounded on the sum of each
    /// rate. Each has a description or a `sku`, and each has a printable character. An event that breaks this is rejected,
    /// since its order cannot be billed as the event states it.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub lines: Cow<'a, [Line]>,
    /// What the order says of its invoice besides.
    #[serde(flatten)]
    pub details: Cow<'a, InvoiceDetails>,
    /// How often the order has changed: 1, since it was just made.
    #[serde(default = "first_version")]
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1)))]
    pub version: i32,
    /// [`SPEC_VERSION`].
    #[serde(borrow, default = "spec_version")]
    pub specversion: Cow<'a, str>,
    /// The event's identifier, the same as that of the message that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Uuid>,
    /// When the order was taken: RFC 3339, UTC.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Cow<'a, str>>,
}

/// The customer of an order, as far as an event tells. The replaced system's events have the identifier only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema), schemars(rename = "Customer"))]
pub struct OrderCustomer<'a> {
    /// The customer's identifier: text, and not a UUID, because those of the replaced system are not.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// The customer's data, as they were when the order was taken.
    #[serde(flatten)]
    pub customer: Customer,
}

/// An order was paid or canceled; the event's type says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrderChanged<'a> {
    /// The order.
    pub order_id: Uuid,
    /// How often the order has changed, this change included.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1)))]
    pub version: i32,
    /// When it changed: RFC 3339, UTC.
    #[serde(borrow)]
    pub changed_at: Cow<'a, str>,
    /// [`SPEC_VERSION`].
    #[serde(borrow, default = "spec_version")]
    pub specversion: Cow<'a, str>,
    /// The event's identifier, the same as that of the message that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Uuid>,
    /// The identifier of the API key by which it was changed, where one was needed. It is no secret.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub api_key_id: Option<Cow<'a, str>>,
}

fn is_empty(lines: &[Line]) -> bool {
    lines.is_empty()
}

fn first_version() -> i32 {
    1
}

fn spec_version() -> Cow<'static, str> {
    Cow::Borrowed(SPEC_VERSION)
}

fn default_currency() -> Cow<'static, str> {
    Cow::Borrowed(DEFAULT_CURRENCY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_with_the_names_and_types_of_the_replaced_system() {
        let event = OrderCreated {
            order_id: Uuid::from_u128(1),
            amount: 5000,
            customer: OrderCustomer { id: "1651654165".into(), ..OrderCustomer::default() },
            currency: "EUR".into(),
            lines: Cow::default(),
            details: Cow::default(),
            version: 1,
            specversion: SPEC_VERSION.into(),
            event_id: Some(Uuid::from_u128(2)),
            created_at: Some("2026-01-02T03:04:05.678Z".into()),
        };
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"{"orderId":"00000000-0000-0000-0000-000000000001","amount":5000,"customer":{"id":"1651654165"},"currency":"EUR","version":1,"specversion":"1.0","eventId":"00000000-0000-0000-0000-000000000002","createdAt":"2026-01-02T03:04:05.678Z"}"#
        );
    }

    #[test]
    fn an_event_with_members_of_a_later_version_is_read() {
        let text = r#"{"orderId":"00000000-0000-0000-0000-000000000001","amount":1,"customer":{"id":"a","name":"b","vip":true},"lines":[],"discount":{"code":"x"}}"#;
        let event: OrderCreated = serde_json::from_str(text).unwrap();
        assert_eq!((event.amount, event.currency.as_ref(), event.event_id), (1, "EUR", None));
    }
}
