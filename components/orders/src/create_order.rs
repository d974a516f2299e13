//! `POST /orders`

use std::borrow::Cow;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use waybill_contracts::{Customer, DEFAULT_CURRENCY, DEFAULT_CUSTOMER_ID, ORDER_CREATED, OrderCreated};
use waybill_service::fields::{self, Faults, optional, required};
use waybill_service::time::Moment;
use waybill_service::{Problem, body, json, respond, sql as database};

use crate::order::Order;
use crate::sql::CREATE_ORDER;
use crate::trace_context::TraceContext;

/// Takes an order: one statement writes it and its event. It answers after the commit, so what was acknowledged is kept.
pub async fn create_order(request: Request) -> Result<Response, Problem> {
    let trace = TraceContext::from_headers(request.headers());
    let body = body::json(request).await?;
    let order = place(NewOrder::read(&body)?, trace)?;

    let mut response = respond::json(StatusCode::CREATED, &order);
    let location =
        HeaderValue::from_maybe_shared(format!("/orders/{}", order.id)).map_err(|_| Problem::internal())?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// What a client orders.
#[derive(Debug, PartialEq, Eq)]
struct NewOrder<'a> {
    amount: i64,
    customer_id: Cow<'a, str>,
    currency: Cow<'a, str>,
}

impl NewOrder<'_> {
    fn read(body: &[u8]) -> Result<NewOrder<'_>, Problem> {
        let ([amount, customer_id, currency], mut faults) =
            json::object(body, &["amount", "customerId", "currency"])?;
        let amount = faults.note("amount", required(amount, fields::amount));
        let customer_id = optional(customer_id, DEFAULT_CUSTOMER_ID.into(), fields::customer_id);
        let customer_id = faults.note("customerId", customer_id);
        let currency = faults.note("currency", optional(currency, DEFAULT_CURRENCY.into(), fields::currency));
        match (amount, customer_id, currency) {
            (Some(amount), Some(customer_id), Some(currency)) => {
                faults.refuse_any()?;
                Ok(NewOrder { amount, customer_id, currency })
            }
            _ => Err(faults.into()),
        }
    }
}

fn place(new: NewOrder, trace: TraceContext) -> Result<Order, Problem> {
    // One moment dates everything: the identifiers, the row, the event and the answer. So the order of identifiers is the
    // order of dates, and no second statement has to ask the database what it wrote.
    let now = Moment::now();
    let id = now.identifier();
    let event_id = now.identifier();
    let created_at = now.to_string();
    let event = OrderCreated {
        order_id: id,
        amount: new.amount,
        customer: Customer { id: new.customer_id.as_ref().into() },
        currency: new.currency.as_ref().into(),
        event_id: Some(event_id),
        created_at: Some(created_at.as_str().into()),
    };
    let payload = serde_json::to_string(&event).map_err(|_| Problem::internal())?;
    let customer_id = new.customer_id.into_owned();
    let currency = new.currency.into_owned();
    let written = database::query_one(
        &CREATE_ORDER,
        &[
            database::uuid(id),
            database::text(customer_id.as_str()),
            database::int8(new.amount),
            database::text(currency.as_str()),
            database::text(created_at.as_str()),
            database::uuid(event_id),
            database::text(ORDER_CREATED),
            database::text(payload),
            database::optional_text(trace.traceparent),
            database::optional_text(trace.tracestate),
        ],
    );
    let status = match written {
        Ok(mut row) => row.text()?,
        Err(error) if error.violates("orders_customer_exists") => return Err(unknown_customer()),
        Err(error) => return Err(error.into()),
    };
    Ok(Order { id: id.to_string(), customer_id, amount: new.amount, currency, status, created_at })
}

fn unknown_customer() -> Problem {
    let mut faults = Faults::default();
    faults.add("customerId", "must be the identifier of a customer");
    faults.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> (u16, Vec<String>) {
        let problem = NewOrder::read(body.as_bytes()).unwrap_err();
        let fields = problem.errors().iter().map(|error| error.field.to_string()).collect();
        (problem.status().as_u16(), fields)
    }

    #[test]
    fn an_order_of_an_amount_only_is_the_default_customers_in_euro() {
        let new = NewOrder::read(br#"{"amount":5000}"#).unwrap();
        assert_eq!(new, NewOrder { amount: 5000, customer_id: "1651654165".into(), currency: "EUR".into() });
    }

    #[test]
    fn an_order_may_name_customer_and_currency() {
        let new =
            NewOrder::read(br#"{"currency":"JPY","customerId":"c-1","amount":9007199254740991}"#).unwrap();
        let expected =
            NewOrder { amount: 9_007_199_254_740_991, customer_id: "c-1".into(), currency: "JPY".into() };
        assert_eq!(new, expected);
    }

    #[test]
    fn a_bad_amount_is_a_422_that_names_it() {
        for amount in
            ["0", "-1", "5000.5", "5000.0", "5e3", "9007199254740992", "\"5000\"", "null", "true", "[]"]
        {
            assert_eq!(
                refusal(&format!(r#"{{"amount":{amount}}}"#)),
                (422, vec!["amount".into()]),
                "{amount}"
            );
        }
        assert_eq!(refusal("{}"), (422, vec!["amount".into()]));
        assert_eq!(refusal(r#"{"amount":1,"amount":2}"#), (422, vec!["amount".into()]));
    }

    #[test]
    fn all_fields_at_fault_are_named() {
        let (status, fields) = refusal(r#"{"amount":0,"customerId":"","currency":"eur","curency":"USD"}"#);
        assert_eq!((status, fields.join(" ")), (422, "curency amount customerId currency".into()));
        assert_eq!(refusal(r#"{"amount":1,"customerId":null}"#), (422, vec!["customerId".into()]));
        assert_eq!(refusal(r#"{"amount":1,"currency":null}"#), (422, vec!["currency".into()]));
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        assert_eq!(refusal(r#"{"amount":5000,"curency":"USD"}"#), (422, vec!["curency".into()]));
    }

    #[test]
    fn what_is_not_json_is_a_400_and_what_is_no_object_a_422() {
        assert_eq!(refusal(""), (400, vec![]));
        assert_eq!(refusal("amount=5000"), (400, vec![]));
        assert_eq!(refusal("5000"), (422, vec![]));
    }
}
