//! Input that is refused.

use std::sync::Arc;

use http::StatusCode;
use waybill::runtime::Limits;
use waybill::settings::ComponentName;

use crate::BOTH;
use crate::support::{database, get, http, number, post_json, send};

const LINE_OF_BLANKS: &str =
    r#"{"lines":[{"sku":" ","description":" ","quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900}]}"#;

/// Its description is a zero width space.
const LINE_WITHOUT_WORDS: &str = r#"{"lines":[{"sku":"a","description":"\u200b","quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900}]}"#;

#[tokio::test]
async fn a_refused_order_changes_nothing() {
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
    for (body, status, field) in [
        (r#"{"amount":0}"#, 422, "amount"),
        (r#"{"amount":-1}"#, 422, "amount"),
        (r#"{"amount":50.5}"#, 422, "amount"),
        (r#"{"amount":"5000"}"#, 422, "amount"),
        (r#"{"amount":9007199254740992}"#, 422, "amount"),
        (r#"{"amount":1e400}"#, 422, "amount"),
        (r"{}", 422, "amount"),
        (r#"{"amount":1,"currency":"euro"}"#, 422, "currency"),
        (r#"{"amount":1,"customerId":"nobody"}"#, 422, "customerId"),
        (r#"{"amount":1,"customerId":7}"#, 422, "customerId"),
        (r#"{"amount":1,"customerId":" "}"#, 422, "customerId"),
        (LINE_OF_BLANKS, 422, "lines[0].sku"),
        (LINE_WITHOUT_WORDS, 422, "lines[0].description"),
    ] {
        let answer = send(&orders, post_json("/orders"), body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}: {}", answer.body);
    }
    assert_eq!(send(&orders, post_json("/orders"), "amount=1").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(number(&database, BOTH).await, 0);
}

#[tokio::test]
async fn a_customer_with_a_blank_name_or_address_is_refused() {
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
    let fields = ["name", "address", "state", "zipCode"];
    for blank in [" ", "\u{3000}", "\u{feff}"] {
        let mut customer = serde_json::json!({ "email": "jo@example.com", "country": "DE" });
        for field in fields {
            customer[field] = blank.into();
        }
        let change = get("/customers/1651654165").method("PATCH").header("content-type", "application/json");
        for request in [post_json("/customers"), change] {
            let refused = send(&orders, request, &customer.to_string()).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{blank:?}: {}", refused.body);
            let errors = refused.json()["errors"].take();
            let named: Vec<_> = errors.as_array().unwrap().iter().map(|error| &error["field"]).collect();
            assert_eq!(named, fields, "{blank:?}");
            assert!(errors[0]["rule"].as_str().unwrap().contains("printable"), "{errors}");
        }
    }
    assert_eq!(number(&database, "SELECT count(*) FROM customers").await, 1, "the default one");
}
