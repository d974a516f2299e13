use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::DEFAULT_CURRENCY;

/// The type of [`OrderCreated`] events: the routing key on RabbitMQ, the subject of a delivery, the `type` of a
/// `CloudEvent`.
pub const ORDER_CREATED: &str = "order.created";

/// An order was taken.
///
/// The first three members are those of the replaced system's `OrderCreatedMessage`, with its names and types; all others
/// may be missing, and members that are not listed here are ignored, so that producers may add some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCreated<'a> {
    /// The order.
    pub order_id: Uuid,
    /// What is to be paid, in minor units of `currency`: from [`MIN_AMOUNT`](crate::MIN_AMOUNT) to
    /// [`MAX_AMOUNT`](crate::MAX_AMOUNT).
    pub amount: i64,
    /// Who ordered.
    #[serde(borrow)]
    pub customer: Customer<'a>,
    /// ISO 4217, upper case; [`DEFAULT_CURRENCY`] where an event has none.
    #[serde(borrow, default = "default_currency")]
    pub currency: Cow<'a, str>,
    /// The event's identifier, the same as that of the message that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Uuid>,
    /// When the order was taken: RFC 3339, UTC.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Cow<'a, str>>,
}

/// The customer of an order, as far as an event tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer<'a> {
    /// The customer's identifier: text, and not a UUID, because those of the replaced system are not.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
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
            customer: Customer { id: "1651654165".into() },
            currency: "EUR".into(),
            event_id: Some(Uuid::from_u128(2)),
            created_at: Some("2026-01-02T03:04:05.678Z".into()),
        };
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"{"orderId":"00000000-0000-0000-0000-000000000001","amount":5000,"customer":{"id":"1651654165"},"currency":"EUR","eventId":"00000000-0000-0000-0000-000000000002","createdAt":"2026-01-02T03:04:05.678Z"}"#
        );
    }

    #[test]
    fn an_event_with_members_of_a_later_version_is_read() {
        let text = r#"{"orderId":"00000000-0000-0000-0000-000000000001","amount":1,"customer":{"id":"a","name":"b"},"lines":[]}"#;
        let event: OrderCreated = serde_json::from_str(text).unwrap();
        assert_eq!((event.amount, event.currency.as_ref(), event.event_id), (1, "EUR", None));
    }
}
