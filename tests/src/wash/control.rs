//! A client of NATS that speaks to hosts of wasmCloud 2 as their operator does: JSON of `wasmcloud.runtime.v2`, whose `.proto` files
//! are in wasmCloud's repository.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;

/// Where hosts say that they are there; their identifier is the last word.
const HEARTBEATS: &str = "runtime.operator.heartbeat.*";

/// Where answers come.
const ANSWERS: &str = "waybill.answers";

/// The most that a message has; a heartbeat lists what the host has, some kilobytes.
const MESSAGE_LIMIT: usize = 1 << 20;

/// A connection that has subscribed to heartbeats and answers.
#[derive(Debug)]
pub struct Control(BufStream<TcpStream>);

impl Control {
    pub async fn connect(port: u16) -> Result<Self> {
        let mut control = Self(BufStream::new(TcpStream::connect(("127.0.0.1", port)).await?));
        let subscribe = format!(
            "CONNECT {{\"verbose\":false}}\r\nSUB {HEARTBEATS} heartbeats\r\nSUB {ANSWERS} answers\r\nPING\r\n"
        );
        control.send(subscribe.as_bytes()).await?;
        // Its answer to a ping follows the subscriptions.
        while control.line().await? != "PONG" {}
        Ok(control)
    }

    /// The host that says next that it is there.
    pub async fn next_host(&mut self) -> Result<String> {
        let heartbeat = self.receive("heartbeats").await?;
        Ok(heartbeat["id"].as_str().context("a heartbeat without the host's id")?.to_owned())
    }

    /// Has a host run a workload, which it compiles before it answers.
    pub async fn start_workload(&mut self, host: &str, request: &Value) -> Result<()> {
        let body = request.to_string();
        let subject = format!("runtime.host.{host}.workload.start");
        let publish = format!("PUB {subject} {ANSWERS} {}\r\n{body}\r\n", body.len());
        self.send(publish.as_bytes()).await?;
        let answer = self.receive("answers").await?;
        let state = &answer["workloadStatus"]["workloadState"];
        ensure!(state == "WORKLOAD_STATE_RUNNING", "a workload was not started: {answer}");
        Ok(())
    }

    /// The next message of a subscription.
    async fn receive(&mut self, subscription: &str) -> Result<Value> {
        loop {
            let line = self.line().await?;
            // MSG subject subscription [answer] length
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            match words[..] {
                ["PING"] => self.send(b"PONG\r\n").await?,
                ["MSG", _, of, .., length] => {
                    let length: usize = length.parse()?;
                    ensure!(length <= MESSAGE_LIMIT, "a message of {length} bytes");
                    let mut body = vec![0; length + 2];
                    self.0.read_exact(&mut body).await?;
                    if of == subscription {
                        return Ok(serde_json::from_slice(&body)?);
                    }
                }
                ["-ERR", ..] => bail!("NATS refused what was sent: {line}"),
                _ => {}
            }
        }
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).await?;
        ensure!(read > 0, "NATS closed the connection");
        Ok(line.trim_end().to_owned())
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).await?;
        Ok(self.0.flush().await?)
    }
}
