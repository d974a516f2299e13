use super::Process;
use super::signals::Signals;

impl Process {
    /// Runs work before the process is ready; `None` if it was asked to end meanwhile.
    pub async fn unless_asked_to_end<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> T,
    ) -> anyhow::Result<Option<T>> {
        let mut signals = self.signals.take().map_or_else(Signals::listen, Ok)?;
        let done = tokio::select! {
            _ = signals.next() => None,
            done = work(self) => Some(done),
        };
        if done.is_some() {
            // A signal that comes from now on is found by what runs next.
            self.signals = Some(signals);
        } else {
            signals.exit_at_next();
        }
        Ok(done)
    }
}
