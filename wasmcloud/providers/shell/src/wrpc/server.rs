use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use anyhow::Context as _;
use async_nats::{HeaderMap, HeaderValue, Message, Subject};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use tokio::io::AsyncWrite;
use tokio::time::sleep;
use tokio_util::sync::ReusableBoxFuture;
use waybill_telemetry::TraceContext;
use wrpc_transport::{Index, Serve};

use super::exchange::{Inbox, Incoming};
use super::repeat::{Outbound, REGISTERED_AFTER, Repeater};
use super::{call_subject, frames, no_streams};
use crate::Lattice;

/// Who calls, and as part of which trace.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The component.
    pub component: String,
    /// The name of the link that it calls by.
    pub link: String,
    /// The trace.
    pub trace: Option<TraceContext>,
}

impl Call {
    fn new(headers: &HeaderMap) -> Self {
        let header = |name: &str| headers.get(name).map(HeaderValue::as_str);
        Self {
            component: header("source-id").unwrap_or_default().to_owned(),
            link: header("link-name").unwrap_or("default").to_owned(),
            trace: TraceContext::from_headers(header),
        }
    }
}

/// Answers the calls of components.
#[derive(Clone, Debug)]
pub struct Server {
    nats: Arc<async_nats::Client>,
    inbox: Arc<Inbox>,
    repeater: Repeater,
    prefix: String,
}

impl Server {
    /// A server of what this provider exports.
    pub async fn new(lattice: &Lattice) -> anyhow::Result<Self> {
        Self::at(Arc::clone(&lattice.nats), &lattice.name, &lattice.provider).await
    }

    /// A server of what a provider of a lattice exports.
    pub async fn at(nats: Arc<async_nats::Client>, lattice: &str, provider: &str) -> anyhow::Result<Self> {
        let inbox = Inbox::open(&nats).await?;
        let repeater = Repeater::start(&nats);
        Ok(Self { nats, inbox, repeater, prefix: format!("{lattice}.{provider}") })
    }

    async fn accept(self, call: Message) -> anyhow::Result<(Call, Outgoing, Incoming)> {
        let caller = call.reply.context("a call without a subject for answers")?;
        let exchange = self.inbox.exchange();
        let accepted = exchange.subject();
        let message = Outbound { to: caller.clone(), reply: Some(accepted.into()), bytes: Bytes::new() };
        self.repeater.send(&self.nats, message).await?;
        let results = Subject::from(format!("{caller}.results"));
        let outgoing = Outgoing::Unsent { server: self, results, bytes: BytesMut::new() };
        let from = call.headers.as_ref().map(Call::new).unwrap_or_default();
        Ok((from, outgoing, Incoming::new(exchange, ".params", call.payload)))
    }

    async fn send(self, to: Subject, bytes: Bytes) -> io::Result<()> {
        let limit = frames::limit_bytes(&self.nats)?;
        if bytes.len() <= limit {
            let message = Outbound { to, reply: None, bytes };
            // No empty message at the end: the caller has all of it, and would take an empty one for the answer if this is dropped.
            return self.repeater.send(&self.nats, message).await.map_err(io::Error::other);
        }
        // A part that is dropped and repeated would be out of order, so the first one waits until the host has registered.
        sleep(REGISTERED_AFTER).await;
        for bytes in frames::split(bytes, limit).chain([Bytes::new()]) {
            let message = Outbound { to: to.clone(), reply: None, bytes };
            message.send(&self.nats).await.map_err(io::Error::other)?;
        }
        Ok(())
    }
}

impl Serve for Server {
    type Context = Call;
    type Outgoing = Outgoing;
    type Incoming = Incoming;

    async fn serve(
        &self,
        instance: &str,
        function: &str,
        _paths: impl Into<Arc<[Box<[Option<usize>]>]>> + Send,
    ) -> anyhow::Result<impl Stream<Item = anyhow::Result<(Call, Outgoing, Incoming)>> + Send + 'static> {
        let subject = call_subject(&self.prefix, instance, function);
        // Of several copies of a provider one gets the call.
        let calls = self.nats.queue_subscribe(subject, self.prefix.clone()).await?;
        let server = self.clone();
        Ok(calls.then(move |call| server.clone().accept(call)))
    }
}

/// The results of one call, sent as a whole when they are complete.
pub enum Outgoing {
    /// They are being written.
    Unsent {
        /// Who sends them.
        server: Server,
        /// To where.
        results: Subject,
        /// What was written.
        bytes: BytesMut,
    },
    /// They are being sent.
    Sending(ReusableBoxFuture<'static, io::Result<()>>),
    /// They are sent.
    Sent,
}

impl AsyncWrite for Outgoing {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Unsent { bytes, .. } => {
                bytes.extend_from_slice(from);
                Poll::Ready(Ok(from.len()))
            }
            Self::Sending(_) | Self::Sent => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Self::Unsent { server, results, bytes } = &mut *self {
            let sending = server.clone().send(results.clone(), bytes.split().freeze());
            *self = Self::Sending(ReusableBoxFuture::new(sending));
        }
        if let Self::Sending(sending) = &mut *self {
            let sent = ready!(sending.poll(cx));
            *self = Self::Sent;
            sent?;
        }
        Poll::Ready(Ok(()))
    }
}

impl Index<Self> for Outgoing {
    fn index(&self, _: &[usize]) -> anyhow::Result<Self> {
        Err(no_streams())
    }
}
