use std::future::{Future, ready};

use tokio_util::sync::CancellationToken;
use waybill_telemetry::Service;

use crate::serving::Calls;
use crate::wrpc::Server;
use crate::{Lattice, LinkKey, Settings};

/// What a provider gets at its start.
pub struct Surroundings {
    /// The lattice that it runs in.
    pub lattice: Lattice,
    /// Its own settings, which are not those of a link.
    pub settings: Settings,
    /// Makes its spans.
    pub service: Service,
    /// Cancelled when it ends.
    pub stop: CancellationToken,
}

/// A provider of a capability.
pub trait Provider: Clone + Send + Sync + 'static {
    /// A component is linked, or its link has other settings than before. An error refuses the link, and is logged.
    fn link(&self, key: &LinkKey, settings: Settings) -> impl Future<Output = anyhow::Result<()>> + Send {
        let _ = (key, settings);
        ready(Err(anyhow::anyhow!("this provider has no links")))
    }

    /// A link is deleted. What is in flight for it is finished before this returns.
    fn unlink(&self, key: &LinkKey) -> impl Future<Output = ()> + Send {
        let _ = key;
        ready(())
    }

    /// Whether it can do its work now; the error says why not.
    fn health(&self) -> Result<(), String>;

    /// Serves calls: `serve` of its generated bindings. Without exports there is nothing to do.
    fn serve(&self, server: &Server) -> impl Future<Output = anyhow::Result<Calls>> + Send {
        let _ = server;
        ready(Ok(Calls::new()))
    }

    /// Ends in order. No call is in flight any more.
    fn shutdown(&self) -> impl Future<Output = ()> + Send;
}
