//! The stream between lapin and RabbitMQ, on tokio.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use async_rs::traits::Reactor;
use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use futures::{AsyncRead, AsyncWrite, Stream};
use lapin::tcp::AsyncTcpStream;
use waybill_broker_rules::FRAME_MAX;

use crate::readable::Frames;

/// How much is read at a time, in bytes.
const READ_BYTES: usize = 16 * 1024;

type Inner = AsyncTcpStream<<Tokio as Reactor>::TcpStream>;

/// tokio, with streams that lapin's parser survives.
pub(crate) type Kit = RuntimeParts<Tokio, ReadableStreams>;

/// Where the library's connections run: in the runtime of the caller.
pub(crate) fn runtime() -> Runtime<Kit> {
    Runtime::new(RuntimeParts::new(Tokio::current(), ReadableStreams(Tokio::current())))
}

/// Connects as tokio does.
#[derive(Clone, Debug)]
pub(crate) struct ReadableStreams(Tokio);

impl Reactor for ReadableStreams {
    type TcpStream = ReadableStream;
    type Sleep = <Tokio as Reactor>::Sleep;

    fn register<H: Read + Write + AsFd + AsRawFd + Send + 'static>(
        &self,
        socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        self.0.register(socket)
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.0.interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<Self::TcpStream>> + Send + 'static {
        let connecting = self.0.tcp_connect_addr(address);
        async { Ok(ReadableStream::new(AsyncTcpStream::Plain(connecting.await?), FRAME_MAX)) }
    }
}

/// A connection, plain or by TLS, of which [`Frames`] are read.
pub(crate) struct ReadableStream {
    inner: Inner,
    read: Box<[u8]>,
    frames: Frames,
}

impl ReadableStream {
    /// With frames of up to so many bytes.
    pub(crate) fn new(inner: Inner, frame_max: u32) -> Self {
        let frames = Frames::new(usize::try_from(frame_max).unwrap_or(usize::MAX));
        Self { inner, read: vec![0; READ_BYTES].into(), frames }
    }
}

impl AsyncRead for ReadableStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let Self { inner, read, frames } = self.get_mut();
        loop {
            let count = frames.take(into);
            if count > 0 || into.is_empty() {
                return Poll::Ready(Ok(count));
            }
            let count = ready!(Pin::new(&mut *inner).poll_read(context, read))?;
            if count == 0 {
                return Poll::Ready(Ok(0));
            }
            frames.push(&read[..count]);
        }
    }
}

impl AsyncWrite for ReadableStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(context, buffers)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_close(context)
    }
}
