use std::time::Instant;

use parking_lot::Mutex;

/// Why a consumer that should run takes no messages, and since when.
#[derive(Debug, Default)]
pub(crate) struct Stoppage(Mutex<Option<(Instant, String)>>);

impl Stoppage {
    pub(crate) fn begin(&self, reason: String) {
        let mut stoppage = self.0.lock();
        let since = stoppage.take().map_or_else(Instant::now, |(since, _)| since);
        *stoppage = Some((since, reason));
    }

    pub(crate) fn end(&self) {
        *self.0.lock() = None;
    }

    pub(crate) fn now(&self) -> Option<(Instant, String)> {
        self.0.lock().clone()
    }
}
