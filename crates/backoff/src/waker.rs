use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes a loop that otherwise polls. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// The loop looks for work as soon as it can. Calls that come while it is busy count as one.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits until it is woken, or returns at once if that has happened since the last time.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}
