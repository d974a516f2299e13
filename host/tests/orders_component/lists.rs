//! Lists of orders.

use http::StatusCode;

use crate::support::{get, orders, post_json, send};

#[tokio::test]
async fn pages_list_every_order_once_and_newest_first() {
    let (_, orders) = orders().await;
    let mut ids = Vec::new();
    for amount in 1..=7 {
        let created = send(&orders, post_json("/orders"), &format!(r#"{{"amount":{amount}}}"#)).await;
        ids.insert(0, created.json()["id"].clone());
    }
    let (mut listed, mut path) = (Vec::new(), "/orders?limit=3".to_owned());
    loop {
        let page = send(&orders, get(&path), "").await.json();
        listed.extend(page["orders"].as_array().unwrap().iter().map(|order| order["id"].clone()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/orders?limit=3&cursor={cursor}");
    }
    assert_eq!(listed, ids);
}

#[tokio::test]
async fn lists_are_narrowed_by_customer_state_and_time() {
    let (_, orders) = orders().await;
    let customer = r#"{"name":"Jo","email":"jo@example.com","address":"1 Street","state":"Berlin","zipCode":"10115","country":"DE"}"#;
    let customer = send(&orders, post_json("/customers"), customer).await.json()["id"].take();
    let customer = customer.as_str().unwrap();
    let mut placed = Vec::new();
    for (amount, of) in [(1, "1651654165"), (2, customer), (3, customer)] {
        let body = format!(r#"{{"amount":{amount},"customerId":"{of}"}}"#);
        placed.push(send(&orders, post_json("/orders"), &body).await.json());
    }
    let path = format!("/orders/{}/pay", placed[2]["id"].as_str().unwrap());
    send(&orders, post_json(&path), "").await;
    let amounts = async |query: &str| {
        let page = send(&orders, get(&format!("/orders?{query}")), "").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let orders = page.json()["orders"].take();
        orders.as_array().unwrap().iter().map(|order| order["amount"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(amounts(&format!("customerId={customer}")).await, [3, 2]);
    assert_eq!(amounts("status=pending").await, [2, 1]);
    assert_eq!(amounts(&format!("customerId={customer}&status=paid")).await, [3]);
    assert_eq!(amounts("createdFrom=2000-01-01T00:00:00Z&createdTo=2001-01-01T00:00:00Z").await, [0_i64; 0]);
    let from = placed[0]["createdAt"].as_str().unwrap();
    assert_eq!(amounts(&format!("createdFrom={from}")).await, [3, 2, 1]);
    assert_eq!(amounts(&format!("createdTo={from}")).await, [0_i64; 0]);
    let bad = send(&orders, get("/orders?status=open&createdFrom=now"), "").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}
