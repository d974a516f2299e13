//! Invoices, credit notes and webhooks.

use http::{Request, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waybill::settings::ComponentName;
use waybill_telemetry::Context;

use crate::support::{database, get, invoices, row, send};
use crate::{event, kept_answer, kept_as, new_customer, post_with_all_headers};

#[tokio::test]
async fn each_value_of_an_invoice_and_its_credit_note_has_its_column() {
    let (database, handler, invoices) = invoices().await;
    let order = Uuid::now_v7();
    handler.handle("order.created", event(order), Context::new()).await.unwrap();
    for (event_type, changed_at) in
        [("order.paid", "2026-01-31T00:00:00Z"), ("order.canceled", "2026-02-28T00:00:00Z")]
    {
        let changed = json!({ "orderId": order, "version": 2, "changedAt": changed_at }).to_string();
        handler.handle(event_type, changed.into_bytes(), Context::new()).await.unwrap();
    }
    let written = row(
        &database,
        "SELECT id, order_id, customer_id, amount, currency, customer, lines, seller FROM invoices",
    )
    .await;
    let mut customer = new_customer();
    customer.as_object_mut().unwrap().remove("dateOfBirth");
    assert_eq!(written["customer"], customer);
    assert_eq!(written["lines"][0]["sku"], "ink-1");
    assert_eq!(
        json!([written["order_id"], written["customer_id"], written["amount"], written["currency"]]),
        json!([order, "c-1", 3570, "USD"])
    );
    let state = "SELECT order_id, paid_at AT TIME ZONE 'UTC' AS paid_at, canceled_at AT TIME ZONE 'UTC' AS canceled_at, invoice_id
        FROM order_states";
    assert_eq!(
        row(&database, state).await,
        json!({
            "order_id": order, "paid_at": "2026-01-31T00:00:00", "canceled_at": "2026-02-28T00:00:00",
            "invoice_id": written["id"],
        })
    );
    let note = row(&database, "SELECT id, invoice_id FROM credit_notes").await;
    assert_eq!(note["invoice_id"], written["id"]);

    // What is shown is the row, whichever statement reads it.
    let path = format!("/invoices/{}", written["id"].as_str().unwrap());
    let shown = send(&invoices, get(&path), "").await.json();
    for (member, column) in [
        ("id", "id"),
        ("orderId", "order_id"),
        ("customerId", "customer_id"),
        ("amount", "amount"),
        ("currency", "currency"),
        ("customer", "customer"),
        ("lines", "lines"),
        ("seller", "seller"),
    ] {
        assert_eq!(shown[member], written[column], "{member}");
    }
    assert_eq!(
        (&shown["paidAt"], &shown["status"]),
        (&json!("2026-01-31T00:00:00.000Z"), &json!("credited"))
    );
    assert_eq!(shown["creditNote"]["id"], note["id"]);
    for query in ["", &format!("?orderId={order}")] {
        let listed = send(&invoices, get(&format!("/invoices{query}")), "").await.json();
        assert_eq!(listed["invoices"], json!([shown]));
    }
    let path = format!("/credit-notes/{}", note["id"].as_str().unwrap());
    let credited = send(&invoices, get(&path), "").await.json();
    assert_eq!(send(&invoices, get("/credit-notes"), "").await.json()["creditNotes"], json!([credited]));
    assert_eq!((&credited["id"], &credited["invoice"]["id"]), (&note["id"], &written["id"]));
    for member in ["orderId", "customerId", "amount", "currency", "customer", "lines", "seller"] {
        assert_eq!(credited[member], shown[member], "{member}");
    }
}

#[tokio::test]
async fn each_value_of_an_endpoint_and_its_delivery_has_its_column() {
    let (database, handler, invoices) = invoices().await;
    let body = json!({ "url": "https://example.com/h", "description": "the shop", "eventTypes": ["invoice.issued"] });
    let made = send(&invoices, post_with_all_headers("/webhook-endpoints", "k-e"), &body.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let mut made = made.json();
    let id = made["id"].as_str().unwrap().to_owned();
    let written =
        row(&database, "SELECT id, url, description, event_types, secret FROM webhook_endpoints").await;
    assert_eq!(
        written,
        json!({
            "id": id, "url": "https://example.com/h", "description": "the shop", "event_types": ["invoice.issued"],
            "secret": made["secret"],
        })
    );
    made.as_object_mut().unwrap().remove("secret");
    let location = format!("/webhook-endpoints/{id}");
    assert_eq!(kept_answer(&database, "k-e").await, (kept_as("k-e", 201, Some(&location)), made.clone()));
    assert_eq!(send(&invoices, get(&location), "").await.json(), made);

    handler.handle("order.created", event(Uuid::now_v7()), Context::new()).await.unwrap();
    let delivery = "SELECT d.event_id, d.endpoint_id, d.status, w.invoice_id, w.event_type
        FROM webhook_deliveries AS d JOIN webhook_events AS w ON w.id = d.event_id";
    let delivery = row(&database, delivery).await;
    let deliveries = format!("{location}/deliveries");
    for query in ["", "?status=pending"] {
        let listed =
            send(&invoices, get(&format!("{deliveries}{query}")), "").await.json()["deliveries"].take();
        assert_eq!(listed.as_array().unwrap().len(), 1, "{query}");
        for (member, column) in [
            ("eventId", "event_id"),
            ("eventType", "event_type"),
            ("invoiceId", "invoice_id"),
            ("status", "status"),
        ] {
            assert_eq!(listed[0][member], delivery[column], "{member}");
        }
        assert!(listed[0]["nextAttemptAt"].is_string() && listed[0]["endedAt"].is_null(), "{listed}");
    }
    let failed = send(&invoices, get(&format!("{deliveries}?status=failed")), "").await.json();
    assert_eq!(failed["deliveries"], json!([]));
    let event_id = delivery["event_id"].as_str().unwrap();
    let again = post_with_all_headers(&format!("{deliveries}/{event_id}/redeliver"), "k-r");
    let again = send(&invoices, again, "").await;
    assert_eq!(again.status, 202, "{}", again.body);
    assert_eq!(kept_answer(&database, "k-r").await, (kept_as("k-r", 202, None), again.json()));
}

#[tokio::test]
async fn each_value_of_a_seller_has_its_column() {
    let (_, _, invoices) = invoices().await;
    let seller = json!({
        "name": "Ink", "vatId": "FR40303265045", "taxNumber": "t-1", "companyId": "303265045", "companyIdScheme": "0002",
        "address": "1 Rue", "addressLine2": "Bat. 2", "city": "Paris", "zipCode": "75001", "subdivision": "IDF",
        "country": "FR", "email": "a@example.com", "contact": "Al", "phone": "+33 1",
        "electronicAddress": { "scheme": "0009", "id": "30326504500011" }, "legalNotes": "RCS Paris",
        "exemptionReason": "293 B", "amountTaxRateBasisPoints": 0, "paymentDays": 14,
        "iban": "FR1420041010050500013M02606", "bic": "PSSTFRPPXXX",
    });
    let put = |seller: &Value| {
        let request =
            Request::put("/seller").header("host", "test").header("content-type", "application/json");
        let (invoices, body) = (&invoices, seller.to_string());
        async move { send(invoices, request, &body).await }
    };
    let answer = put(&seller).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, seller.clone()), "{}", answer.body);
    assert_eq!(send(&invoices, get("/seller"), "").await.json(), seller);
    let american = json!({
        "name": "Ink", "address": "1 Street", "city": "New York", "zipCode": "10118", "country": "US",
        "email": "a@example.com", "paymentDays": 30, "bic": "CHASUS33", "accountNumber": "123456789",
        "routingNumber": "021000021", "bankName": "Bank of Examples",
    });
    assert_eq!(put(&american).await.json(), american);
    assert_eq!(send(&invoices, get("/seller"), "").await.json(), american);
    // What is left out is removed.
    let least = json!({
        "name": "Ink", "address": "1 Street", "city": "New York", "zipCode": "10118", "country": "US",
        "email": "a@example.com", "paymentDays": 30,
    });
    assert_eq!(put(&least).await.json(), least);
    assert_eq!(send(&invoices, get("/seller"), "").await.json(), least);
}

#[tokio::test]
async fn a_seller_that_is_set_by_sql_keeps_the_rules() {
    let database = database(ComponentName::Invoices).await;
    for (change, constraint) in [
        ("country = 'UK'", "seller_country_code"),
        ("country = 'XX'", "seller_country_code"),
        ("vat_id = 'XX123456789'", "seller_vat_id_prefixed"),
        ("vat_id = 'GR123456789'", "seller_vat_id_prefixed"),
        ("vat_id = NULL", "seller_tax_identifier_given"),
        ("iban = 'DE02120300000000202052'", "seller_iban_shape"),
        ("iban = 'DE00'", "seller_iban_shape"),
        ("account_number = ''", "seller_account_number_form"),
        ("routing_number = 'ä'", "seller_routing_number_form"),
        ("bank_name = ' '", "seller_bank_name_not_blank"),
        ("company_id_scheme = '0002'", "seller_company_id_scheme_needs_id"),
        ("electronic_address_id = 'a'", "seller_electronic_address_whole"),
        ("amount_tax_rate_basis_points = -1", "seller_amount_tax_rate_in_range"),
        ("legal_notes = ' '", "seller_legal_notes_not_blank"),
    ] {
        let error = database.query_batch(&format!("UPDATE seller SET {change}")).await.unwrap_err();
        assert!(format!("{error:?}").contains(constraint), "{change}: {error:?}");
    }
    for change in [
        "vat_id = 'EL094259216'",
        "vat_id = 'CHE116281710MWST'",
        "vat_id = NULL, tax_number = '12/345/67890'",
        "vat_id = NULL, tax_number = NULL, country = 'US'",
        "iban = 'GB82WEST12345698765432'",
        "iban = NULL",
    ] {
        database.query_batch(&format!("UPDATE seller SET {change}")).await.unwrap();
    }
    let countries: Vec<_> = waybill_contracts::countries().map(|code| format!("('{code}')")).collect();
    let query = format!(
        "SELECT bool_and(is_country(code)) AS all FROM (VALUES {}) AS v (code)",
        countries.join(", ")
    );
    assert_eq!(row(&database, &query).await, json!({ "all": true }));
    // The same countries as in `waybill_parties::vat_id::is_required_in`.
    database.query_batch("UPDATE seller SET vat_id = NULL, tax_number = NULL, country = 'US'").await.unwrap();
    for code in waybill_contracts::countries() {
        let set = database.query_batch(&format!("UPDATE seller SET country = '{code}'")).await;
        assert_eq!(set.is_err(), waybill_parties::vat_id::is_required_in(code), "{code}");
    }
}
