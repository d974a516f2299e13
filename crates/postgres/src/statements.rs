//! The bound on statements in flight.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
use tokio::time::timeout;

use crate::Error;

/// The bound on statements in flight.
pub(crate) struct Statements {
    permits: Semaphore,
    limit: u32,
}

impl Statements {
    pub(crate) fn new(limit: usize) -> Self {
        Self { permits: Semaphore::new(limit), limit: u32::try_from(limit).unwrap_or(u32::MAX) }
    }

    pub(crate) fn permit(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.permits.try_acquire().map_err(|refused| match refused {
            TryAcquireError::Closed => Error::unavailable("it is closed"),
            TryAcquireError::NoPermits => {
                Error::unavailable(format!("{} statements are in flight already", self.limit))
            }
        })
    }

    pub(crate) fn in_flight(&self) -> usize {
        (self.limit as usize).saturating_sub(self.permits.available_permits())
    }

    /// Refuses further statements, and waits for those in flight.
    pub(crate) async fn close(&self, limit: Duration) {
        // Kept, so that none is free any more.
        if let Ok(Ok(all)) = timeout(limit, self.permits.acquire_many(self.limit)).await {
            all.forget();
        }
        self.permits.close();
    }
}
