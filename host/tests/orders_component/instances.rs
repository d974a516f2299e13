//! An instance works on one request at a time, for components of both versions of WASI.

use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use futures::poll;
use http::StatusCode;
use http_body_util::BodyExt as _;
use tokio::task::yield_now;
use waybill::runtime::{HttpError, HttpService, Limits};
use waybill::settings::ComponentName;
use waybill_telemetry::Context;

use crate::BOTH;
use crate::support::{Behaviour, Link, blueprint, database, get, http, number, post_json, send, try_send};

#[tokio::test]
async fn a_request_that_fails_ends_none_that_runs_beside_it() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    link.set(Behaviour::Hold);
    let beside = tokio::spawn({
        let orders = orders.clone();
        async move { send(&orders, post_json("/orders"), r#"{"amount":1}"#).await.status }
    });
    link.wait_until_seen(1).await;
    link.set(Behaviour::Trap);
    let failed = try_send(&orders, post_json("/orders"), r#"{"amount":2}"#).await;
    assert!(matches!(failed, Err(HttpError::Failed(_))));
    link.set(Behaviour::Pass);
    assert_eq!(beside.await.unwrap(), StatusCode::CREATED);
    assert_eq!(number(&link.database, BOTH).await, 1001);
}

/// More than hosts take out of an instance before somebody reads it.
const LARGE_BYTES: usize = 4 << 20;

/// How often a request may run that must not begin.
const TURNS: usize = 1_000;

#[tokio::test]
async fn an_instance_that_still_writes_an_answer_gets_no_other_request() {
    let link = Link::new(database(ComponentName::Orders).await);
    // Long enough on a busy machine too: this is not about time.
    let many = Limits { request_time: Duration::from_mins(2), ..Limits::default() };
    let one = Limits { instances: 1, ..many };
    let all = http("orders", many, link.clone());
    let orders = HttpService::by_wasi_http(blueprint("orders", one, link.clone())).unwrap();
    let item = format!(
        r#"{{"sku":"a","description":"{}","quantity":1,"unitPrice":1,"taxRateBasisPoints":0}}"#,
        "x".repeat(250)
    );
    let order = format!(r#"{{"lines":[{}]}}"#, vec![item; 180].join(","));
    let placed = join_all((0..90).map(|_| send(&all, post_json("/orders"), &order))).await;
    assert!(placed.iter().all(|answer| answer.status == StatusCode::CREATED), "{}", placed[0].body);
    let seen = || link.seen.lock().unwrap().len();
    let page = get("/orders?limit=100").body(Bytes::new()).unwrap();
    let unread = orders.handle(page, Context::new()).await.unwrap();
    let seen_before = seen();
    let mut next = Box::pin(send(&orders, get("/orders?limit=1"), ""));
    for _ in 0..TURNS {
        assert!(poll!(&mut next).is_pending());
        yield_now().await;
    }
    assert_eq!(seen(), seen_before, "the next request has begun");
    let read = unread.into_body().collect().await.unwrap().to_bytes();
    assert!(read.len() > LARGE_BYTES, "{}", read.len());
    assert_eq!(next.await.status, StatusCode::OK);
}
