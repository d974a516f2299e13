//! Each seller issues in its own name, with numbers of its own.

use futures::future::join_all;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waybill::runtime::HandleError;
use waybill_contracts::DeliveryError;
use waybill_telemetry::Context;

use crate::support::{Answer, get, number, row, send};
use crate::{BROKEN_LINKS, TestEnv};

/// A seller in the United States, where none needs a VAT identifier.
fn seller(name: &str) -> Value {
    json!({
        "name": name, "address": "1 Street", "city": "New York", "zipCode": "10118", "country": "US",
        "email": "a@example.com", "paymentDays": 30,
    })
}

impl TestEnv {
    async fn put(&self, path: &str, body: &Value) -> Answer {
        let request = Request::put(path).header("host", "test").header("content-type", "application/json");
        send(&self.http, request, &body.to_string()).await
    }

    async fn set_seller(&self, id: &str, name: &str) {
        let answer = self.put(&format!("/sellers/{id}"), &seller(name)).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, seller(name)), "{}", answer.body);
    }

    async fn order_of(&self, seller: &str) -> (Uuid, Result<(), HandleError>) {
        let order = Uuid::now_v7();
        let body = json!({
            "orderId": order, "amount": 5000, "customer": { "id": "1651654165" }, "sellerId": seller,
        });
        let body = body.to_string().into_bytes();
        (order, self.handler.handle("order.created", body, Context::new()).await)
    }

    async fn invoice_of(&self, order: Uuid) -> Value {
        let listed = send(&self.http, get(&format!("/invoices?orderId={order}")), "").await.json();
        listed["invoices"].get(0).cloned().unwrap_or_default()
    }

    /// Issues an invoice by this seller.
    async fn issued_by(&self, seller: &str) -> Value {
        let (order, issued) = self.order_of(seller).await;
        issued.unwrap();
        self.invoice_of(order).await
    }
}

#[tokio::test]
async fn each_seller_has_its_own_numbers_dates_and_settings() {
    let env = TestEnv::new().await;
    let year = number(&env.database, "SELECT extract(year FROM now() AT TIME ZONE 'UTC')::bigint").await;
    for (id, name) in [("paper", "Paper Inc."), ("ink-2", "Ink Inc.")] {
        env.set_seller(id, name).await;
    }
    let default = env.issued_by("default").await;
    env.issued().await;
    let paper = env.issued_by("paper").await;
    for (invoice, id, name, printed) in [
        (&default, "default", "Example seller: change me", format!("{year}-000001")),
        (&paper, "paper", "Paper Inc.", format!("{year}-000001")),
        (&env.issued_by("ink-2").await, "ink-2", "Ink Inc.", format!("{year}-000001")),
        (&env.issued_by("paper").await, "paper", "Paper Inc.", format!("{year}-000002")),
        (&env.issued_by("default").await, "default", "Example seller: change me", format!("{year}-000003")),
    ] {
        assert_eq!(
            (&invoice["sellerId"], &invoice["seller"]["name"], &invoice["number"]),
            (&json!(id), &json!(name), &json!(printed)),
            "{invoice}"
        );
    }

    // The settings of one change nothing of another.
    let settings = json!({
        "timeZone": "Europe/Berlin", "invoiceFormat": "{prefix}{number:3}", "invoicePrefix": "P-", "invoiceNumbering": "continuous",
        "invoiceStartNumber": 101, "creditNoteFormat": "{prefix}{year}/{number}", "creditNotePrefix": "PC", "creditNoteNumbering": "yearly",
        "creditNoteStartNumber": 7,
    });
    let set = env.put("/sellers/paper/series", &settings).await;
    assert_eq!((set.status, set.json()), (StatusCode::OK, settings.clone()), "{}", set.body);
    assert_eq!(send(&env.http, get("/sellers/paper/series"), "").await.json(), settings);
    let defaults = send(&env.http, get("/series"), "").await.json();
    assert_eq!((&defaults["timeZone"], &defaults["invoicePrefix"]), (&json!("UTC"), &json!("")));
    assert_eq!(send(&env.http, get("/sellers/ink-2/series"), "").await.json(), defaults);
    assert_eq!(env.issued_by("paper").await["number"], "P-101");
    assert_eq!(env.issued_by("ink-2").await["number"], format!("{year}-000002"));
    assert_eq!(env.issued_by("default").await["number"], format!("{year}-000004"));

    // A credit note is in the series of its invoice's seller.
    let (order, issued) = env.order_of("paper").await;
    issued.unwrap();
    env.event("order.canceled", order, Uuid::now_v7()).await;
    let credited = env.invoice_of(order).await;
    let note = credited["creditNote"]["number"].as_str().unwrap();
    assert!(note.starts_with("PC") && note.ends_with("/7"), "{credited}");
    // Also where the cancellation comes first.
    let order = Uuid::now_v7();
    env.event("order.canceled", order, Uuid::now_v7()).await;
    let body =
        json!({ "orderId": order, "amount": 1, "customer": { "id": "c" }, "sellerId": "paper" }).to_string();
    env.handler.handle("order.created", body.into_bytes(), Context::new()).await.unwrap();
    let credited = env.invoice_of(order).await;
    assert!(credited["creditNote"]["number"].as_str().unwrap().ends_with("/8"), "{credited}");
    let notes = send(&env.http, get("/credit-notes?limit=1"), "").await.json();
    assert_eq!(notes["creditNotes"][0]["sellerId"], "paper", "{notes}");
    assert!(env.issued().await.1.starts_with("CN-"), "of the default seller");

    let misplaced = "SELECT (SELECT count(*) FROM invoices AS i WHERE seller_of_series(i.series) <> coalesce(i.seller ->> 'id', 'default'))
        + (SELECT count(*) FROM credit_notes AS c JOIN invoices AS i ON i.id = c.invoice_id
           WHERE seller_of_series(c.series) <> seller_of_series(i.series))";
    assert_eq!(number(&env.database, misplaced).await, 0);
    assert_eq!(number(&env.database, BROKEN_LINKS).await, 0);
    // Those of the seller in Germany.
    assert!(env.check_electronic_invoices().await >= 15);
}

#[tokio::test]
async fn numbers_of_each_seller_have_no_gap_however_sellers_race_and_change() {
    let env = TestEnv::new().await;
    let sellers = ["default", "paper", "ink"];
    for id in &sellers[1..] {
        env.set_seller(id, id).await;
    }
    let orders = (0..120).map(|at| env.order_of(sellers[at % 3]));
    // One of them is set again and again meanwhile.
    let changes = async {
        for round in 0..5 {
            env.set_seller("ink", &format!("Ink {round}")).await;
        }
    };
    let (outcomes, ()) = tokio::join!(join_all(orders), changes);
    for (order, outcome) in outcomes {
        // One whose seller was changed at each attempt is delivered again.
        if outcome.is_err() {
            let body = json!({ "orderId": order, "amount": 1, "customer": { "id": "c" }, "sellerId": "ink" });
            env.handler.handle("order.created", body.to_string().into_bytes(), Context::new()).await.unwrap();
        }
    }
    let numbers = "SELECT json_agg(json_build_array(n.seller, n.highest, n.count) ORDER BY n.seller) AS numbers FROM (
        SELECT seller_of_series(series) AS seller, max(number) AS highest, count(*) AS count FROM invoices GROUP BY 1
    ) AS n";
    assert_eq!(
        row(&env.database, numbers).await["numbers"],
        json!([["default", 40, 40], ["ink", 40, 40], ["paper", 40, 40]])
    );
    assert_eq!(number(&env.database, BROKEN_LINKS).await, 0);
}

#[tokio::test]
async fn an_order_of_a_seller_who_is_not_set_is_rejected_and_invoiced_when_it_is_delivered_again() {
    let env = TestEnv::new().await;
    for (seller, reason) in [
        ("paper", "sellerId names \"paper\", who is not set: set it by PUT /sellers/paper"),
        ("Paper", "sellerId must be the identifier of a seller"),
        ("a/b", "sellerId must be the identifier of a seller"),
    ] {
        let (order, refused) = env.order_of(seller).await;
        let Err(HandleError::Refused(DeliveryError::Rejected(text))) = refused else {
            panic!("{seller}: {refused:?}")
        };
        assert!(text.contains(reason), "{text}");
        assert!(env.invoice_of(order).await.is_null(), "{seller}");
    }
    assert_eq!(number(&env.database, "SELECT count(*) FROM invoice_series").await, 0, "no number is taken");
    env.set_seller("paper", "Paper Inc.").await;
    assert_eq!(env.issued_by("paper").await["sellerId"], "paper");
    // An instance that has read a seller notices that it was changed.
    env.set_seller("paper", "Paper & Co.").await;
    assert_eq!(env.issued_by("paper").await["seller"]["name"], "Paper & Co.");
    env.database.query_batch("DELETE FROM seller WHERE id = 'paper'").await.unwrap();
    assert!(env.order_of("paper").await.1.is_err());
    assert_eq!(env.issued_by("default").await["sellerId"], "default");
}

#[tokio::test]
async fn a_cancellation_that_waits_behind_the_invoice_credits_it_in_its_sellers_series() {
    let env = TestEnv::new().await;
    env.set_seller("paper", "Paper Inc.").await;
    env.issued_by("paper").await;
    let order = Uuid::now_v7();
    let body =
        json!({ "orderId": order, "amount": 1, "customer": { "id": "c" }, "sellerId": "paper" }).to_string();
    let issue = async {
        env.handler.handle("order.created", body.into_bytes(), Context::new()).await.unwrap();
    };
    env.one_behind_the_other(issue, env.event("order.canceled", order, Uuid::now_v7())).await;
    let series = "SELECT json_agg(series) AS series FROM credit_notes";
    let year = number(&env.database, "SELECT extract(year FROM now() AT TIME ZONE 'UTC')::bigint").await;
    assert_eq!(row(&env.database, series).await["series"], json!([format!("paper/{year}")]));
}

#[tokio::test]
async fn sellers_are_listed_shown_and_refused_by_their_identifiers() {
    let env = TestEnv::new().await;
    for id in ["b", "a", "c-3"] {
        env.set_seller(id, id).await;
    }
    let page = send(&env.http, get("/sellers?limit=2"), "").await.json();
    assert_eq!((&page["sellers"][0]["id"], &page["sellers"][1]["name"]), (&json!("a"), &json!("b")));
    let cursor = page["nextCursor"].as_str().unwrap();
    let page = send(&env.http, get(&format!("/sellers?limit=2&cursor={cursor}")), "").await.json();
    assert_eq!((&page["sellers"][0]["id"], &page["sellers"][1]["id"]), (&json!("c-3"), &json!("default")));
    assert!(page["nextCursor"].is_null() && page["sellers"][1]["isSpecimen"] == true, "{page}");

    for (path, default) in [("/sellers/default", "/seller"), ("/sellers/default/series", "/series")] {
        let shown = send(&env.http, get(path), "").await.json();
        assert_eq!(shown, send(&env.http, get(default), "").await.json(), "{path}");
    }
    for path in ["/sellers/nobody", "/sellers/nobody/series", "/sellers/A", "/sellers/a%2Fb/series"] {
        assert_eq!(send(&env.http, get(path), "").await.status, 404, "{path}");
    }
    for id in ["A", "a%2Fb", &"a".repeat(41)] {
        let refused = env.put(&format!("/sellers/{id}"), &seller("A")).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["field"]), (422, &json!("id")));
    }
    assert_eq!(env.put("/sellers/nobody/series", &json!({})).await.status, 404);
    assert_eq!(number(&env.database, "SELECT count(*) FROM seller").await, 4);
    // A seller with the name of the example is as much of an example.
    env.set_seller("a", "Example seller: change me").await;
    assert_eq!(env.issued_by("a").await["seller"]["isSpecimen"], true);
    assert!(env.issued_by("b").await["seller"]["isSpecimen"].is_null());
}

#[tokio::test]
async fn documents_are_listed_by_their_seller() {
    let env = TestEnv::new().await;
    env.set_seller("paper", "Paper Inc.").await;
    for seller in ["default", "paper", "default", "paper", "paper"] {
        let (order, issued) = env.order_of(seller).await;
        issued.unwrap();
        env.event("order.canceled", order, Uuid::now_v7()).await;
    }
    let (order_of_paper, issued) = env.order_of("paper").await;
    issued.unwrap();
    let listed = async |list: &str, query: &str| {
        let page = send(&env.http, get(&format!("/{list}?{query}")), "").await.json();
        let member = if list == "invoices" { "invoices" } else { "creditNotes" };
        let sellers: Vec<Value> =
            page[member].as_array().unwrap().iter().map(|document| document["sellerId"].clone()).collect();
        (sellers, page["nextCursor"].as_str().map(str::to_owned))
    };
    for (list, of_paper) in [("invoices", 4), ("credit-notes", 3)] {
        let all = listed(list, "sellerId=paper").await;
        assert_eq!(all, (vec![json!("paper"); of_paper], None), "{list}");
        let (first, cursor) = listed(list, "sellerId=paper&limit=2").await;
        let rest = listed(list, &format!("sellerId=paper&limit=2&cursor={}", cursor.unwrap())).await;
        assert_eq!((first.len() + rest.0.len(), rest.1), (of_paper, None), "{list}");
        assert_eq!(listed(list, "sellerId=default").await.0, vec![json!("default"); 2], "{list}");
        assert_eq!(listed(list, "sellerId=nobody").await, (Vec::new(), None), "{list}");
        assert_eq!(listed(list, "").await.0.len(), of_paper + 2, "{list}");
        let refused = send(&env.http, get(&format!("/{list}?sellerId=Paper")), "").await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["errors"][0]["field"]),
            (422, &json!("sellerId"))
        );
    }
    for (seller, count) in [("paper", 1), ("default", 0)] {
        let query = format!("orderId={order_of_paper}&sellerId={seller}");
        assert_eq!(listed("invoices", &query).await.0.len(), count, "{seller}");
    }
}

#[tokio::test]
async fn the_database_refuses_a_number_of_another_sellers_series() {
    let env = TestEnv::new().await;
    env.set_seller("paper", "Paper Inc.").await;
    env.issued_by("default").await;
    let insert = |series: &str, number: &str, seller: &str| {
        format!(
            "INSERT INTO invoices (id, order_id, series, number, printed_number, customer_id, amount, currency, seller)
            VALUES (gen_random_uuid(), gen_random_uuid(), '{series}', 9, {number}, 'c', 1, 'EUR', {seller})"
        )
    };
    let of_paper = "(SELECT seller FROM sellers_to_keep WHERE id = 'paper')";
    let first = "(SELECT printed_number FROM invoices LIMIT 1)";
    for (sql, constraint) in [
        (insert("paper/2026", "'1'", "seller_kept()"), "invoices_series_of_seller"),
        (insert("2026", "'1'", of_paper), "invoices_series_of_seller"),
        (insert("2026", first, "seller_kept()"), "invoices_printed_number_once"),
    ] {
        let refused = env.database.rows(&sql, &[]).await.unwrap_err().to_string();
        assert!(refused.contains(constraint), "{sql}: {refused}");
    }
    env.database.rows(&insert("paper/2026", first, of_paper), &[]).await.unwrap();
}
