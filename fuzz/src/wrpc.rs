//! The messages of a wRPC call: split for NATS, and read as one stream of bytes.
//!
//! The first byte is the most that a message may have, the second the bytes that come with the call; then messages follow, each with
//! its kind, its length, and so many bytes.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use async_nats::{Message, StatusCode};
use bytes::Bytes;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::runtime::{Builder, Runtime};
use waybill_provider::wrpc::fuzzing::{Fed, incoming, split};

const SUBJECT: &str = "_INBOX.waybill";

/// Messages that may wait (`WAITING_LIMIT` in `wasmcloud/providers/shell/src/wrpc/exchange.rs`).
const WAITING_LIMIT: usize = 64;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().build().unwrap();
    static FED: Fed = RUNTIME.with(|runtime| {
        let _entered = runtime.enter();
        Fed::new(SUBJECT)
    });
}

pub fn check(data: &[u8]) {
    let [limit, first, rest @ ..] = data else { return };
    splits(rest, usize::from(*limit).max(1));
    let first = usize::from(*first).min(rest.len());
    let (first, rest) = rest.split_at(first);
    FED.with(|fed| reads(fed, first, rest));
}

fn splits(sent: &[u8], limit: usize) {
    let messages = split(Bytes::copy_from_slice(sent), limit);
    assert!(messages.iter().all(|message| (1..=limit).contains(&message.len())));
    assert_eq!(messages.concat(), sent);
}

/// What the reader should make of the messages.
#[derive(Debug, PartialEq)]
enum End {
    Ended,
    Failed,
    Waiting,
}

fn reads(fed: &Fed, first: &[u8], mut rest: &[u8]) {
    let exchange = fed.exchange();
    let subject = exchange.subject();
    let mut expected = first.to_vec();
    let mut end = End::Waiting;
    let mut waiting = 0;
    while let [kind, length, after @ ..] = rest {
        let (payload, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        let mut message = message(&format!("{subject}.params"), payload);
        match kind % 8 {
            // The end of another part, or of another exchange; or one that anybody may send to the inbox.
            0 => message.subject = format!("{subject}.results").into(),
            1 => message.subject = format!("{SUBJECT}.18446744073709551615.params").into(),
            2 => message.subject = format!("{SUBJECT}.{}", String::from_utf8_lossy(payload)).into(),
            3 => message.subject = String::from_utf8_lossy(payload).into_owned().into(),
            4 => message.status = Some(StatusCode::NO_RESPONDERS),
            _ => {}
        }
        let is_ours = matches!(kind % 8, 0 | 4..);
        // The text of a subject may happen to be ours; then the model would have to parse it as well.
        if matches!(kind % 8, 2 | 3) && message.subject.starts_with(&subject) {
            continue;
        }
        fed.take(message);
        if !is_ours || waiting > WAITING_LIMIT {
            continue;
        }
        waiting += 1;
        if waiting > WAITING_LIMIT {
            if end == End::Waiting {
                end = End::Failed;
            }
            continue;
        }
        match (kind % 8, &end) {
            (0, _) | (_, End::Ended | End::Failed) => {}
            (4, _) => end = End::Failed,
            _ if payload.is_empty() => end = End::Ended,
            _ => expected.extend_from_slice(payload),
        }
    }
    let mut reader = incoming(exchange, ".params", Bytes::copy_from_slice(first));
    let mut read = Vec::new();
    let mut cx = Context::from_waker(Waker::noop());
    let found = loop {
        let mut space = [0; 7];
        let mut into = ReadBuf::new(&mut space);
        match Pin::new(&mut reader).poll_read(&mut cx, &mut into) {
            Poll::Pending => break End::Waiting,
            Poll::Ready(Err(_)) => break End::Failed,
            Poll::Ready(Ok(())) if into.filled().is_empty() => break End::Ended,
            Poll::Ready(Ok(())) => read.extend_from_slice(into.filled()),
        }
    };
    assert_eq!(read, expected);
    assert_eq!(found, end);
}

fn message(subject: &str, payload: &[u8]) -> Message {
    Message {
        subject: subject.into(),
        reply: None,
        payload: Bytes::copy_from_slice(payload),
        headers: None,
        status: None,
        description: None,
        length: payload.len(),
    }
}
