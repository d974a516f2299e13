//! Handling an event of an order, whichever way it was delivered.

use waybill_contracts::{ORDER_CANCELED, ORDER_CREATED, ORDER_PAID, ORDERS_QUEUE};

use crate::credit_invoice::credit_invoice;
use crate::events::{ChangedOrder, PlacedOrder};
use crate::issue_invoice::issue_invoice;
use crate::outcome::Outcome;
use crate::record_payment::record_payment;
use crate::refusal::Refusal;

/// Handles one event. `Ok` means that it needs no further delivery: its effect is committed, now or by an earlier one.
///
/// The events of an order may come in any order and any number of times: what they lead to is the same.
pub fn handle_event(subject: &str, body: &[u8]) -> Result<Outcome, Refusal> {
    match subject {
        // A message without a type has the queue's name as its subject; the replaced system sends no other.
        ORDER_CREATED | ORDERS_QUEUE => {
            let order = PlacedOrder::read(body).map_err(Refusal::Rejected)?;
            issue_invoice(&order)
        }
        ORDER_PAID => {
            record_payment(&ChangedOrder::read(body).map_err(Refusal::Rejected)?).map_err(Refusal::Failed)
        }
        ORDER_CANCELED => {
            credit_invoice(&ChangedOrder::read(body).map_err(Refusal::Rejected)?).map_err(Refusal::Failed)
        }
        other => Err(Refusal::Rejected(format!("subject \"{}\" is not known here", other.escape_default()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::tests::{ID, body};

    #[test]
    fn a_malformed_event_is_rejected_with_the_field_and_its_rule() {
        let customer = r#""customer":{"id":"c"}"#;
        for (body, reason) in [
            (String::new(), "the body is not JSON"),
            ("{".into(), "the body is not JSON"),
            ("[]".into(), "the body is not a JSON object"),
            ("{}".into(), "orderId is required"),
            (r#"{"orderId":1}"#.into(), "orderId must be a UUID"),
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
            (
                body("").replace(r#""customer":{"#, r#""customer":{"country":"Germany","#),
                "customer.country must be the ISO 3166-1 code",
            ),
            (body(r#","currency":"eur""#), "currency must be the ISO 4217 code"),
            (body(r#","lines":[{"sku":1}]"#), "lines must be as its contract says"),
            (body(r#","sellerId":"Paper""#), "sellerId must be the identifier of a seller"),
            (body(r#","sellerId":17"#), "invalid type: integer `17`"),
            (
                body(
                    r#","lines":[{"sku":"a","description":"\u200b","quantity":1,"unitPrice":5000,"taxRateBasisPoints":0}]"#,
                ),
                "lines[0].description must be a string of 1 to 1000 characters, with a printable character",
            ),
            (body(r#","amount":1"#), "amount must not be repeated"),
        ] {
            let error = handle_event("order.created", body.as_bytes()).unwrap_err().to_string();
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
            let error = handle_event("order.paid", body.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("rejected: ") && error.contains(reason), "{body}: {error}");
        }
    }

    #[test]
    fn an_unknown_subject_is_rejected() {
        for subject in ["", "order.shipped", "orders.retry.1s", "\n"] {
            let error = handle_event(subject, body("").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("rejected: subject ") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_failed_write_is_no_rejection() {
        use waybill_service::sql::SqlError;
        use waybill_service::sql::bindings::wasmcloud::postgres::types::QueryError;
        let error = SqlError::new("issue_invoice", QueryError::Unexpected("rejected: x".into()));
        assert!(Refusal::Failed(error).to_string().starts_with("unavailable: "));
    }
}
