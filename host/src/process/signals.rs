//! How the program is asked to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT and SIGTERM. From the moment that this exists they ask the program to end; before, they end it at once.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to listen.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one and returns its name. A second one ends the program at once.
    pub async fn asked_to_end(mut self) -> &'static str {
        let name = self.next().await;
        tokio::spawn(async move {
            self.next().await;
            eprintln!("ended at once, as asked for a second time");
            std::process::exit(130);
        });
        name
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
