//! Taking in an event, whichever way it was delivered.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use uuid::Uuid;
use waybill_contracts::{
    DEFAULT_CURRENCY, DeliveryError, ORDER_CANCELED, ORDER_CREATED, ORDER_PAID, ORDERS_QUEUE,
};
use waybill_documents::Customer;
use waybill_service::fields::{self, Rule, optional, required};
use waybill_service::json::{RawValue, members, string};
use waybill_service::sql::{SqlError, Traceparent};
use waybill_service::time::Moment;

use crate::credit_invoice::credit_invoice;
use crate::issue_invoice::issue_invoice;
use crate::lines;
use crate::note_payment::note_payment;
use crate::outcome::Outcome;

/// The rule of a member that is of another type, or has a character that cannot be kept.
pub const CONTRACT_RULE: Rule = "must be as its contract says";

/// Why an event was not taken in. Its text is that of a [`DeliveryError`], by which senders know what it means.
#[derive(Debug)]
pub enum Refusal {
    /// The event itself is at fault: no later attempt can succeed.
    Rejected(String),
    /// The invoice could not be written now: worth another attempt.
    Failed(SqlError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(reason) => DeliveryError::Rejected(reason.clone()).fmt(f),
            Self::Failed(error) if error.is_unavailable() => {
                DeliveryError::Unavailable(error.to_string()).fmt(f)
            }
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}

/// Takes in one event. `Ok` means that it needs no further delivery: its effect is committed, now or by an earlier one.
///
/// The events of an order may come in any order and any number of times: what they lead to is the same.
pub fn take_in(subject: &str, body: &[u8]) -> Result<Outcome, Refusal> {
    match subject {
        // A message without a type has the queue's name for its subject. The replaced system sends only such.
        ORDER_CREATED | ORDERS_QUEUE => {
            let order = PlacedOrder::read(body).map_err(Refusal::Rejected)?;
            issue_invoice(&order)
        }
        ORDER_PAID => note_payment(&ChangedOrder::read(body).map_err(Refusal::Rejected)?),
        ORDER_CANCELED => credit_invoice(&ChangedOrder::read(body).map_err(Refusal::Rejected)?),
        other => {
            return Err(Refusal::Rejected(format!(
                "subject \"{}\" is not known here",
                other.escape_default()
            )));
        }
    }
    .map_err(Refusal::Failed)
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
    /// The customer as JSON, as far as it is told ([`Customer`]).
    pub customer: String,
    /// The lines as JSON ([`Line`]).
    pub lines: String,
    /// The trace that the event belongs to, where it was carried inside of it.
    pub trace: Option<Traceparent>,
}

impl PlacedOrder<'_> {
    /// Reads the body of an event ([`waybill_contracts::OrderCreated`]) member by member, so that the error names the one
    /// at fault: it is what an operator sees of a dead letter. Members that it does not know are ignored.
    fn read(body: &[u8]) -> Result<PlacedOrder<'_>, String> {
        let names = ["orderId", "amount", "customer", "currency", "lines", "traceparent"];
        let found = members(body, &names).map_err(|error| error.to_string())?;
        if let Some(name) = found.repeated.first() {
            return Err(format!("{name} must not be repeated"));
        }
        let [order_id, amount, customer, currency, lines, traceparent] = found.values;
        let fault = |name: &'static str| move |rule: Rule| format!("{name} {rule}");
        let order_id = required(order_id, order_id_of).map_err(fault("orderId"))?;
        let amount = required(amount, fields::amount).map_err(fault("amount"))?;
        Ok(PlacedOrder {
            order_id,
            amount,
            customer_id: required(customer, customer_id_of).map_err(fault("customer.id"))?,
            currency: optional(currency, DEFAULT_CURRENCY.into(), fields::currency)
                .map_err(fault("currency"))?,
            customer: required(customer, customer_of)
                .and_then(|customer| kept(&customer))
                .map_err(fault("customer"))?,
            lines: kept(&lines::read(lines, amount)?).map_err(fault("lines"))?,
            // A trace that cannot be read is no reason to refuse an event.
            trace: traceparent.and_then(string).and_then(|text| Traceparent::parse(&text)),
        })
    }
}

/// What an invoice needs to know of a later change of an order ([`waybill_contracts::OrderChanged`]).
#[derive(Debug, PartialEq, Eq)]
pub struct ChangedOrder<'a> {
    /// The order.
    pub order_id: Uuid,
    /// When it changed: RFC 3339.
    pub changed_at: Cow<'a, str>,
    /// The trace that the event belongs to, where it was carried inside of it.
    pub trace: Option<Traceparent>,
}

impl ChangedOrder<'_> {
    fn read(body: &[u8]) -> Result<ChangedOrder<'_>, String> {
        let names = ["orderId", "changedAt", "traceparent"];
        let found = members(body, &names).map_err(|error| error.to_string())?;
        if let Some(name) = found.repeated.first() {
            return Err(format!("{name} must not be repeated"));
        }
        let [order_id, changed_at, traceparent] = found.values;
        let fault = |name: &'static str| move |rule: Rule| format!("{name} {rule}");
        Ok(ChangedOrder {
            order_id: required(order_id, order_id_of).map_err(fault("orderId"))?,
            changed_at: required(changed_at, time_of).map_err(fault("changedAt"))?,
            trace: traceparent.and_then(string).and_then(|text| Traceparent::parse(&text)),
        })
    }
}

fn time_of(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    string(value)
        .filter(|text| Moment::read(text).is_some())
        .ok_or("must be a time of RFC 3339, such as 2026-01-31T00:00:00Z")
}

/// What an invoice keeps, as JSON.
fn kept(told: &impl Serialize) -> Result<String, Rule> {
    // U+0000 is in no PostgreSQL text, though in JSON.
    let kept = serde_json::to_string(told).ok();
    kept.filter(|json| !json.contains("\\u0000")).ok_or(CONTRACT_RULE)
}

fn customer_of(customer: &RawValue) -> Result<Customer, Rule> {
    serde_json::from_str(customer.get()).map_err(|_| CONTRACT_RULE)
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
    use waybill_contracts::Line;

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
            customer: "{}".into(),
            lines: "[]".into(),
            trace: None,
        };
        assert_eq!(PlacedOrder::read(body.as_bytes()), Ok(expected));
    }

    #[test]
    fn our_own_event_is_read() {
        let event = waybill_contracts::OrderCreated {
            order_id: ID.parse().unwrap(),
            amount: 1,
            customer: waybill_contracts::Customer {
                id: "c \"1\" é".into(),
                name: Some("Jo".into()),
                ..waybill_contracts::Customer::default()
            },
            currency: "JPY".into(),
            lines: vec![Line {
                sku: "a".into(),
                description: "A".into(),
                quantity: 1,
                unit_price: 1,
                tax_rate_basis_points: 0,
            }]
            .into(),
            version: 1,
            specversion: waybill_contracts::SPEC_VERSION.into(),
            event_id: Some(Uuid::from_u128(7)),
            created_at: Some("2026-01-01T00:00:00.000Z".into()),
        };
        let body = serde_json::to_vec(&event).unwrap();
        let order = PlacedOrder::read(&body).unwrap();
        assert_eq!(
            (order.amount, order.customer_id.as_ref(), order.currency.as_ref()),
            (1, "c \"1\" é", "JPY")
        );
        assert_eq!(order.customer, r#"{"name":"Jo"}"#);
        assert!(order.lines.starts_with(r#"[{"sku":"a","#), "{}", order.lines);
    }

    #[test]
    fn a_trace_inside_the_event_is_read_if_it_is_one() {
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let traced = body(&format!(r#","traceparent":"{traceparent}""#));
        assert_eq!(PlacedOrder::read(traced.as_bytes()).unwrap().trace, Traceparent::parse(traceparent));
        for other in [r#","traceparent":"x'*/""#, r#","traceparent":1"#] {
            assert_eq!(PlacedOrder::read(body(other).as_bytes()).unwrap().trace, None);
        }
    }

    #[test]
    fn unknown_members_are_ignored() {
        let body = body(r#","currency":"USD","lines":[],"version":2,"x":null,"x":1"#);
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
            (super::tests::body(r#","lines":[{"sku":1}]"#), "lines must be as its contract says"),
            (
                super::tests::body(
                    r#","lines":[{"sku":"a","description":"\u3000","quantity":1,"unitPrice":5000,"taxRateBasisPoints":0}]"#,
                ),
                "lines[0].description must have a printable character",
            ),
            (super::tests::body(r#","amount":1"#), "amount must not be repeated"),
        ] {
            let error = take_in("order.created", body.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("rejected: ") && error.contains(reason), "{body}: {error}");
        }
    }

    #[test]
    fn a_change_of_an_order_is_read_with_members_of_a_later_version() {
        let body =
            format!(r#"{{"orderId":"{ID}","changedAt":"2026-01-31T00:00:00Z","version":2,"by":"someone"}}"#);
        let order = ChangedOrder::read(body.as_bytes()).unwrap();
        assert_eq!(
            (order.order_id.to_string().as_str(), order.changed_at.as_ref()),
            (ID, "2026-01-31T00:00:00Z")
        );
        for (body, reason) in [
            (r#"{"changedAt":"2026-01-31T00:00:00Z"}"#.to_owned(), "orderId is required"),
            (format!(r#"{{"orderId":"{ID}"}}"#), "changedAt is required"),
            (format!(r#"{{"orderId":"{ID}","changedAt":"yesterday"}}"#), "changedAt must be a time"),
        ] {
            let error = take_in("order.paid", body.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("rejected: ") && error.contains(reason), "{body}: {error}");
        }
    }

    #[test]
    fn an_unknown_subject_is_rejected() {
        for subject in ["", "order.shipped", "orders.retry.1s", "\n"] {
            let error = take_in(subject, body("").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("rejected: subject ") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_failed_write_is_no_rejection() {
        use waybill_service::sql::bindings::wasmcloud::postgres::types::QueryError;
        let error = SqlError::new("issue_invoice", QueryError::Unexpected("rejected: x".into()));
        assert!(Refusal::Failed(error).to_string().starts_with("unavailable: "));
    }
}
