//! What the service reads of the events of orders.
//!
//! An event is read member by member up to the first fault, so that the error names the one at fault: it is what an operator
//! sees of a dead letter. Members of a later version are ignored.

use std::borrow::Cow;

use serde::Serialize;
use uuid::Uuid;
use waybill_billing::{Destination, Parties, bill};
use waybill_contracts::{DEFAULT_CURRENCY, DEFAULT_SELLER_ID, InvoiceDetails, Line};
use waybill_documents::{Customer, EDITION};
use waybill_service::fields::{Check, Given};
use waybill_service::json::{RawValue, members, string};
use waybill_service::rules::{AMOUNT, CURRENCY, TIMESTAMP, Text, UUID};
use waybill_service::sql::Traceparent;
use waybill_service::text::LineOfText;
use waybill_service::time::Moment;

use crate::customer;
use crate::lines::{self, CONTRACT_RULE};
use crate::seller::current_seller::CurrentSeller;
use crate::stored_document::StoredDocument;

/// What an invoice needs to know of an order.
#[derive(Debug, PartialEq, Eq)]
pub struct PlacedOrder {
    /// The order.
    pub order_id: Uuid,
    /// What is to be paid, in minor units of `currency`.
    pub amount: i64,
    /// Who ordered.
    pub customer_id: Cow<'static, str>,
    /// ISO 4217.
    pub currency: Cow<'static, str>,
    /// The customer as JSON, with what the event says of it ([`waybill_documents::Customer`]).
    pub customer: String,
    /// The lines as JSON ([`Line`]).
    pub lines_json: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// What the order says of its invoice besides.
    pub details: InvoiceDetails,
    /// The customer's VAT identifier.
    pub buyer_vat_id: Option<String>,
    /// Whether the customer's number in a register of companies is known.
    pub has_buyer_company_id: bool,
    /// Where it is delivered to: the delivery's address, or else the customer's.
    pub destination: Option<Destination>,
    /// The event that reports it, where it has an identifier.
    pub event_id: Option<Uuid>,
    /// The trace that the event belongs to, where it was carried inside of it.
    pub trace: Option<Traceparent>,
}

impl PlacedOrder {
    /// The document of the invoice by this seller, as JSON ([`StoredDocument`]). The error says what cannot be billed.
    pub fn document(&self, seller: &CurrentSeller) -> Result<String, String> {
        let seller_id = self.details.seller_id();
        // The default seller is there from the first start. Without it, the database refuses the invoice until it is set again.
        if seller.json().is_none() && seller_id != DEFAULT_SELLER_ID {
            let rule = format!("who is not set: set it by PUT /sellers/{seller_id}");
            return Err(format!("sellerId names \"{seller_id}\", {rule}"));
        }
        let parties = Parties {
            buyer_vat_id: self.buyer_vat_id.clone(),
            has_buyer_company_id: self.has_buyer_company_id,
            destination: self.destination.clone(),
            ..seller.parties().clone()
        };
        let bill = bill(self.amount, &self.currency, &self.lines, &self.details, &parties);
        let bill = bill.map_err(|fault| fault.to_string())?;
        let document = StoredDocument { edition: EDITION, bill, details: &self.details };
        storable(&document).ok_or_else(|| format!("lines {CONTRACT_RULE}"))
    }

    /// Reads the body of an event ([`waybill_contracts::OrderCreated`]).
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let names = ["orderId", "amount", "customer", "currency", "lines", "eventId", "traceparent"];
        let (members, others) = members_of(body, &names)?;
        let [order_id, amount, customer, currency, lines, event_id, traceparent] = members;
        let order_id = required("orderId", order_id, &UUID)?;
        let amount = required("amount", amount, &AMOUNT)?;
        let customer_id =
            required("customer.id", customer.map(customer_id_of).transpose()?.flatten(), &LineOfText::LONG)?;
        let currency = match currency {
            None => DEFAULT_CURRENCY.to_owned(),
            currency => required("currency", currency, &CURRENCY)?,
        };
        let customer = customer::read(customer)?;
        let (lines, details) =
            lines::read(lines, lines::may_have_details(&others).then_some(body), &currency)?;
        Ok(Self {
            order_id,
            amount,
            customer_id: customer_id.into(),
            currency: currency.into(),
            customer: storable(&customer).ok_or_else(|| format!("customer {CONTRACT_RULE}"))?,
            has_buyer_company_id: customer.company_id.is_some(),
            destination: destination(&details, &customer),
            buyer_vat_id: customer.vat_id,
            lines_json: storable(&lines).ok_or_else(|| format!("lines {CONTRACT_RULE}"))?,
            lines,
            details,
            event_id: event_id_of(event_id),
            trace: trace_of(traceparent),
        })
    }
}

/// What an invoice needs to know of a later change of an order ([`waybill_contracts::OrderChanged`]).
#[derive(Debug, PartialEq, Eq)]
pub struct ChangedOrder {
    /// The order.
    pub order_id: Uuid,
    /// When it changed: RFC 3339.
    pub changed_at: Cow<'static, str>,
    /// The event that reports it, where it has an identifier.
    pub event_id: Option<Uuid>,
    /// The API key by which it was changed, where the event names one.
    pub api_key_id: Option<String>,
    /// The trace that the event belongs to, where it was carried inside of it.
    pub trace: Option<Traceparent>,
}

impl ChangedOrder {
    /// Reads the body of an event.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let names = ["orderId", "changedAt", "eventId", "apiKeyId", "traceparent"];
        let ([order_id, changed_at, event_id, api_key_id, traceparent], _) = members_of(body, &names)?;
        Ok(Self {
            order_id: required("orderId", order_id, &UUID)?,
            changed_at: required("changedAt", changed_at, &CHANGED_AT)?.into(),
            event_id: event_id_of(event_id),
            // One that cannot be read is no reason to refuse an event.
            api_key_id: api_key_id.and_then(|id| LineOfText::CODE.check(Given::Json(id)).ok()),
            trace: trace_of(traceparent),
        })
    }
}

const CHANGED_AT: Text<String> = Text {
    read: |text| Moment::read(text).map(|_| text.to_owned()),
    rule: TIMESTAMP.rule,
    #[cfg(not(target_family = "wasm"))]
    schema: TIMESTAMP.schema,
};

/// The values of these members, and the names of the first few others.
fn members_of<'a, const N: usize>(
    body: &'a [u8],
    names: &[&'static str; N],
) -> Result<([Option<&'a RawValue>; N], Vec<String>), String> {
    let found = members(body, names).map_err(|error| error.to_string())?;
    match found.repeated.first() {
        Some(name) => Err(format!("{name} must not be repeated")),
        None => Ok((found.values, found.unknown)),
    }
}

fn required<C: Check>(name: &'static str, value: Option<&RawValue>, check: &C) -> Result<C::Value, String> {
    let value = value.ok_or_else(|| format!("{name} is required"))?;
    check.check(Given::Json(value)).map_err(|faults| faults.within(name).to_string())
}

fn customer_id_of(customer: &RawValue) -> Result<Option<&RawValue>, String> {
    let found = members(customer.get().as_bytes(), &["id"])
        .map_err(|_| "customer.id is required in an object".to_owned())?;
    let is_repeated = !found.repeated.is_empty();
    if is_repeated { Err("customer.id must not be repeated".to_owned()) } else { Ok(found.values[0]) }
}

/// The delivery's address, if it has a country, or else the customer's.
fn destination(details: &InvoiceDetails, customer: &Customer) -> Option<Destination> {
    let delivery = details.delivery.as_ref();
    let delivered = delivery.and_then(|it| Destination::of(it.country.as_ref(), it.zip_code.as_ref()));
    delivered.or_else(|| Destination::of(customer.country.as_ref(), customer.zip_code.as_ref()))
}

/// The JSON of what an invoice stores; `None` if it has U+0000, which no PostgreSQL text can have.
fn storable(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok().filter(|json| !has_nul(json))
}

/// Whether JSON has U+0000 in a text: its escape, behind a backslash that is not itself escaped. Few texts have one at all.
fn has_nul(json: &str) -> bool {
    json.contains('\\')
        && json.match_indices("\\u0000").any(|(at, _)| {
            let backslashes = json[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
            backslashes % 2 == 0
        })
}

/// Events of others may have an identifier of another form, which is no reason to refuse them.
fn event_id_of(event_id: Option<&RawValue>) -> Option<Uuid> {
    event_id.and_then(|id| UUID.check(Given::Json(id)).ok())
}

/// A trace that cannot be read is no reason to refuse an event.
fn trace_of(traceparent: Option<&RawValue>) -> Option<Traceparent> {
    traceparent.and_then(string).and_then(|text| Traceparent::parse(&text))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const ID: &str = "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d";

    /// An event of the replaced system with further members.
    pub(crate) fn body(members: &str) -> String {
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
            lines_json: "[]".into(),
            lines: Vec::new(),
            details: InvoiceDetails::default(),
            buyer_vat_id: None,
            has_buyer_company_id: false,
            destination: None,
            event_id: None,
            trace: None,
        };
        assert_eq!(PlacedOrder::read(body.as_bytes()), Ok(expected));
    }

    #[test]
    fn our_own_event_is_read() {
        let event = waybill_contracts::OrderCreated {
            order_id: ID.parse().unwrap(),
            amount: 1,
            customer: waybill_contracts::OrderCustomer {
                id: "c \"1\" é".into(),
                customer: Customer { name: Some("Jo".into()), ..Customer::default() },
            },
            currency: "JPY".into(),
            lines: vec![Line {
                sku: "a".into(),
                description: "A".into(),
                quantity: 1.into(),
                unit_price: 1.into(),
                ..Line::default()
            }]
            .into(),
            details: Cow::default(),
            version: 1,
            specversion: waybill_contracts::SPEC_VERSION.into(),
            event_id: Some(Uuid::from_u128(7)),
            created_at: Some("2026-01-01T00:00:00.000Z".into()),
        };
        let body = serde_json::to_vec(&event).unwrap();
        let order = PlacedOrder::read(&body).unwrap();
        assert_eq!((order.amount, order.currency.as_ref()), (1, "JPY"));
        assert_eq!(order.customer_id, "c \"1\" é");
        assert_eq!((order.customer.as_str(), order.event_id), (r#"{"name":"Jo"}"#, Some(Uuid::from_u128(7))));
        assert!(order.lines_json.starts_with(r#"[{"sku":"a","#), "{}", order.lines_json);
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
    fn an_identifier_of_another_form_is_not_kept_and_does_no_harm() {
        for id in ["\"7\"", "7", "null"] {
            let body = body(&format!(r#","eventId":{id}"#));
            assert_eq!(PlacedOrder::read(body.as_bytes()).unwrap().event_id, None, "{id}");
        }
    }

    #[test]
    fn a_backslash_is_no_escape() {
        for (text, has) in [(r"\u0000", true), (r"\\u0000", false), (r"\\\u0000", true), (r"u0000", false)] {
            assert_eq!(has_nul(&format!("\"{text}\"")), has, "{text}");
        }
        let body = body(r#","note":"a\\u0000""#);
        assert_eq!(PlacedOrder::read(body.as_bytes()).unwrap().details.note.as_deref(), Some(r"a\u0000"));
    }

    #[test]
    fn unknown_members_are_ignored() {
        let body = body(r#","currency":"USD","lines":[],"version":2,"x":null,"x":1"#);
        assert_eq!(PlacedOrder::read(body.as_bytes()).unwrap().currency, "USD");
    }
}
