//! The relay's loop: when to look at the outbox, and how long to wait after a failure.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use waybill_backoff::{Backoff, jittered};
use waybill_telemetry::with_causes;

use crate::{Relay, RelayState, Step, Transport};

/// How often a relay in standby asks for the lock. Half of it is random, so that several do not ask at once.
const STANDBY_INTERVAL: Duration = Duration::from_secs(1);

/// The first and the longest delay of the whole relay while the transport or the database is unavailable.
const OUTAGE_DELAY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));

/// How much of the pace each event of a batch but the first accounts for: a single event must not wait for others.
const PACE_OF_EACH: Duration = Duration::from_millis(1);

impl<T: Transport> Relay<T> {
    /// Delivers until `stop` is cancelled. The batch in flight then gets `drain_limit` to be delivered and deleted; what
    /// is not confirmed by then stays in the outbox.
    ///
    /// It waits for a database or transport that is unavailable, however long that takes, and logs it once.
    pub async fn run(self, stop: CancellationToken) {
        let drained = async {
            stop.cancelled().await;
            sleep(self.config.drain_limit).await;
        };
        tokio::select! {
            () = self.deliver_until(&stop) => {}
            () = drained => tracing::warn!("the last batch was not confirmed in time and will be delivered again"),
        }
        self.report.send_modify(|report| report.state = RelayState::Stopped);
    }

    async fn deliver_until(&self, stop: &CancellationToken) {
        let mut backoff = Backoff::new(OUTAGE_DELAY.0, OUTAGE_DELAY.1);
        let mut poll = self.config.poll_least;
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let wait = match Box::pin(self.run_batches(|| !stop.is_cancelled())).await {
                Ok(Step { transport_unavailable: Some(reason), .. }) => {
                    let wait = self.back_off(format!("the transport is unavailable: {reason}"), &mut backoff);
                    // A transport that is available and takes nothing must not cause a tight loop.
                    sleep(OUTAGE_DELAY.0.min(wait.earliest - Instant::now())).await;
                    tokio::select! {
                        () = self.wait(wait, stop) => {}
                        () = self.transport.recovered() => {}
                    }
                    continue;
                }
                Ok(done) => {
                    backoff.reset();
                    self.next_look(&done, begun, &mut poll).await
                }
                Err(error) => self.back_off(with_causes(&error), &mut backoff),
            };
            self.wait(wait, stop).await;
        }
    }

    fn back_off(&self, reason: String, backoff: &mut Backoff) -> Wait {
        self.enter_outage(reason);
        Wait::unless_stopped(backoff.next_delay())
    }

    /// When to poll again after a successful step.
    async fn next_look(&self, step: &Step, begun: Instant, poll: &mut Duration) -> Wait {
        if step.standby {
            self.enter_normal(RelayState::Standby);
            return Wait::unless_stopped(jittered(STANDBY_INTERVAL));
        }
        self.enter_normal(RelayState::Active);
        if step.read > 0 {
            *poll = self.config.poll_least;
            let others = u32::try_from(step.read - 1).unwrap_or(u32::MAX);
            let earliest = PACE_OF_EACH.saturating_mul(others).min(self.config.pace);
            // Events of other processes do not wake this relay, so it polls after the pace in any case.
            return Wait { earliest: begun + earliest, latest: begun + self.config.pace };
        }
        let delay = *poll;
        *poll = poll.saturating_mul(2).min(self.config.poll_most);
        if delay <= self.config.poll_least {
            return Wait::or_woken(delay);
        }
        // A retry may be due before the next poll. If this query fails, the next poll fails too and is handled there.
        let next_due = self.outbox.read_next_due().await.ok().flatten().unwrap_or(delay);
        Wait::or_woken(delay.min(next_due))
    }

    async fn wait(&self, wait: Wait, stop: &CancellationToken) {
        let waited = async {
            sleep_until(wait.earliest).await;
            tokio::select! {
                biased;
                () = sleep_until(wait.latest) => {}
                () = self.wake.woken() => {}
            }
        };
        tokio::select! {
            () = waited => {}
            () = stop.cancelled() => {}
        }
    }
}

/// When to poll the outbox again: when woken, but not before `earliest`, and at `latest` in any case.
struct Wait {
    earliest: Instant,
    latest: Instant,
}

impl Wait {
    /// Waits the whole time: waking would not help.
    fn unless_stopped(delay: Duration) -> Self {
        let then = Instant::now() + delay;
        Self { earliest: then, latest: then }
    }

    /// Waits for the time or for the waker.
    fn or_woken(delay: Duration) -> Self {
        let now = Instant::now();
        Self { earliest: now, latest: now + delay }
    }
}
