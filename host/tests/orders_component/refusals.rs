//! Input that is refused.

use http::StatusCode;

use crate::BOTH;
use crate::support::{get, number, orders, post_json, send};

const LINE_OF_BLANKS: &str =
    r#"{"lines":[{"sku":" ","description":" ","quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900}]}"#;

/// Its description is a zero width space.
const LINE_WITHOUT_WORDS: &str = r#"{"lines":[{"sku":"a","description":"\u200b","quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900}]}"#;

#[tokio::test]
async fn a_refused_order_changes_nothing() {
    let (database, orders) = orders().await;
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
        (r#"{"amount":1,"dueDate":"2020-01-31"}"#, 422, "dueDate"),
        (
            r#"{"amount":9,"prepayments":[{"amount":1},{"amount":1,"date":"9999-12-31"}]}"#,
            422,
            "prepayments[1].date",
        ),
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
    let (database, orders) = orders().await;
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

#[tokio::test]
async fn a_customer_has_a_postal_code_unless_the_country_has_none() {
    let (database, orders) = orders().await;
    let customer = r#"{"name":"Jo","email":"jo@example.com","address":"1 Queen's Road","city":"Central","country":"HK","vatId":"CN91310000MA1FL6GG5K"}"#;
    let made = send(&orders, post_json("/customers"), customer).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = made.json();
    assert_eq!((made.get("zipCode"), &made["vatId"]), (None, &"CN91310000MA1FL6GG5K".into()));
    let path = format!("/customers/{}", made["id"].as_str().unwrap());
    assert_eq!(send(&orders, get(&path), "").await.json(), made);
    let listed = send(&orders, get("/customers"), "").await.json();
    assert!(listed["customers"].as_array().unwrap().contains(&made), "{listed}");
    // What an order's event says of the customer has none either.
    let order = format!(r#"{{"amount":5000,"customerId":{}}}"#, made["id"]);
    assert_eq!(send(&orders, post_json("/orders"), &order).await.status, StatusCode::CREATED);
    let without = "SELECT count(*) FROM outbox WHERE NOT payload::jsonb -> 'customer' ? 'zipCode'";
    assert_eq!(number(&database, without).await, 1);

    let change = || get(&path).method("PATCH").header("content-type", "application/json");
    for (body, zip_code) in [
        (r#"{"country":"DE"}"#, None),
        (r#"{"country":"SG","zipCode":null}"#, None),
        (r#"{"country":"DE","zipCode":"10115"}"#, Some("10115")),
        (r#"{"zipCode":null}"#, None),
        (r#"{"country":"AE"}"#, Some("10115")),
        (r#"{"zipCode":null}"#, Some("")),
    ] {
        let answer = send(&orders, change(), body).await;
        match zip_code {
            None => {
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", answer.body);
                assert_eq!(answer.json()["errors"][0]["field"], "zipCode", "{body}");
            }
            Some(zip_code) => {
                assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.body);
                let shown = answer.json();
                assert_eq!(shown.get("zipCode").map_or("", |it| it.as_str().unwrap()), zip_code, "{body}");
            }
        }
    }
}

#[tokio::test]
async fn a_customer_keeps_a_place() {
    let (_, orders) = orders().await;
    let change = || get("/customers/1651654165").method("PATCH").header("content-type", "application/json");
    // The default customer has a state and no city.
    for body in [r#"{"state":null}"#, r#"{"state":null,"city":null,"name":"Jo"}"#] {
        let refused = send(&orders, change(), body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", refused.body);
        assert_eq!(refused.json()["errors"][0]["field"], "state", "{body}");
    }
    let moved = send(&orders, change(), r#"{"state":null,"city":"Berlin"}"#).await;
    assert_eq!((moved.status, &moved.json()["city"]), (StatusCode::OK, &"Berlin".into()), "{}", moved.body);
}

#[tokio::test]
async fn a_supply_within_the_union_is_to_a_business_of_it() {
    let (_, orders) = orders().await;
    let order = r#"{"lines":[{"sku":"a","description":"A","quantity":1,"unitPrice":100,"taxRateBasisPoints":0,"taxCategory":"K"}],
        "delivery":{"date":"2026-11-27","country":"FR"}}"#;
    for (vat_id, status) in [
        ("null", StatusCode::UNPROCESSABLE_ENTITY),
        (r#""CHE116281710MWST""#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#""GB980780684""#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#""FR40303265045""#, StatusCode::CREATED),
        (r#""XI980780684""#, StatusCode::CREATED),
    ] {
        let change = get("/customers/1651654165").method("PATCH").header("content-type", "application/json");
        let changed = send(&orders, change, &format!(r#"{{"vatId":{vat_id}}}"#)).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
        let placed = send(&orders, post_json("/orders"), order).await;
        assert_eq!(placed.status, status, "{vat_id}: {}", placed.body);
    }
}

#[tokio::test]
async fn what_is_exempt_by_its_destination_has_one() {
    let (_, orders) = orders().await;
    let order = |category: &str, delivery: &str| {
        format!(
            r#"{{"lines":[{{"sku":"a","description":"A","quantity":1,"unitPrice":10000,"taxRateBasisPoints":0,"taxCategory":"{category}"}}]{delivery}}}"#
        )
    };
    let place = |body: String| {
        let orders = &orders;
        async move { send(orders, post_json("/orders"), &body).await }
    };
    // Of the default customer no address is known.
    for body in [order("G", ""), order("K", r#","delivery":{"date":"2026-11-27"}"#)] {
        let refused = place(body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        assert_eq!(refused.json()["errors"][0]["field"], "lines[0].taxCategory");
        let rule = "needs a delivery.country, or a customer whose country is known";
        assert_eq!(refused.json()["errors"][0]["rule"], rule);
    }
    let delivered = place(order("G", r#","delivery":{"country":"US"}"#)).await;
    assert_eq!(delivered.status, StatusCode::CREATED, "{}", delivered.body);
    let change = get("/customers/1651654165").method("PATCH").header("content-type", "application/json");
    let address = r#"{"address":"350 Fifth Avenue","city":"New York","zipCode":"10118","country":"US"}"#;
    assert_eq!(send(&orders, change, address).await.status, StatusCode::OK);
    assert_eq!(place(order("G", "")).await.status, StatusCode::CREATED);
    // A category that depends on no destination needs none.
    assert_eq!(place(order("O", "")).await.status, StatusCode::CREATED);
}
