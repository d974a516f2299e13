//! What a client orders.

use std::borrow::Cow;

use waybill_contracts::{DEFAULT_CURRENCY, DEFAULT_CUSTOMER_ID, Line};
use waybill_service::fields::{self, optional, required};
use waybill_service::{Problem, json};

use crate::lines;

/// An order that keeps every rule.
#[derive(Debug, PartialEq, Eq)]
pub struct NewOrder<'a> {
    /// Minor units: what the client gave, or the sum of the lines.
    pub amount: i64,
    /// Who orders.
    pub customer_id: Cow<'a, str>,
    /// ISO 4217.
    pub currency: Cow<'a, str>,
    /// Empty where only an amount is ordered.
    pub lines: Vec<Line>,
}

impl NewOrder<'_> {
    /// Reads a request's body; every fault is named.
    pub fn read(body: &[u8]) -> Result<NewOrder<'_>, Problem> {
        let ([amount, customer_id, currency, lines], mut faults) =
            json::object(body, &["amount", "customerId", "currency", "lines"])?;
        let lines = lines.map(|lines| lines::read(lines, &mut faults));
        let amount = match (amount, &lines) {
            // It is the sum of the lines, which may be at fault themselves.
            (None, Some(lines)) => lines.as_ref().map(|lines| lines.total),
            (amount, _) => faults.note("amount", required(amount, fields::amount)),
        };
        if let (Some(amount), Some(Some(lines))) = (amount, &lines)
            && amount != lines.total
        {
            faults.add("amount", "must be the sum of the lines with tax, or be left out");
        }
        let customer_id = optional(customer_id, DEFAULT_CUSTOMER_ID.into(), fields::customer_id);
        let customer_id = faults.note("customerId", customer_id);
        let currency = faults.note("currency", optional(currency, DEFAULT_CURRENCY.into(), fields::currency));
        match (amount, customer_id, currency) {
            (Some(amount), Some(customer_id), Some(currency)) => {
                faults.refuse_any()?;
                let lines = lines.flatten().map(|lines| lines.lines).unwrap_or_default();
                Ok(NewOrder { amount, customer_id, currency, lines })
            }
            _ => Err(faults.into()),
        }
    }
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
        let expected = NewOrder {
            amount: 5000,
            customer_id: "1651654165".into(),
            currency: "EUR".into(),
            lines: Vec::new(),
        };
        assert_eq!(new, expected);
    }

    #[test]
    fn an_order_may_name_customer_and_currency() {
        let new =
            NewOrder::read(br#"{"currency":"JPY","customerId":"c-1","amount":9007199254740991}"#).unwrap();
        assert_eq!(
            (new.amount, new.customer_id.as_ref(), new.currency.as_ref()),
            (9_007_199_254_740_991, "c-1", "JPY")
        );
    }

    const LINES: &str =
        r#"[{"sku":"a","description":"A","quantity":3,"unitPrice":1000,"taxRateBasisPoints":1900}]"#;

    #[test]
    fn an_order_of_lines_has_their_sum() {
        for amount in ["", r#""amount":3570,"#] {
            let body = format!(r#"{{{amount}"lines":{LINES}}}"#);
            let new = NewOrder::read(body.as_bytes()).unwrap();
            assert_eq!((new.amount, new.lines.len()), (3570, 1));
        }
    }

    #[test]
    fn an_amount_that_is_not_the_sum_of_the_lines_is_refused() {
        assert_eq!(refusal(&format!(r#"{{"amount":3000,"lines":{LINES}}}"#)), (422, vec!["amount".into()]));
        assert_eq!(refusal(r#"{"amount":1,"lines":[]}"#), (422, vec!["lines".into()]));
        assert_eq!(refusal(r#"{"lines":null}"#), (422, vec!["lines".into()]));
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
