use anyhow::Result;

use crate::Http;

/// A host with both components that is not ours, serving or killed. Events reach it by `POST /events`.
#[allow(async_fn_in_trait, reason = "a test calls them on its own task")]
pub trait OtherHost {
    /// Where orders are served.
    fn orders(&self) -> Http;

    /// Where invoices are served.
    fn invoices(&self) -> Http;

    /// The address that events are posted to.
    fn events(&self) -> String {
        format!("http://{}/events", self.invoices().authority())
    }

    /// Kills it with everything that it started (SIGKILL).
    async fn kill(&mut self) -> Result<()>;

    /// Starts it, again on the same address, and waits until it serves.
    async fn restart(&mut self) -> Result<()>;
}
