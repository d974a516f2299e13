//! A newer build of the component takes the place of the one that serves.

use futures::poll;
use http::StatusCode;
use waybill::runtime::{Engine, HttpService, Limits};
use waybill::settings::ComponentName;
use waybill_tests::component_bytes;

use crate::BOTH;
use crate::support::{Behaviour, Link, database, get, http_on, number, post_json, retitled_orders, send};

async fn title(orders: &HttpService) -> String {
    let document = send(orders, get("/openapi.json"), "").await.json();
    document["info"]["title"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_in_flight_ends_in_the_component_from_before_and_the_next_ones_get_the_newer() {
    let link = Link::new(database(ComponentName::Orders).await);
    let engine = Engine::new(Limits::default());
    let (orders, newer) = (http_on(&engine, "orders", link.clone()), retitled_orders(&engine));
    assert_eq!(title(&orders).await, "Waybill: orders");
    link.set(Behaviour::Hold);
    let before = tokio::spawn({
        let orders = orders.clone();
        async move { send(&orders, post_json("/orders"), r#"{"amount":1}"#).await.status }
    });
    link.wait_until_seen(1).await;
    orders.prepare(&newer).await.unwrap().commit();
    assert_eq!(title(&orders).await, "Another: orders");
    link.set(Behaviour::Pass);
    assert_eq!(before.await.unwrap(), StatusCode::CREATED);
    // The instance that is idle since then is not used again.
    assert_eq!(title(&orders).await, "Another: orders");
    assert_eq!(send(&orders, post_json("/orders"), r#"{"amount":2}"#).await.status, StatusCode::CREATED);
    assert_eq!(number(&link.database, BOTH).await, 2002);
}

#[tokio::test]
async fn both_components_together_have_no_more_instances_than_one() {
    let link = Link::new(database(ComponentName::Orders).await);
    let engine = Engine::new(Limits { instances: 1, ..Limits::default() });
    let (orders, newer) = (http_on(&engine, "orders", link.clone()), retitled_orders(&engine));
    link.set(Behaviour::Hold);
    let mut before = Box::pin(send(&orders, post_json("/orders"), r#"{"amount":1}"#));
    let begun = async {
        tokio::select! {
            _ = &mut before => panic!("the statement is held"),
            () = link.wait_until_seen(1) => {}
        }
    };
    begun.await;
    orders.prepare(&newer).await.unwrap().commit();
    let mut next = Box::pin(title(&orders));
    for _ in 0..100 {
        assert!(poll!(&mut next).is_pending());
        tokio::task::yield_now().await;
    }
    link.set(Behaviour::Pass);
    assert_eq!(before.await.status, StatusCode::CREATED);
    assert_eq!(next.await, "Another: orders");
}

#[tokio::test]
async fn what_cannot_be_linked_never_serves() {
    let link = Link::new(database(ComponentName::Orders).await);
    let engine = Engine::new(Limits::default());
    let orders = http_on(&engine, "orders", link);
    let other = engine.compile(&component_bytes("postgres-on-spin")).unwrap();
    assert!(orders.prepare(&other).await.is_err());
    assert_eq!(title(&orders).await, "Waybill: orders");
}
