//! Taking in an event, whichever way it was delivered.

use std::borrow::Cow;
use std::fmt;

use uuid::Uuid;
use waybill_contracts::{DEFAULT_CURRENCY, ORDER_CREATED, ORDERS_QUEUE};
use waybill_service::fields::{self, Rule, optional, required};
use waybill_service::json::{RawValue, members, string};
use waybill_service::sql::{SqlError, Traceparent};

use crate::issue_invoice::{Outcome, issue_invoice};

/// Why an event was not taken in.
#[derive(Debug)]
pub enum Refusal {
    /// The event itself is at fault: no later attempt can succeed. Its text starts with `rejected:`, by which deliverers
    /// know it.
    Rejected(String),
    /// The invoice could not be written now: worth another attempt. Its text starts with `unavailable:` where that says
    /// nothing about the event, since the database is away.
    Failed(SqlError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Rejected(reason) => write!(f, "rejected: {reason}"),
            Refusal::Failed(error) if error.is_unavailable() => write!(f, "unavailable: {error}"),
            Refusal::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}

/// Takes in one event. `Ok` means that it needs no further delivery: its effect is committed, now or by an earlier one.
pub fn take_in(subject: &str, body: &[u8]) -> Result<Outcome, Refusal> {
    // A message without a type has the queue's name for its subject. The replaced system sends only such.
    if subject != ORDER_CREATED && subject != ORDERS_QUEUE {
        return Err(Refusal::Rejected(format!("subject \"{}\" is not known here", subject.escape_default())));
    }
    let order = PlacedOrder::read(body).map_err(Refusal::Rejected)?;
    issue_invoice(&order).map_err(Refusal::Failed)
}

/// What an invoice needs to know of an order.
#[derive(Debug, PartialEq, Eq)]
pub struct PlacedOrder<'a> {
    /// The order.
    pub order_id: Uuid,
    /// What is to be paid, in minor units of `currency`.
    pub amount: i64,
    /// Who ordered.
    pub customer_id: Cow<'a, str>,
    /// ISO 4217.
    pub currency: Cow<'a, str>,
    /// The trace that the event belongs to, where it was carried inside of it.
    pub trace: Option<Traceparent>,
}

impl PlacedOrder<'_> {
    /// Reads the body of an event ([`waybill_contracts::OrderCreated`]) member by member, so that the error names the one
    /// at fault: it is what an operator sees of a dead letter. Members that it does not know are ignored.
    fn read(body: &[u8]) -> Result<PlacedOrder<'_>, String> {
        let names = ["orderId", "amount", "customer", "currency", "traceparent"];
        let found = members(body, &names).map_err(|error| error.to_string())?;
        if let Some(name) = found.repeated.first() {
            return Err(format!("{name} must not be repeated"));
        }
        let [order_id, amount, customer, currency, traceparent] = found.values;
        let fault = |name: &'static str| move |rule: Rule| format!("{name} {rule}");
        Ok(PlacedOrder {
            order_id: required(order_id, order_id_of).map_err(fault("orderId"))?,
            amount: required(amount, fields::amount).map_err(fault("amount"))?,
            customer_id: required(customer, customer_id_of).map_err(fault("customer.id"))?,
            currency: optional(currency, DEFAULT_CURRENCY.into(), fields::currency)
                .map_err(fault("currency"))?,
            // A trace that cannot be read is no reason to refuse an event.
            trace: traceparent.and_then(string).and_then(|text| Traceparent::read(&text)),
        })
    }
}

fn order_id_of(value: &RawValue) -> Result<Uuid, Rule> {
    string(value).ok_or("must be a string").and_then(|text| fields::uuid(&text))
}

fn customer_id_of(customer: &RawValue) -> Result<Cow<'_, str>, Rule> {
    let found = members(customer.get().as_bytes(), &["id"]).map_err(|_| "is required in an object")?;
    if !found.repeated.is_empty() {
        return Err("must not be repeated");
    }
    required(found.values[0], fields::customer_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d";

    fn body(members: &str) -> String {
        format!(r#"{{"orderId":"{ID}","amount":5000,"customer":{{"id":"1651654165"}}{members}}}"#)
    }

    #[test]
    fn an_event_of_the_replaced_system_is_read() {
        let body = body("");
        let expected = PlacedOrder {
            order_id: ID.parse().unwrap(),
            amount: 5000,
            customer_id: "1651654165".into(),
            currency: "EUR".into(),
            trace: None,
        };
        assert_eq!(PlacedOrder::read(body.as_bytes()), Ok(expected));
    }

    #[test]
    fn our_own_event_is_read() {
        let event = waybill_contracts::OrderCreated {
            order_id: ID.parse().unwrap(),
            amount: 1,
            customer: waybill_contracts::Customer { id: "c \"1\" é".into() },
            currency: "JPY".into(),
            event_id: Some(Uuid::from_u128(7)),
            created_at: Some("2026-01-01T00:00:00.000Z".into()),
        };
        let body = serde_json::to_vec(&event).unwrap();
        let order = PlacedOrder::read(&body).unwrap();
        assert_eq!(
            (order.amount, order.customer_id.as_ref(), order.currency.as_ref()),
            (1, "c \"1\" é", "JPY")
        );
    }

    #[test]
    fn a_trace_inside_the_event_is_read_if_it_is_one() {
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let traced = body(&format!(r#","traceparent":"{traceparent}""#));
        assert_eq!(PlacedOrder::read(traced.as_bytes()).unwrap().trace, Traceparent::read(traceparent));
        for other in [r#","traceparent":"x'*/""#, r#","traceparent":1"#] {
            assert_eq!(PlacedOrder::read(body(other).as_bytes()).unwrap().trace, None);
        }
    }

    #[test]
    fn unknown_members_are_ignored() {
        let body = body(r#","currency":"USD","lines":[{"sku":1}],"version":2,"x":null,"x":1"#);
        assert_eq!(PlacedOrder::read(body.as_bytes()).unwrap().currency, "USD");
    }

    #[test]
    fn a_malformed_event_is_rejected_with_the_field_and_its_rule() {
        let customer = r#""customer":{"id":"c"}"#;
        for (body, reason) in [
            (String::new(), "the body is not JSON"),
            ("{".into(), "the body is not JSON"),
            ("[]".into(), "the body is not a JSON object"),
            ("{}".into(), "orderId is required"),
            (r#"{"orderId":1}"#.into(), "orderId must be a string"),
            (r#"{"orderId":"1"}"#.into(), "orderId must be a UUID"),
            (format!(r#"{{"orderId":"{ID}",{customer}}}"#), "amount is required"),
            (format!(r#"{{"orderId":"{ID}","amount":"5000",{customer}}}"#), "amount must be an integer"),
            (format!(r#"{{"orderId":"{ID}","amount":50.5,{customer}}}"#), "amount must be an integer"),
            (format!(r#"{{"orderId":"{ID}","amount":5000}}"#), "customer.id is required"),
            (format!(r#"{{"orderId":"{ID}","amount":5000,"customer":{{}}}}"#), "customer.id is required"),
            (format!(r#"{{"orderId":"{ID}","amount":5000,"customer":"c"}}"#), "customer.id is required"),
            (
                format!(r#"{{"orderId":"{ID}","amount":5000,"customer":{{"id":1}}}}"#),
                "customer.id must be a string",
            ),
            (super::tests::body(r#","currency":"eur""#), "currency must be the ISO 4217 code"),
            (super::tests::body(r#","amount":1"#), "amount must not be repeated"),
        ] {
            let error = take_in("order.created", body.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("rejected: ") && error.contains(reason), "{body}: {error}");
        }
    }

    #[test]
    fn an_unknown_subject_is_rejected() {
        for subject in ["", "order.paid", "orders.retry.1s", "\n"] {
            let error = take_in(subject, body("").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("rejected: subject ") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_failed_write_is_no_rejection() {
        use waybill_service::sql::bindings::wasmcloud::postgres::types::QueryError;
        let error = SqlError::new(&crate::sql::ISSUE_INVOICE, QueryError::Unexpected("rejected: x".into()));
        assert!(Refusal::Failed(error).to_string().starts_with("unavailable: "));
    }
}
