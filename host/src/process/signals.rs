use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT and SIGTERM. Once this exists they ask the program to end; before, they kill it.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one and returns its name. A second one exits at once.
    pub async fn asked_to_end(mut self) -> &'static str {
        let name = self.next().await;
        self.exit_at_next();
        name
    }

    /// Exits at the next one, without waiting for what is in flight.
    pub(super) fn exit_at_next(mut self) {
        tokio::spawn(async move {
            self.next().await;
            crate::output::remark("second signal: exiting at once");
            std::process::exit(130);
        });
    }

    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
