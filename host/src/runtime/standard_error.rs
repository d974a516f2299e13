//! A component's standard error, as log events.

use std::io;
use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use waybill_telemetry::{Context, TraceContextExt as _, TraceId};

/// The longest line, in bytes; what is beyond is left out.
const LINE_BYTES: usize = 1 << 10;

/// The most lines of all instances in one interval; the number of those left out is logged after it.
const LINES: u32 = 100;
const INTERVAL: Duration = Duration::from_secs(10);

/// The standard error of an instance. Cheap to clone.
#[derive(Clone)]
pub(super) struct StandardError(Arc<Mutex<Line>>);

/// The line that is being written.
struct Line {
    component: &'static str,
    trace: TraceId,
    text: Vec<u8>,
    omitted_bytes: usize,
}

impl StandardError {
    pub(super) fn new(component: &'static str) -> Self {
        let line = Line { component, trace: TraceId::INVALID, text: Vec::new(), omitted_bytes: 0 };
        Self(Arc::new(Mutex::new(line)))
    }

    /// What is written from now on belongs to this trace.
    pub(super) fn begin_call(&self, parent: &Context) {
        let mut line = self.0.lock();
        line.end();
        line.trace = parent.span().span_context().trace_id();
    }

    /// Logs what has no line break at its end.
    pub(super) fn end_line(&self) {
        self.0.lock().end();
    }

    fn write(&self, bytes: &[u8]) {
        let mut line = self.0.lock();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = part.strip_suffix(b"\n").map_or((part, false), |text| (text, true));
            let (kept, omitted) = text.split_at(text.len().min(LINE_BYTES - line.text.len()));
            line.text.extend_from_slice(kept);
            line.omitted_bytes += omitted.len();
            if ends {
                line.end();
            }
        }
    }
}

impl Line {
    fn end(&mut self) {
        let (text, omitted_bytes) = (take(&mut self.text), take(&mut self.omitted_bytes));
        if text.is_empty() || !may_log() {
            return;
        }
        let text = String::from_utf8_lossy(&text);
        let text = text.trim_end();
        let trace_id = (self.trace != TraceId::INVALID).then(|| tracing::field::display(self.trace));
        let omitted_bytes = (omitted_bytes > 0).then_some(omitted_bytes);
        tracing::warn!(component = self.component, trace_id, omitted_bytes, "standard error: {text}");
    }
}

impl Drop for Line {
    /// An instance that trapped has often just said why.
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether another line may be logged now.
fn may_log() -> bool {
    struct Logged {
        since: Option<Instant>,
        lines: u32,
    }
    static LOGGED: Mutex<Logged> = Mutex::new(Logged { since: None, lines: 0 });
    let mut logged = LOGGED.lock();
    if logged.since.is_none_or(|since| since.elapsed() >= INTERVAL) {
        let omitted = logged.lines.saturating_sub(LINES);
        *logged = Logged { since: Some(Instant::now()), lines: 0 };
        if omitted > 0 {
            tracing::warn!("{omitted} lines of the components' standard error were left out");
        }
    }
    logged.lines = logged.lines.saturating_add(1);
    logged.lines <= LINES
}

impl IsTerminal for StandardError {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for StandardError {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for StandardError {
    async fn ready(&mut self) {}
}

impl OutputStream for StandardError {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        Self::write(self, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 << 10)
    }
}

impl AsyncWrite for StandardError {
    fn poll_write(self: Pin<&mut Self>, _: &mut TaskContext<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Self::write(&self, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tracing_subscriber::fmt::MakeWriter;
    use waybill_telemetry::{TraceContext, parent_of};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Log {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn lines_are_events_of_their_component_and_trace_and_are_bounded() {
        let log = Log::default();
        let subscriber =
            tracing_subscriber::fmt().json().flatten_event(true).with_writer(log.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let stderr = StandardError::new("orders");
            let mut stream = stderr.p2_stream();
            let mut write = |text: String| OutputStream::write(&mut *stream, text.into()).unwrap();
            let trace = TraceContext::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", None);
            stderr.begin_call(&parent_of(trace.as_ref()));
            write("first ".to_owned());
            write("line\n\nsecond".to_owned());
            stderr.end_line();
            stderr.begin_call(&Context::new());
            write(format!("{}\n", "x".repeat(60_000)));
            for number in 0..10_000 {
                write(format!("{number}\n"));
            }
        });
        let log = String::from_utf8(log.0.lock().clone()).unwrap();
        let events: Vec<serde_json::Value> =
            log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events.len(), LINES as usize);
        for (event, text) in events.iter().zip(["first line", "second"]) {
            assert_eq!(event["message"], format!("standard error: {text}"));
            assert_eq!(event["trace_id"], "0af7651916cd43dd8448eb211c80319c");
            assert!(event["level"] == "WARN" && event["component"] == "orders", "{event}");
            assert!(event["timestamp"].is_string() && event["omitted_bytes"].is_null(), "{event}");
        }
        let cut = &events[2];
        assert!(cut["trace_id"].is_null() && cut["omitted_bytes"] == 60_000 - LINE_BYTES, "{cut}");
        assert!(cut.to_string().len() < 2 * LINE_BYTES);
    }
}
