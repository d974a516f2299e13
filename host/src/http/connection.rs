use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::{
    io::AsyncReadExt as _,
    net::TcpStream,
    time::{Instant, timeout_at},
};

/// How long and how far a connection is still read after its last answer.
const LINGER_TIME: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1 << 20;

/// A connection that reads nothing while an answer waits to be sent.
///
/// hyper bounds the bodies that it holds for a client that does not read, but not the heads: whoever pipelines `HEAD` requests and
/// reads no answer would have it keep all of them. What was read already stays below hyper's bound on its buffer.
pub(super) struct BackPressured {
    io: TokioIo<TcpStream>,
    /// Whether the client has yet to take what was written last.
    is_unsent: bool,
    /// Who waits to read until then.
    reader: Option<Waker>,
}

impl BackPressured {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { io: TokioIo::new(stream), is_unsent: false, reader: None }
    }

    /// Reads on for a moment after the last answer where something is unread, or `is_still_sent`: a connection that is closed with
    /// unread bytes is reset, and a reset discards the answer that the client has not read yet.
    pub(super) async fn linger(self, is_still_sent: bool) {
        let mut stream = self.io.into_inner();
        let mut part = [0; 4 << 10];
        let is_unread = matches!(stream.try_read(&mut part), Ok(1..));
        if !is_unread && !is_still_sent {
            return;
        }
        let deadline = Instant::now() + LINGER_TIME;
        let mut left = LINGER_BYTES;
        while let Ok(Ok(count @ 1..)) = timeout_at(deadline, stream.read(&mut part)).await {
            left = left.saturating_sub(count);
            if left == 0 {
                return;
            }
        }
    }

    fn written<T>(&mut self, written: Poll<T>) -> Poll<T> {
        self.is_unsent = written.is_pending();
        if !self.is_unsent
            && let Some(reader) = self.reader.take()
        {
            reader.wake();
        }
        written
    }
}

impl Read for BackPressured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.is_unsent {
            self.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for BackPressured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, parts);
        self.written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
