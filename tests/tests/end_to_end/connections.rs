//! What a connection is owed: an answer to every request whose bytes have arrived, and no more memory than it needs.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use waybill_tests::{Http, Waybill, raw};

use crate::TestEnv;

/// An answer that is late, but still well before the 30 s after which an idle connection is closed.
const AT_ONCE: Duration = Duration::from_secs(10);

const ORDER: &str = r#"{"amount":5000}"#;

/// How long a gateway keeps an idle connection (`gateway/kong.env`), with a margin: a request may come as late as that.
const KEPT_IDLE: Duration = Duration::from_secs(21);

/// Connections of that gateway.
const GATEWAY_CONNECTIONS: usize = 400;

/// Connections that pipeline requests and read no answer.
const PIPELINES: u64 = 4;

/// The most memory that each of them may cost, in KiB.
const PIPELINE_KIB: u64 = 2 << 10;

/// How long a server may take nothing more from a connection until it counts as held back.
const STALL: Duration = Duration::from_secs(2);

#[tokio::test]
async fn an_order_is_answered_at_once_whatever_follows_its_body() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let order = order();
    for entry in [&waybill.orders, &waybill.gateway] {
        for rest in ["\r\n", "\r", "x", "GET /orders HTTP/1.1\r\nHost: loc", "\0"] {
            let mut stream = raw::connect(entry.authority()).await?;
            stream.write_all(format!("{order}{rest}").as_bytes()).await?;
            is(&mut stream, 201).await.with_context(|| format!("followed by {rest:?}"))?;
        }
        // Two that came together are answered one after the other.
        let mut stream = raw::connect(entry.authority()).await?;
        stream
            .write_all(
                format!("{order}\r\nGET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .as_bytes(),
            )
            .await?;
        let both = read_all(&mut stream).await?;
        let statuses: Vec<_> = both.matches("HTTP/1.1 ").collect();
        ensure!(
            both.starts_with("HTTP/1.1 201") && both.contains("HTTP/1.1 404") && statuses.len() == 2,
            "{both}"
        );
        // A client that has said that it sends no more still waits for its answer.
        let mut stream = raw::connect(entry.authority()).await?;
        stream.write_all(order.as_bytes()).await?;
        stream.shutdown().await?;
        is(&mut stream, 201).await.context("half-closed")?;
    }
    Ok(())
}

/// Each order on a connection that is closed just then would be a 502 of the gateway.
#[tokio::test]
async fn a_connection_that_a_gateway_has_kept_idle_takes_an_order() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let order = order();
    let mut kept = Vec::new();
    for _ in 0..GATEWAY_CONNECTIONS {
        let mut stream = raw::connect(waybill.orders.authority()).await?;
        stream.write_all(order.as_bytes()).await?;
        is(&mut stream, 201).await?;
        kept.push(stream);
    }
    // The time itself is what is tested.
    tokio::time::sleep(KEPT_IDLE).await;
    for (number, mut stream) in kept.into_iter().enumerate() {
        stream.write_all(order.as_bytes()).await.with_context(|| format!("connection {number}"))?;
        is(&mut stream, 201).await.with_context(|| format!("connection {number}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_malformed_head_is_answered_by_what_is_wrong_with_it() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().admin()).await?;
    let head =
        |first: &str, rest: &str| format!("{first} HTTP/1.1\r\nHost: localhost\r\n{rest}\r\n").into_bytes();
    let many = |count: usize| (0..count).map(|_| "X-A: 1\r\n").collect::<String>();
    let mut raw_byte = head("GET /orders?x=", "");
    raw_byte.insert(14, 0x80);
    for (what, bytes, statuses) in [
        ("two lengths", head("POST /orders", "Content-Length: 1\r\nContent-Length: 2\r\n"), &[400][..]),
        ("a length that is not a number", head("POST /orders", "Content-Length: minus one\r\n"), &[400]),
        ("many headers", head("GET /orders", &many(200)), &[431]),
        ("a control byte", head("GET /orders", "X-A: b\x01c\r\n"), &[400]),
        ("a header without a name", head("GET /orders", ": c\r\n"), &[400]),
        ("a raw byte in the path", raw_byte, &[400]),
        ("no version", b"GET /orders\r\n\r\n".to_vec(), &[400]),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(), &[400]),
        ("no slash", head("GET orders", ""), &[400]),
        (
            "a port that there cannot be",
            b"GET /orders HTTP/1.1\r\nHost: localhost:99999\r\n\r\n".to_vec(),
            &[400],
        ),
        ("a long header", head("GET /orders", &format!("X-A: {}\r\n", "a".repeat(500_000))), &[431]),
        ("a long path", head(&format!("GET /{}", "a".repeat(500_000)), ""), &[414, 431]),
        (
            "a body after it",
            [head("POST /orders", "X-A: b\x01c\r\nContent-Length: 500000\r\n"), vec![b' '; 500_000]].concat(),
            &[400],
        ),
        ("two hosts", head("GET /orders", "Host: localhost\r\n"), &[400]),
        ("no host", b"GET /orders HTTP/1.1\r\n\r\n".to_vec(), &[400]),
    ] {
        for listener in ["orders", "invoices", "gateway", "traces", "admin"] {
            let mut stream = raw::connect(waybill.address(listener)?.authority()).await?;
            // A server that refuses a head may close before all of it is sent; its answer is still there to be read.
            let _ = stream.write_all(&bytes).await;
            let answer = answer(&mut stream).await.with_context(|| format!("{what}, {listener}"))?;
            ensure!(
                statuses.contains(&answer.status),
                "{what}, {listener}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    Ok(())
}

/// A request on a connection that closes unannounced is lost (RFC 9112, 9.6).
#[tokio::test]
async fn a_connection_takes_the_next_request_or_its_answer_says_that_it_closes() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().admin()).await?;
    let mut cases = vec![
        ("gateway", "POST /nothing", "", 404),
        ("gateway", "GET /", "", 200),
        ("gateway", "PUT /console/orders", "", 405),
        ("gateway", "GET /console", "", 200),
        ("traces", "POST /", "", 405),
        ("admin", "POST /metrics", "", 405),
        ("admin", "GET /metrics", "", 200),
    ];
    for listener in ["orders", "invoices", "gateway", "traces", "admin"] {
        cases.push((listener, "POST /", "Origin: https://evil.example\r\n", 403));
        cases.push((listener, "POST /", "X-Forwarded-For: 203.0.113.7\r\n", 403));
    }
    for (listener, line, header, status) in cases {
        let authority = waybill.address(listener)?;
        takes_the_next_or_closes(authority.authority(), line, header, status)
            .await
            .with_context(|| format!("{listener}, {line}, {header}"))?;
    }
    waybill.stop().await?;
    let waybill = Waybill::start(&env.config().argument("--key-check").argument("required")).await?;
    let orders = waybill.orders.authority();
    takes_the_next_or_closes(orders, "POST /orders", "", 401).await?;
    takes_the_next_or_closes(orders, "POST /orders", "Expect: 100-continue\r\n", 401).await
}

async fn takes_the_next_or_closes(authority: &str, line: &str, header: &str, status: u16) -> Result<()> {
    let length = ORDER.len();
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{header}Content-Length: {length}\r\n\r\n");
    let closes = |answer: &waybill_tests::Answer| answer.header("connection") == Some("close");
    // The body does not come.
    let mut stream = raw::connect(authority).await?;
    stream.write_all(head.as_bytes()).await?;
    let refusal = answer(&mut stream).await?;
    refusal.expect(status)?;
    ensure!(closes(&refusal), "without its body: {:?}", refusal.headers);
    stream.write_all(ORDER.as_bytes()).await.context("the body after the answer")?;
    ensure!(read_all(&mut stream).await?.is_empty(), "something follows the last answer");
    // It comes in parts, and the next request behind it.
    let mut stream = raw::connect(authority).await?;
    stream.write_all(head.as_bytes()).await?;
    for part in ORDER.as_bytes().chunks(8) {
        stream.write_all(part).await?;
    }
    let refusal = answer(&mut stream).await?;
    refusal.expect(status)?;
    if !closes(&refusal) {
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(ORDER.as_bytes()).await?;
        is(&mut stream, status).await.context("the next request")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_reads_no_answers_costs_little_memory() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill =
        Waybill::start(&env.config().argument("--cors-origins").argument("http://a.example")).await?;
    let preflight = "OPTIONS /orders HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a.example\r\nAccess-Control-Request-Method: GET\r\n\r\n";
    // An answer without a body is small: the kernel's own buffers hold tens of thousands of them.
    for (request, count) in
        [("GET /docs/orders HTTP/1.1\r\nHost: localhost\r\n\r\n", 20_000), (preflight, 100_000)]
    {
        // The first requests allocate memory that stays allocated.
        for _ in 0..200 {
            waybill.gateway.get("/docs/orders").await?.expect(200)?;
        }
        let before = waybill.own_memory_kib()?;
        let requests = request.repeat(count);
        let mut held = Vec::new();
        for _ in 0..PIPELINES {
            held.push(tokio::spawn(pipeline(waybill.gateway.clone(), requests.clone())));
        }
        let held: Vec<TcpStream> =
            futures::future::try_join_all(held).await?.into_iter().collect::<Result<_>>()?;
        waybill.idle().await?;
        let grown = waybill.own_memory_kib()?.saturating_sub(before);
        println!("{PIPELINES} connections took {grown} KiB");
        ensure!(
            grown < PIPELINES * PIPELINE_KIB,
            "{PIPELINES} connections took {grown} KiB with {count} times {request}"
        );
        drop(held);
        ensure!(waybill.gateway.post_json("/orders", ORDER).await?.status == 201, "others are served");
    }
    Ok(())
}

/// Sends requests until the server takes no more of them, or all, and reads nothing.
async fn pipeline(entry: Http, requests: String) -> Result<TcpStream> {
    let mut stream = raw::connect(entry.authority()).await?;
    for part in requests.as_bytes().chunks(16 << 10) {
        match timeout(STALL, stream.write_all(part)).await {
            Ok(written) => written?,
            Err(_) => break,
        }
    }
    Ok(stream)
}

/// A request that places an order.
fn order() -> String {
    format!(
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{ORDER}",
        ORDER.len()
    )
}

async fn is(stream: &mut TcpStream, status: u16) -> Result<()> {
    answer(stream).await?.expect(status)
}

async fn answer(stream: &mut TcpStream) -> Result<waybill_tests::Answer> {
    timeout(AT_ONCE, raw::read_answer(stream)).await.context("no answer at once")?
}

/// All that comes until the server closes the connection.
async fn read_all(stream: &mut TcpStream) -> Result<String> {
    let mut text = String::new();
    timeout(AT_ONCE, tokio::io::AsyncReadExt::read_to_string(stream, &mut text))
        .await
        .context("it stays open")??;
    Ok(text)
}
