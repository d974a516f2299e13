//! Waiting for a condition.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::{Instant, sleep, timeout};

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `condition` gives a value. It is asked again as long as it says `None` or fails; after `limit` the last
/// failure, or else `what` was waited for, is the error.
pub async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut condition: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + limit;
    let mut last_failure = None;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match timeout(left, condition()).await {
            Ok(Ok(Some(value))) => return Ok(value),
            Ok(Ok(None)) => last_failure = None,
            Ok(Err(error)) => last_failure = Some(error),
            Err(_) => {}
        }
        if Instant::now() + PAUSE >= deadline {
            let error = last_failure.unwrap_or_else(|| anyhow::anyhow!("the condition did not come true"));
            return Err(error).with_context(|| format!("waited {limit:?} for: {what}"));
        }
        sleep(PAUSE).await;
    }
}
