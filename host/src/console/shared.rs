use tokio_util::sync::CancellationToken;
use waybill_broker::Broker;
use waybill_relay::{RelayStatus, Waker};

use super::rights::KeysExist;
use super::samples::Samples;
use super::session::Sessions;
use super::walks::Walks;
use crate::access::Access;
use crate::depths::DepthWatch;
use crate::dev::Builds;
use crate::health::Health;
use crate::http::ComponentService;
use crate::timeline::Timelines;
use crate::traces_ui::TraceLinks;

/// Where the console is on its gateway.
pub const PATH: &str = "/console";

/// What the console shows, and what it acts on.
pub struct System {
    pub orders: ComponentService,
    pub invoices: ComponentService,
    pub timelines: Timelines,
    pub depths: DepthWatch,
    /// RabbitMQ, if it carries the events.
    pub broker: Option<Broker>,
    pub relay: RelayStatus,
    pub relay_waker: Waker,
    /// Of the whole process.
    pub health: Health,
    pub traces: TraceLinks,
    /// Whether the console needs an API key even if there is none yet.
    pub requires_keys: bool,
    /// The builds of the components, if this process rebuilds them.
    pub builds: Option<Builds>,
    /// Ends the streams of news.
    pub stop: CancellationToken,
}

/// What all pages share.
pub(super) struct Shared {
    pub(super) system: System,
    pub(super) samples: Samples,
    pub(super) sessions: Sessions,
    pub(super) keys_exist: KeysExist,
    pub(super) dead_letters: Walks,
}

impl Shared {
    pub(super) fn new(system: System) -> Self {
        Self {
            system,
            samples: Samples::default(),
            sessions: Sessions::default(),
            keys_exist: KeysExist::default(),
            dead_letters: Walks::default(),
        }
    }
    /// Whether a visitor needs an API key.
    pub(super) async fn requires_keys(&self) -> bool {
        self.system.requires_keys || self.keys_exist.look(self.access()).await
    }

    /// The access to orders and to invoices.
    pub(super) fn access(&self) -> [&Access; 2] {
        [self.system.orders.access(), self.system.invoices.access()]
    }
}
