use super::Process;
use super::signals::Signals;

impl Process {
    /// Runs work before the process is ready; `None` if it was asked to end meanwhile.
    pub async fn unless_asked_to_end<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> anyhow::Result<Option<T>> {
        let mut signals = Signals::listen()?;
        let done = tokio::select! {
            _ = signals.next() => None,
            done = work => Some(done),
        };
        // A signal that comes from now on is found when the process is ready.
        self.signals = Some(signals);
        Ok(done)
    }
}
