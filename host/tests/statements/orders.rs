//! Customers and orders.

use http::{Request, StatusCode};
use serde_json::{Value, json};
use waybill::runtime::HttpService;

use crate::support::{Answer, get, orders, post_json, row, send};
use crate::{TRACEPARENT, kept_answer, kept_as, new_customer, post_with_all_headers};

#[tokio::test]
async fn each_value_of_a_customer_has_its_column() {
    let (database, orders) = orders().await;
    let made = send(&orders, post_with_all_headers("/customers", "k-c"), &new_customer().to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let id = made["id"].as_str().unwrap();
    let columns = "id, name, email, address, address_line2, city, state, zip_code, country, vat_id, company_id,
        company_id_scheme, contact, phone, electronic_address_scheme, electronic_address_id, buyer_reference, payment_days,
        payment_terms, cash_discounts, invoice_profile, date_of_birth";
    let written = format!("SELECT {columns} FROM customers WHERE id = '{id}'");
    let mut expected = json!({
        "id": id, "name": "Jo Doe", "email": "jo@example.com", "address": "1 Street", "address_line2": "Floor 2",
        "city": "Berlin", "state": "BE", "zip_code": "10115", "country": "DE", "vat_id": "DE136695976",
        "company_id": "HRB 1", "company_id_scheme": "0060", "contact": "Al", "phone": "+49 30 1", "electronic_address_scheme": "0204",
        "electronic_address_id": "04011000-12345-34", "buyer_reference": "r-1", "payment_days": 7, "payment_terms": "sonst netto",
        "cash_discounts": [{ "days": 14, "rateBasisPoints": 200 }], "invoice_profile": "xrechnung",
        "date_of_birth": "1990-12-31",
    });
    assert_eq!(row(&database, &written).await, expected);
    let location = format!("/customers/{id}");
    assert_eq!(kept_answer(&database, "k-c").await, (kept_as("k-c", 201, Some(&location)), made.clone()));

    // One member at a time, so that each change reaches its own column and no other.
    for (member, column, value) in [
        ("name", "name", "Al Roe"),
        ("email", "email", "al@example.com"),
        ("address", "address", "2 Road"),
        ("addressLine2", "address_line2", "Floor 3"),
        ("city", "city", "Wien"),
        ("state", "state", "W"),
        ("zipCode", "zip_code", "1010"),
        ("country", "country", "AT"),
        ("vatId", "vat_id", "ATU13585627"),
        ("contact", "contact", "Bo"),
        ("phone", "phone", "+43 1 1"),
        ("buyerReference", "buyer_reference", "r-2"),
        ("paymentTerms", "payment_terms", "net"),
        ("invoiceProfile", "invoice_profile", "peppol"),
        ("dateOfBirth", "date_of_birth", "1991-01-01"),
    ] {
        let path = format!("/customers/{id}");
        let changed = change(&orders, id, json!({ member: value })).await.json();
        expected[column] = value.into();
        assert_eq!(row(&database, &written).await, expected);
        assert_eq!(changed[member], value);
        assert_eq!(send(&orders, get(&path), "").await.json(), changed);
        let listed = send(&orders, get("/customers"), "").await.json();
        assert!(listed["customers"].as_array().unwrap().contains(&changed), "{listed}");
    }
    let registered = json!({ "companyId": "FN 1", "companyIdScheme": "0199" });
    let changed = change(&orders, id, registered).await.json();
    (expected["company_id"], expected["company_id_scheme"]) = ("FN 1".into(), "0199".into());
    assert_eq!(row(&database, &written).await, expected);
    assert_eq!((&changed["companyId"], &changed["companyIdScheme"]), (&json!("FN 1"), &json!("0199")));
    // Neither is checked without the other, so neither changes alone.
    for single in
        [json!({ "companyId": "1" }), json!({ "companyId": null }), json!({ "companyIdScheme": "0106" })]
    {
        let refused = change(&orders, id, single).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("companyIdScheme"))
        );
    }
    let changed = change(&orders, id, json!({ "companyIdScheme": null })).await.json();
    assert_eq!((&changed["companyId"], &changed["companyIdScheme"]), (&json!("FN 1"), &Value::Null));
    let address = json!({ "scheme": "9914", "id": "ATU13585627" });
    let discounts = json!([{ "days": 10, "rateBasisPoints": 300 }, { "days": 30, "rateBasisPoints": 100 }]);
    let members = json!({ "electronicAddress": address, "paymentDays": 0, "cashDiscounts": discounts });
    let changed = change(&orders, id, members.clone()).await.json();
    for (name, value) in members.as_object().unwrap() {
        assert_eq!(changed[name], *value, "{changed}");
    }

    // Null removes what a customer need not have.
    let removed = json!({
        "addressLine2": null, "state": null, "vatId": null, "companyId": null, "contact": null, "phone": null,
        "electronicAddress": null, "buyerReference": null, "paymentDays": null, "paymentTerms": null,
        "cashDiscounts": null, "invoiceProfile": null, "dateOfBirth": null,
    });
    let changed = change(&orders, id, removed).await.json();
    let mut names: Vec<&str> = changed.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["address", "city", "country", "createdAt", "dateOfBirth", "email", "id", "name", "zipCode"]
    );
    let refused = change(&orders, id, json!({ "city": null })).await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("state"))
    );
    let moved = change(&orders, id, json!({ "city": null, "state": "Graz" })).await.json();
    assert_eq!((&moved["city"], &moved["state"]), (&json!(null), &json!("Graz")));
}

async fn change(orders: &HttpService, id: &str, members: Value) -> Answer {
    let request = Request::patch(format!("/customers/{id}"));
    let request = request.header("host", "test").header("content-type", "application/json");
    send(orders, request, &members.to_string()).await
}

#[tokio::test]
async fn each_value_of_an_order_and_its_changes_has_its_column() {
    let (database, orders) = orders().await;
    let customer = send(&orders, post_json("/customers"), &new_customer().to_string()).await.json();
    let customer_id = customer["id"].as_str().unwrap();
    let body = json!({
        "customerId": customer_id, "currency": "USD",
        "lines": [{ "sku": "ink-1", "description": "Ink", "quantity": 3, "unitPrice": 1000, "taxRateBasisPoints": 1900 }],
    });
    let placed = send(&orders, post_with_all_headers("/orders", "k-o"), &body.to_string()).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    let order = placed.json();
    let id = order["id"].as_str().unwrap();
    assert_eq!(
        row(&database, "SELECT id, customer_id, amount, currency, status, version FROM orders").await,
        json!({
            "id": id, "customer_id": customer_id, "amount": 3570, "currency": "USD", "status": "pending", "version": 1,
        })
    );
    let line = "SELECT order_id, position, sku, description, quantity, unit_price, tax_rate FROM order_lines";
    assert_eq!(
        row(&database, line).await,
        json!({
            "order_id": id, "position": 1, "sku": "ink-1", "description": "Ink", "quantity": 3, "unit_price": 1000,
            "tax_rate": 1900,
        })
    );
    let mut snapshot = new_customer();
    snapshot["id"] = customer_id.into();
    snapshot.as_object_mut().unwrap().remove("dateOfBirth");
    let event = "SELECT order_id, event_type, traceparent, tracestate, payload, id = (payload ->> 'eventId')::uuid AS is_named
        FROM outbox ORDER BY id DESC LIMIT 1";
    let mut created = row(&database, event).await;
    let payload = created["payload"].take();
    assert_eq!(
        (&payload["customer"], &payload["currency"], &payload["createdAt"]),
        (&snapshot, &json!("USD"), &order["createdAt"])
    );
    let expected = |event_type: &str| {
        json!({
            "order_id": id, "event_type": event_type, "traceparent": TRACEPARENT, "tracestate": "a=1", "payload": null,
            "is_named": true,
        })
    };
    assert_eq!(created, expected("order.created"));
    assert_eq!(
        kept_answer(&database, "k-o").await,
        (kept_as("k-o", 201, Some(&format!("/orders/{id}"))), order.clone())
    );
    let listed = send(&orders, get(&format!("/orders?customerId={customer_id}")), "").await.json();
    assert_eq!(listed["orders"][0], order);

    let paid = send(&orders, post_with_all_headers(&format!("/orders/{id}/pay"), "k-p"), "").await.json();
    let mut changed = row(&database, event).await;
    let payload = changed["payload"].take();
    assert_eq!((&payload["version"], &payload["apiKeyId"]), (&json!(2), &json!("0123456789ab")));
    assert_eq!(changed, expected("order.paid"));
    assert_eq!(kept_answer(&database, "k-p").await, (kept_as("k-p", 200, None), paid));
}
