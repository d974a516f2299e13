use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;
use waybill_broker::Broker;
use waybill_relay::{RelayStatus, Waker};

use super::samples::Samples;
use super::session::Sessions;
use crate::depths::DepthWatch;
use crate::health::Health;
use crate::http::ComponentService;
use crate::timeline::Timelines;
use crate::traces_ui::TraceLinks;

/// Where the console is on its gateway.
pub const PATH: &str = "/console";

/// Pages that may receive news at the same time.
const WATCHERS: usize = 64;

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
    /// Whether callers need an API key.
    pub requires_keys: bool,
    /// Ends the streams of news.
    pub stop: CancellationToken,
}

/// What all pages share.
pub(super) struct Shared {
    pub(super) system: System,
    pub(super) samples: Samples,
    pub(super) sessions: Sessions,
    pub(super) watchers: Arc<Semaphore>,
    /// One walk through the dead letters at a time: each hides them from the others.
    pub(super) walking: Mutex<()>,
}

impl Shared {
    pub(super) fn new(system: System) -> Self {
        Self {
            system,
            samples: Samples::default(),
            sessions: Sessions::default(),
            watchers: Arc::new(Semaphore::new(WATCHERS)),
            walking: Mutex::default(),
        }
    }
}
