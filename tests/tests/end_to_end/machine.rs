//! Whose turn it is on the machine. Tests run side by side, but for those that use all of it and look at the time.

use std::cell::Cell;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static MACHINE: RwLock<()> = RwLock::new(());

thread_local! {
    /// Each test has a thread of its own, and may make several environments.
    static HAS_TURN: Cell<bool> = const { Cell::new(false) };
}

/// Until it is dropped, a test may run.
#[must_use]
pub(crate) struct Turn {
    _guard: Guard,
}

#[allow(dead_code, reason = "they are held, and not read")]
enum Guard {
    Shared(RwLockReadGuard<'static, ()>),
    Exclusive(RwLockWriteGuard<'static, ()>),
}

impl Turn {
    /// Beside others; `None` if the test has its turn already.
    pub(crate) fn beside_others() -> Option<Self> {
        (!HAS_TURN.replace(true)).then(|| Self { _guard: Guard::Shared(MACHINE.read()) })
    }

    /// With no other beside it. It is the first thing that a test does.
    pub(crate) fn exclusive() -> Self {
        HAS_TURN.set(true);
        Self { _guard: Guard::Exclusive(MACHINE.write()) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        HAS_TURN.set(false);
    }
}
