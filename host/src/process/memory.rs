use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

/// How often unused memory is returned. To walk through the heap takes some milliseconds at most.
const INTERVAL: Duration = Duration::from_secs(10);

/// Returns unused memory to the system again and again. glibc keeps what was freed for the next allocation, so the memory of an attack
/// would stay; and nothing tells when it is freed, since the resident memory does not change then.
pub(super) async fn return_unused_memory() {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if tokio::task::spawn_blocking(trim).await.is_err() {
            return;
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
fn trim() {
    // SAFETY: `malloc_trim` has no precondition and may be called by any thread at any time.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() {}
