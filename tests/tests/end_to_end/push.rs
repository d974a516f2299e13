//! `waybill push` before a receiver that does not take what it is sent.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use hyper::StatusCode;
use uuid::Uuid;
use waybill_tests::{Hooks, Peer, Process, Rabbit, WaybillConfig, eventually};

use crate::TestEnv;
use crate::rabbitmq::{LIMIT, TOKEN};

/// What a receiver says that takes no event at all: it restarts, is overloaded, or does not know the sender's token.
const PASSING: [StatusCode; 9] = [
    StatusCode::NOT_FOUND,
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::METHOD_NOT_ALLOWED,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

const MESSAGES: usize = 5;

#[tokio::test]
async fn a_push_waits_for_a_receiver_that_takes_nothing_and_counts_no_attempt() -> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let (env, receiver) = (TestEnv::local()?, Hooks::start().await?);
    let config = WaybillConfig::command(["push", "--to", &receiver.url("/events")], env.folder.path())
        .variable("BROKER_URL", &broker_url)
        .variable("WAYBILL_EVENTS_TOKEN", TOKEN);
    let peer = Peer::connect(&broker_url).await?;
    peer.declare("orders").await?;
    for status in PASSING {
        receiver.answer_next(status, None);
    }
    let push = Process::start(&config).await?;
    for _ in 0..MESSAGES {
        send(&peer).await?;
    }
    let answered = PASSING.len() + MESSAGES;
    received(&receiver, answered).await?;
    // What it says of one event is about that one only.
    receiver.answer_next(StatusCode::UNPROCESSABLE_ENTITY, None);
    send(&peer).await?;
    received(&receiver, answered + 1).await?;
    let ended = push.stop().await?;
    ended.succeeded()?;
    let posted = orders(&receiver);
    ensure!(posted == MESSAGES + 1, "{posted} orders were posted");
    left(&peer, 1).await
}

#[tokio::test]
async fn a_push_waits_for_a_receiver_that_takes_requests_and_never_answers() -> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let (env, receiver) = (TestEnv::local()?, Hooks::start().await?);
    let config = WaybillConfig::command(["push", "--to", &receiver.url("/events")], env.folder.path())
        .variable("BROKER_URL", &broker_url)
        .variable("WAYBILL_EVENTS_TOKEN", TOKEN);
    let peer = Peer::connect(&broker_url).await?;
    peer.declare("orders").await?;
    receiver.hang();
    let push = Process::start(&config.admin()).await?;
    let admin = push.address("admin")?;
    for _ in 0..MESSAGES {
        send(&peer).await?;
    }
    // It gives up on an answer, says so, and asks again.
    received(&receiver, MESSAGES + 1).await?;
    admin.is_not_ready(&["the receiver did not answer within"]).await?;
    receiver.go_on();
    admin.answers("/readyz", 200).await?;
    eventually("each event to be taken", LIMIT, async || {
        Ok((peer.depth("orders").await? == 0 && orders(&receiver) == MESSAGES).then_some(()))
    })
    .await?;
    push.stop().await?.succeeded()?;
    left(&peer, 0).await
}

/// How many orders the receiver was sent.
fn orders(receiver: &Hooks) -> usize {
    receiver.received().into_iter().map(|post| post.body).collect::<HashSet<_>>().len()
}

/// Nothing waits for another attempt, and there are so many dead letters.
async fn left(peer: &Peer, dead: u32) -> Result<()> {
    for (queue, depth) in [
        ("orders", 0),
        ("orders.retry.1s", 0),
        ("orders.retry.10s", 0),
        ("orders.retry.1m", 0),
        ("orders.retry.10m", 0),
        ("orders.dead", dead),
    ] {
        let found = peer.depth(queue).await?;
        ensure!(found == depth, "{queue} has {found} messages, not {depth}");
    }
    Ok(())
}

async fn send(peer: &Peer) -> Result<()> {
    let body =
        format!(r#"{{"orderId":"{}","amount":5000,"customer":{{"id":"1651654165"}}}}"#, Uuid::now_v7());
    peer.send_to_queue("orders", body.as_bytes()).await
}

async fn received(receiver: &Hooks, count: usize) -> Result<()> {
    eventually(&format!("{count} posts"), LIMIT, async || {
        let found = receiver.received().len();
        ensure!(found >= count, "there were {found}");
        Ok(Some(()))
    })
    .await
}
