use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// How long, and how many bytes of, a connection is still read after its last answer.
const LINGER_TIME: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1 << 20;

/// Reads on for a moment after the last answer where something is unread, or `is_still_sent`: a connection that is closed with unread
/// bytes is reset, and a reset discards the answer that the client has not read yet.
pub(super) async fn linger(stream: &mut TcpStream, is_still_sent: bool) {
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
