use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Tasks that end together.
#[derive(Default)]
pub(super) struct Stage {
    pub(super) stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Stage {
    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Stops the tasks and waits for their ends.
    pub(super) async fn end(&mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}
