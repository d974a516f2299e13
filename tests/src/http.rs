//! An HTTP client that keeps its connections, and the bare bytes where a client would be too polite.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::eventually;
use crate::validators::ensure_valid;

/// No request here may take longer than this: a test that hangs explains nothing.
const LIMIT: Duration = Duration::from_secs(30);

/// How long a status or an invoice may take to appear.
const ANSWERS_LIMIT: Duration = Duration::from_mins(1);

/// A client of one base address, such as `http://127.0.0.1:3333`.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Http {
    /// A client for `base`, without a slash at its end.
    pub fn new(base: impl Into<String>) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), base: base.into() }
    }

    /// The base address as `host:port`.
    pub fn authority(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, &[], "").await
    }

    /// Gets `path` as a media type, in a language where it is in words.
    pub async fn get_as(&self, path: &str, media_type: &str, language: &str) -> Result<Answer> {
        self.send(Method::GET, path, &[("accept", media_type), ("accept-language", language)], "").await
    }

    /// Posts a JSON text to `path`.
    pub async fn post_json(&self, path: &str, body: impl Into<Bytes>) -> Result<Answer> {
        self.send(Method::POST, path, &[("content-type", "application/json")], body).await
    }

    /// Puts a JSON text to `path`.
    pub async fn put_json(&self, path: &str, body: impl Into<Bytes>) -> Result<Answer> {
        self.send(Method::PUT, path, &[("content-type", "application/json")], body).await
    }

    /// Changes `path` by a JSON text.
    pub async fn patch_json(&self, path: &str, body: impl Into<Bytes>) -> Result<Answer> {
        self.send(Method::PATCH, path, &[("content-type", "application/json")], body).await
    }

    /// Creates something by a JSON text, and returns it.
    pub async fn create(&self, path: &str, body: impl Into<Bytes>) -> Result<Value> {
        let answer = self.post_json(path, body).await?;
        answer.expect(201)?;
        answer.json()
    }

    /// Posts an event of an order that was created, with a token and the event's identifier.
    pub async fn post_event(&self, token: &str, id: &str, body: impl Into<Bytes>) -> Result<Answer> {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("content-type", "application/json"),
            ("authorization", authorization.as_str()),
            ("ce-specversion", "1.0"),
            ("ce-type", "order.created"),
            ("ce-id", id),
            ("ce-source", "/tests"),
        ];
        self.send(Method::POST, "/events", &headers, body).await
    }

    /// Waits until `/readyz` answers 503 with a line that has these words.
    pub async fn is_not_ready(&self, words: &[&str]) -> Result<()> {
        eventually(&format!("/readyz names {words:?}"), ANSWERS_LIMIT, async || {
            let answer = self.get("/readyz").await?;
            let text = answer.text();
            let is_named = text.lines().any(|line| words.iter().all(|word| line.contains(word)));
            ensure!(answer.status == 503 && is_named, "{} {text}", answer.status);
            Ok(Some(()))
        })
        .await
    }

    /// Waits until `GET path` answers with a status, such as 200 of `/health` when all links are up.
    pub async fn answers(&self, path: &str, status: u16) -> Result<()> {
        eventually(&format!("{status} from {}{path}", self.base), ANSWERS_LIMIT, async || {
            self.get(path).await?.expect(status)?;
            Ok(Some(()))
        })
        .await
    }

    /// Waits for the invoice of an order; the base address is that of the invoices service.
    pub async fn invoice_of(&self, order: &str) -> Result<Value> {
        eventually("the order's invoice", ANSWERS_LIMIT, async || {
            let answer = self.get(&format!("/invoices?orderId={order}")).await?;
            answer.expect(200)?;
            let list = answer.json()?["invoices"].take();
            ensure!(list.as_array().is_some_and(|list| list.len() <= 1), "one invoice at most: {list}");
            Ok(list.get(0).cloned())
        })
        .await
    }

    /// Sends any request. An electronic invoice that comes back is checked by the official rules, whichever test asked for it.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer> {
        let what = format!("{method} {}{path}", self.base);
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
        }
        let request = request.body(Full::new(body.into()))?;
        let exchange = async {
            let response = self.client.request(request).await?;
            let (head, body) = response.into_parts();
            let body = body.collect().await?.to_bytes();
            anyhow::Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
        };
        let Ok(answer) = timeout(LIMIT, exchange).await else {
            bail!("{what} gave no answer within {LIMIT:?}");
        };
        let answer = answer.with_context(|| what.clone())?;
        if answer.status == 200 && answer.header("content-type") == Some("application/xml") {
            ensure_valid(&answer.text()).context(what)?;
        }
        Ok(answer)
    }
}

impl Answer {
    /// Fails, with the body, unless the status is this one.
    pub fn expect(&self, status: u16) -> Result<()> {
        ensure!(self.status == status, "{} in place of {status}: {}", self.status, self.text());
        Ok(())
    }

    /// Fails unless it is a problem document (RFC 9457) of this status.
    pub fn expect_problem(&self, status: u16) -> Result<()> {
        self.expect(status)?;
        ensure!(self.header("content-type") == Some("application/problem+json"), "{:?}", self.headers);
        Ok(())
    }

    /// A header as text; `None` if it is missing.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("status {} with a body that is not JSON: {}", self.status, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Fails unless a text has all of these parts.
pub fn ensure_contains<T: AsRef<str>>(text: &str, parts: impl IntoIterator<Item = T>) -> Result<()> {
    for part in parts {
        ensure!(text.contains(part.as_ref()), "{} is not in {text}", part.as_ref());
    }
    Ok(())
}

/// Requests written byte for byte.
pub mod raw {
    use super::{
        Answer, AsyncReadExt, AsyncWriteExt, Bytes, Context, HeaderMap, HeaderName, HeaderValue, LIMIT,
        Result, TcpStream, bail, timeout,
    };

    /// Opens a connection to `authority`, such as `127.0.0.1:3333`.
    pub async fn connect(authority: &str) -> Result<TcpStream> {
        TcpStream::connect(authority).await.with_context(|| format!("no connection to {authority}"))
    }

    /// Opens a connection, sends `request` and reads the answer.
    pub async fn exchange(authority: &str, request: &[u8]) -> Result<Answer> {
        let mut stream = connect(authority).await?;
        // A server that refuses a body early may close before all of it is sent; its answer is still there to be read.
        let _ = stream.write_all(request).await;
        read_answer(&mut stream).await
    }

    /// Reads one answer with a `content-length` from a connection.
    pub async fn read_answer(stream: &mut TcpStream) -> Result<Answer> {
        let mut received = Vec::new();
        let read = async {
            loop {
                if let Some(answer) = parse(&received)? {
                    return Ok(answer);
                }
                let mut part = [0_u8; 4096];
                let count = stream.read(&mut part).await.context("the connection broke before an answer")?;
                if count == 0 {
                    bail!(
                        "the connection was closed before an answer was complete; {} bytes came",
                        received.len()
                    );
                }
                received.extend_from_slice(&part[..count]);
            }
        };
        timeout(LIMIT, read).await.context("no answer in time")?
    }

    fn parse(received: &[u8]) -> Result<Option<Answer>> {
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&received[..end]).context("the head is not text")?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?.parse()?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').context("a header without a colon")?;
            headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value.trim())?);
        }
        let body = &received[end + 4..];
        let length =
            headers.get("content-length").and_then(|value| value.to_str().ok()).map(str::parse::<usize>);
        match length.transpose()? {
            Some(length) if body.len() < length => Ok(None),
            Some(length) => {
                Ok(Some(Answer { status, headers, body: Bytes::copy_from_slice(&body[..length]) }))
            }
            None if headers.contains_key("transfer-encoding") => {
                Ok(body.ends_with(b"0\r\n\r\n").then(|| Answer { status, headers, body: unchunk(body) }))
            }
            None => Ok(Some(Answer { status, headers, body: Bytes::new() })),
        }
    }

    /// Joins the chunks of a complete body; what is malformed ends it.
    fn unchunk(mut body: &[u8]) -> Bytes {
        let mut joined = Vec::new();
        while let Some(end) = body.windows(2).position(|window| window == b"\r\n") {
            let size =
                std::str::from_utf8(&body[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
            let Some(size) = size.filter(|size| *size > 0) else { break };
            let Some(chunk) = body.get(end + 2..end + 2 + size) else { break };
            joined.extend_from_slice(chunk);
            body = body.get(end + 2 + size + 2..).unwrap_or_default();
        }
        Bytes::from(joined)
    }
}
