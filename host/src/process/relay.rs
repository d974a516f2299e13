use std::time::Duration;

use waybill_relay::{RelayConfig, RelayStatus, Waker};

/// The time that the relay, and then the databases, have after requests and messages have finished.
pub(super) const CLOSE_TIME: Duration = Duration::from_secs(2);

/// A relay that runs. Cheap to clone.
#[derive(Clone)]
pub struct RelayHandle {
    pub status: RelayStatus,
    pub waker: Waker,
}

/// Limits the time that the relay has at the end.
pub fn within_close_time(mut config: RelayConfig) -> RelayConfig {
    config.drain_limit = CLOSE_TIME * 3 / 4;
    config
}
