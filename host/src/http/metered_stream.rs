use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::{Buffer, Connection};
use super::connections::Connections;

/// A connection's stream, which notes when it waits for the client and what has arrived.
pub(super) struct MeteredStream {
    stream: TcpStream,
    connections: Connections,
    connection: Arc<Connection>,
}

impl MeteredStream {
    pub(super) fn new(stream: TcpStream, connections: Connections, connection: Arc<Connection>) -> Self {
        Self { stream, connections, connection }
    }

    pub(super) fn into_inner(self) -> TcpStream {
        self.stream
    }

    fn record_write(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(count)) => self.connection.bytes_written(*count),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.connection.write_pending(),
        }
        written
    }
}

impl AsyncRead for MeteredStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // What is in its buffers is counted no more.
        if self.connection.is_closing() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        // hyper reads no request before the answer to the one before is written.
        if self.connection.before_read() {
            self.connections.end_exchange(&self.connection);
        }
        let before = buffer.filled().len();
        let Poll::Ready(result) = Pin::new(&mut self.stream).poll_read(context, buffer) else {
            self.connection.read_pending();
            // Now it is one that can be closed.
            self.connections.is_overloaded(Buffer::Request);
            return Poll::Pending;
        };
        let count = buffer.filled().len() - before;
        if count > 0 {
            let held = self.connection.bytes_read(count);
            self.connections.hold(&self.connection, Buffer::Request, held);
        }
        Poll::Ready(result)
    }
}

impl AsyncWrite for MeteredStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.record_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.record_write(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.connection.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
