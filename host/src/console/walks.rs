//! Walks through the dead letters. RabbitMQ gives a message to one reader at a time, so each walk hides them from others: there is one
//! walk at a time, its result is kept for some seconds, and pages are cut from that.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::timeout;
use waybill_broker::{Broker, BrokerError, DeadLetter};
use waybill_telemetry::with_causes;

/// How long the result of a walk is shown.
const AGE: Duration = Duration::from_secs(5);

/// The time that a walk may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Dead letters of a cause that are kept for pages; the rest is only counted.
const KEPT: usize = 1_000;

/// Bytes of the lines that are kept for pages; the rest is only counted.
const LINE_BYTES: usize = 4 << 20;

/// Bytes of dead letters that are kept whole; the rest is read when it is asked for.
const WHOLE_BYTES: usize = 8 << 20;

/// Causes with a group of their own, and the group of all others.
const CAUSES: usize = 100;
pub(super) const OTHER_CAUSES: &str = "other causes";

/// What a walk found.
#[derive(Default)]
pub(super) struct Found {
    /// By their cause.
    pub(super) groups: BTreeMap<String, Group>,
    line_bytes: usize,
    whole: HashMap<String, DeadLetter>,
    whole_bytes: usize,
}

/// The dead letters of one cause.
#[derive(Default)]
pub(super) struct Group {
    pub(super) count: usize,
    /// Without their bodies.
    pub(super) letters: Vec<Line>,
}

/// A dead letter without its body.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) attempts: u32,
    pub(super) failed_at: Option<String>,
    pub(super) error: String,
}

impl Line {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.id.len() + self.subject.len() + self.error.len()
    }
}

impl From<&DeadLetter> for Line {
    fn from(letter: &DeadLetter) -> Self {
        Self {
            id: letter.id.clone(),
            subject: letter.subject.clone(),
            attempts: letter.attempts,
            failed_at: letter.failed_at.clone(),
            error: letter.last_error.clone().unwrap_or_default(),
        }
    }
}

/// The last walk, and the permit for the next.
#[derive(Default)]
pub(super) struct Walks(Mutex<Option<(Instant, Arc<Found>)>>);

impl Walks {
    /// All dead letters, as they were some seconds ago.
    pub(super) async fn list(&self, broker: &Broker) -> Result<Arc<Found>, String> {
        let walked = timeout(LIMIT, async {
            let mut last = self.0.lock().await;
            if let Some((at, found)) = &*last
                && at.elapsed() < AGE
            {
                return Ok(Arc::clone(found));
            }
            let found = Arc::new(walk(broker).await?);
            *last = Some((Instant::now(), Arc::clone(&found)));
            Ok(found)
        });
        answer(walked.await)
    }

    /// One dead letter, as it was some seconds ago.
    pub(super) async fn get(&self, broker: &Broker, id: &str) -> Result<Option<DeadLetter>, String> {
        let walked = timeout(LIMIT, async {
            let last = self.0.lock().await;
            match &*last {
                Some((at, found)) if at.elapsed() < AGE && found.whole.contains_key(id) => {
                    Ok(found.whole.get(id).cloned())
                }
                _ => broker.dead_letters().get(id).await,
            }
        });
        answer(walked.await)
    }

    /// A walk that changes something, after which the next list is a new one.
    pub(super) async fn change<T>(
        &self,
        change: impl Future<Output = Result<T, BrokerError>>,
    ) -> Result<T, String> {
        let walked = timeout(LIMIT, async {
            let mut last = self.0.lock().await;
            *last = None;
            change.await
        });
        answer(walked.await)
    }
}

fn answer<T>(walked: Result<Result<T, BrokerError>, tokio::time::error::Elapsed>) -> Result<T, String> {
    match walked {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(with_causes(&error)),
        Err(_) => Err(format!("RabbitMQ did not answer within {LIMIT:?}.")),
    }
}

/// To the end, so that the order stays.
async fn walk(broker: &Broker) -> Result<Found, BrokerError> {
    let mut found = Found::default();
    broker
        .dead_letters()
        .visit(|letter| {
            found.add(letter);
            ControlFlow::Continue(())
        })
        .await?;
    Ok(found)
}

impl Found {
    /// Counts a dead letter, and keeps as much of it as there is room for.
    fn add(&mut self, letter: DeadLetter) {
        // Causes are few, but for those that another program wrote into its messages.
        let known = self.groups.contains_key(&letter.cause) || self.groups.len() < CAUSES;
        let cause = if known { letter.cause.as_str() } else { OTHER_CAUSES };
        let group = self.groups.entry(cause.to_owned()).or_default();
        group.count += 1;
        let line = Line::from(&letter);
        let bytes = line.bytes();
        if group.letters.len() == KEPT || self.line_bytes + bytes > LINE_BYTES {
            return;
        }
        self.line_bytes += bytes;
        group.letters.push(line);
        let bytes = letter.size();
        if self.whole_bytes + bytes <= WHOLE_BYTES {
            self.whole_bytes += bytes;
            self.whole.insert(letter.id.clone(), letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(id: usize, cause: &str, body: usize) -> DeadLetter {
        DeadLetter {
            id: id.to_string(),
            subject: "order.created".to_owned(),
            queue: "orders".to_owned(),
            cause: cause.to_owned(),
            attempts: 1,
            first_failed_at: None,
            failed_at: None,
            last_error: Some("x".repeat(1_000)),
            body: vec![0; body].into(),
            original_body: None,
            headers: BTreeMap::default(),
        }
    }

    #[test]
    fn all_are_counted_and_what_is_kept_is_bounded() {
        let mut found = Found::default();
        for id in 0..20_000 {
            found.add(letter(id, ["rejected", "failed"][id % 2], 100_000));
        }
        for id in 0..1_000 {
            found.add(letter(id, &format!("cause {id}"), 0));
        }
        let counts: usize = found.groups.values().map(|group| group.count).sum();
        assert_eq!((counts, found.groups["failed"].count), (21_000, 10_000));
        assert_eq!(found.groups["failed"].letters.len(), KEPT);
        assert!(found.groups.len() == CAUSES + 1 && found.groups[OTHER_CAUSES].count > 0);
        assert!(found.whole.values().map(DeadLetter::size).sum::<usize>() <= WHOLE_BYTES);
        let lines = found.groups.values().flat_map(|group| &group.letters);
        assert!(lines.map(Line::bytes).sum::<usize>() <= LINE_BYTES);
    }
}
