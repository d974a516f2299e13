use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::connection::State;
use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio::time::sleep;
use wrpc_transport::{Index, Invoke};

use super::exchange::{Inbox, Incoming};
use super::{call_subject, frames, no_streams};
use crate::Lattice;

/// How long the loss of the connection may stay unnoticed: much shorter than a call may take.
const WATCH_PAUSE: Duration = Duration::from_millis(200);

/// Calls the functions of one component.
///
/// A call has no time limit: the caller sets one.
#[derive(Clone, Debug)]
pub struct Client {
    nats: Arc<async_nats::Client>,
    inbox: Arc<Inbox>,
    prefix: String,
    caller: Arc<str>,
    callee: Arc<str>,
}

impl Client {
    /// A client of the component with this identifier.
    pub async fn new(lattice: &Lattice, component: &str) -> anyhow::Result<Self> {
        Self::at(Arc::clone(&lattice.nats), &lattice.name, &lattice.provider, component).await
    }

    /// A client of a component of a lattice, for the provider that calls it.
    pub async fn at(
        nats: Arc<async_nats::Client>,
        lattice: &str,
        provider: &str,
        component: &str,
    ) -> anyhow::Result<Self> {
        let inbox = Inbox::open(&nats).await?;
        let prefix = format!("{lattice}.{component}");
        Ok(Self { nats, inbox, prefix, caller: provider.into(), callee: component.into() })
    }

    /// Waits for a call as long as the connection to NATS lasts. NATS keeps no answers, so a call over a connection that was lost
    /// would wait for nothing: it fails with [`io::ErrorKind::NotConnected`], though it may have taken effect.
    pub async fn while_connected<T>(
        &self,
        call: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let lost = || io::Error::new(io::ErrorKind::NotConnected, "the connection to NATS was lost");
        let connects = || self.nats.statistics().connects.load(Ordering::Relaxed);
        let at_first = connects();
        let is_lost = || self.nats.connection_state() != State::Connected || connects() != at_first;
        if is_lost() {
            return Err(lost().into());
        }
        let watch = async {
            while !is_lost() {
                sleep(WATCH_PAUSE).await;
            }
        };
        tokio::select! {
            biased;
            ended = call => ended,
            () = watch => Err(lost().into()),
        }
    }
}

impl Invoke for Client {
    type Context = Option<HeaderMap>;
    type Outgoing = NothingMore;
    type Incoming = Incoming;

    async fn invoke<P>(
        &self,
        headers: Option<HeaderMap>,
        instance: &str,
        function: &str,
        mut params: Bytes,
        _paths: impl AsRef<[P]> + Send,
    ) -> anyhow::Result<(NothingMore, Incoming)>
    where
        P: AsRef<[Option<usize>]> + Send + Sync,
    {
        let mut headers = headers.unwrap_or_default();
        headers.insert("source-id", &*self.caller);
        headers.insert("target-id", &*self.callee);
        let limit = frames::limit_bytes(&self.nats)?;
        let first = params.split_to(params.len().min(limit));
        let mut exchange = self.inbox.exchange();
        let to = call_subject(&self.prefix, instance, function);
        self.nats.publish_with_reply_and_headers(to, exchange.subject(), headers, first).await?;
        if !params.is_empty() {
            let to = format!("{}.params", exchange.accepted().await?);
            for part in frames::split(params, limit).chain([Bytes::new()]) {
                self.nats.publish(to.clone(), part).await?;
            }
        }
        Ok((NothingMore, Incoming::new(exchange, ".results", Bytes::new())))
    }
}

/// The writer after the parameters, which takes nothing.
#[derive(Clone, Copy, Debug)]
pub struct NothingMore;

impl AsyncWrite for NothingMore {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::Unsupported.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Index<Self> for NothingMore {
    fn index(&self, _: &[usize]) -> anyhow::Result<Self> {
        Err(no_streams())
    }
}
