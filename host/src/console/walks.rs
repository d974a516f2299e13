//! Walks through the dead letters. RabbitMQ gives a message to one reader at a time, so each walk hides them from others: there is one
//! walk at a time, its result is kept for some seconds, and pages are cut from that.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::TryStreamExt as _;
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

/// Bytes of kept bodies and errors; the bodies of the rest are read when they are asked for.
const KEPT_BYTES: usize = 8 << 20;

/// What a walk found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) groups: Vec<Group>,
    whole: HashMap<String, DeadLetter>,
    bytes: usize,
}

/// The dead letters of one cause.
pub(super) struct Group {
    pub(super) cause: String,
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
    let mut letters = std::pin::pin!(broker.dead_letters().list().await?);
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut found = Found::default();
    while let Some(letter) = letters.try_next().await? {
        let group = groups.entry(letter.cause.clone()).or_insert_with(|| Group {
            cause: letter.cause.clone(),
            count: 0,
            letters: Vec::new(),
        });
        group.count += 1;
        if group.letters.len() < KEPT {
            group.letters.push(Line::from(&letter));
            found.keep(letter);
        }
    }
    found.groups = groups.into_values().collect();
    Ok(found)
}

impl Found {
    fn keep(&mut self, letter: DeadLetter) {
        let original = letter.original_body.as_ref().map_or(0, Vec::len);
        let headers: usize = letter.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let bytes = letter.body.len() + original + headers;
        if self.bytes + bytes <= KEPT_BYTES {
            self.bytes += bytes;
            self.whole.insert(letter.id.clone(), letter);
        }
    }
}
