//! One connection to RabbitMQ, watched until it is lost.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use lapin::{Channel, Connection, Event};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::connect::Cutter;
use crate::error::{BrokerError, words};

/// One connection, from its opening to its loss. The next connection is another link.
pub(crate) struct Link {
    connection: Connection,
    cutter: Cutter,
    request_timeout: Duration,
    blocked: Mutex<Option<(Instant, String)>>,
    /// Set when something is stuck in this connection, so that it has to go as soon as that is possible.
    retired: AtomicBool,
    retire: CancellationToken,
    lost: CancellationToken,
}

impl Link {
    pub(crate) fn new(connection: Connection, cutter: Cutter, request_timeout: Duration) -> Self {
        Self {
            connection,
            cutter,
            request_timeout,
            blocked: Mutex::default(),
            retired: AtomicBool::new(false),
            retire: CancellationToken::new(),
            lost: CancellationToken::new(),
        }
    }

    /// A new channel on this connection.
    pub(crate) async fn channel(&self) -> Result<Channel, BrokerError> {
        self.ask("open a channel", self.connection.create_channel()).await
    }

    /// Waits for one request, up to the time limit or the loss of the connection.
    ///
    /// The library does not always report a loss: a frame that it accepts while its connection ends is never written, and the
    /// call that waits for it never returns.
    pub(crate) async fn ask<T>(
        &self,
        action: &str,
        request: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, BrokerError> {
        let limit = self.request_timeout;
        let answer = tokio::select! {
            answer = tokio::time::timeout(limit, request) => answer,
            () = self.lost.cancelled() => {
                let reason = format!("the connection was lost during the request to {action}");
                return Err(BrokerError::Unavailable(reason));
            }
        };
        if let Ok(answer) = answer {
            return answer.map_err(|source| BrokerError::Refused { action: action.to_owned(), source });
        }
        self.retire();
        Err(BrokerError::Unavailable(format!("no answer within {limit:?} to the request to {action}")))
    }

    /// Why RabbitMQ takes no messages on this connection now, and since when.
    pub(crate) fn blocked(&self) -> Option<(Instant, String)> {
        self.blocked.lock().clone()
    }

    fn set_blocked(&self, reason: String) {
        tracing::warn!(reason, "RabbitMQ takes no messages");
        *self.blocked.lock() = Some((Instant::now(), reason));
    }

    /// Gives the connection up, because something in it is stuck. A blocked one stays until it is unblocked: only
    /// its events show how long RabbitMQ blocks us.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
        if self.blocked().is_none() {
            self.retire.cancel();
        }
    }

    /// Waits until the connection is lost.
    pub(crate) async fn lost(&self) {
        self.lost.cancelled().await;
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.is_cancelled()
    }

    /// Returns when the connection is lost or has to go, and says why.
    pub(crate) async fn watch(&self) -> String {
        let mut events = pin!(self.connection.events_listener());
        // There is no event for a connection that RabbitMQ closes without an error code, and none for what
        // happened before this.
        let mut tick = tokio::time::interval(Duration::from_millis(500));
        loop {
            let event = tokio::select! {
                () = self.retire.cancelled() => return "it did not answer any more".to_owned(),
                _ = tick.tick() => None,
                event = events.next() => event,
            };
            match event {
                Some(Event::ConnectionBlocked(reason)) => self.set_blocked(reason),
                None if self.connection.status().blocked() && self.blocked().is_none() => {
                    self.set_blocked("it did not say why".to_owned());
                }
                Some(Event::ConnectionUnblocked) => {
                    tracing::info!("RabbitMQ takes messages again");
                    *self.blocked.lock() = None;
                    if self.retired.load(Ordering::Acquire) {
                        return "it was renewed after being blocked".to_owned();
                    }
                }
                // An error may also be that of one channel only, whose user sees it too.
                Some(Event::Error(error)) if !self.connection.status().connected() => return words(&error),
                _ if !self.connection.status().connected() => {
                    return "RabbitMQ closed the connection".to_owned();
                }
                _ => {}
            }
        }
    }

    /// Ends the connection at once, and wakes everyone who waits for its loss.
    pub(crate) fn cut(&self) {
        self.lost.cancel();
        self.cutter.cut();
    }

    /// Closes the connection, and cuts it if RabbitMQ does not answer.
    pub(crate) async fn close(&self) {
        self.lost.cancel();
        let limit = self.request_timeout.min(Duration::from_secs(2));
        let _ = tokio::time::timeout(limit, self.connection.close(200, "OK".into())).await;
        self.cutter.cut();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cutter.cut();
    }
}
