//! The relay's loop: when to look at the outbox, and how long to wait after a failure.

use std::time::Duration;

use rand::Rng as _;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::{Relay, RelayState, Step, Transport};

/// How often a relay in standby asks for the lock. Half of it is random, so that several do not ask at once.
const STANDBY_INTERVAL: Duration = Duration::from_secs(1);

/// How much of the pace each event of a batch but the first accounts for: where events come one by one, to wait for company would
/// only delay them.
const PACE_OF_EACH: Duration = Duration::from_millis(1);

impl<T: Transport> Relay<T> {
    /// Delivers until `stop` is cancelled. The batch in hand then gets `drain_limit` to be delivered and deleted; what
    /// is not confirmed by then stays in the outbox.
    ///
    /// A database or transport that is away is waited for, however long it takes, and logged once.
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
        let mut backoff = Backoff::default();
        let mut poll = self.config.poll_least;
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let wait = match Box::pin(self.take_turn(|| !stop.is_cancelled())).await {
                Ok(Step { transport_away: Some(reason), .. }) => {
                    self.back_off(format!("the transport is away: {reason}"), &mut backoff)
                }
                Ok(done) => {
                    backoff.reset();
                    self.next_look(&done, begun, &mut poll).await
                }
                Err(error) => self.back_off(error.to_string(), &mut backoff),
            };
            self.wait(wait, stop).await;
        }
    }

    fn back_off(&self, reason: String, backoff: &mut Backoff) -> Wait {
        self.enter_outage(reason);
        Wait::alone(backoff.next_delay())
    }

    /// When to look again after a step that went well.
    async fn next_look(&self, step: &Step, begun: Instant, poll: &mut Duration) -> Wait {
        if step.standby {
            self.enter_normal(RelayState::Standby);
            let jitter = rand::rng().random_range(0.5..=1.0);
            return Wait::alone(STANDBY_INTERVAL.mul_f64(jitter));
        }
        self.enter_normal(RelayState::Active);
        if step.read > 0 {
            *poll = self.config.poll_least;
            let others = u32::try_from(step.read - 1).unwrap_or(u32::MAX);
            let earliest = PACE_OF_EACH.saturating_mul(others).min(self.config.pace);
            // Events of other processes wake nobody, so after the pace it looks all the same.
            return Wait { earliest: begun + earliest, latest: begun + self.config.pace };
        }
        let delay = *poll;
        *poll = poll.saturating_mul(2).min(self.config.poll_most);
        if delay <= self.config.poll_least {
            return Wait::or_woken(delay);
        }
        // An event that waits for its next attempt may be due before the next look. When the question fails, the next
        // look fails as well and is dealt with there.
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

/// When to look at the outbox again: not before the one moment, which has passed already when the last batch took long, and when
/// woken, but at the other at the latest.
struct Wait {
    earliest: Instant,
    latest: Instant,
}

impl Wait {
    /// For the time alone: to be woken would not help.
    fn alone(delay: Duration) -> Self {
        let then = Instant::now() + delay;
        Self { earliest: then, latest: then }
    }

    /// For the time, or for the waker.
    fn or_woken(delay: Duration) -> Self {
        let now = Instant::now();
        Self { earliest: now, latest: now + delay }
    }
}
