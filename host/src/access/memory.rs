//! A cache of look-ups, so that not every request queries the database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;

use super::KeyId;
use super::api_keys::UsableKey;

/// How long a key is cached: a revoked one is refused after this time at the latest.
const KNOWN_TIME: Duration = Duration::from_secs(5);

/// How long an unknown identifier is cached. Shorter, because a new key is used as soon as it is created.
const UNKNOWN_TIME: Duration = Duration::from_secs(1);

/// Cached identifiers of each kind. Two caches, so that a flood of invented identifiers does not evict a key that is in use.
const MOST: usize = 4_096;

/// The result of a look-up; `None` if there is no such key.
pub(super) type Found = Option<Arc<UsableKey>>;

/// Caches keys for seconds. The caller passes the time.
pub(super) struct Memory {
    known: Cache<KeyId, (Arc<UsableKey>, Instant)>,
    unknown: Cache<KeyId, Instant>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { known: Cache::new(MOST), unknown: Cache::new(MOST) }
    }

    /// The cached result at `now`; `None` if the database has to be queried.
    pub(super) fn get(&self, id: &KeyId, now: Instant) -> Option<Found> {
        if let Some((key, until)) = self.known.get(id)
            && now < until
        {
            return Some(Some(key));
        }
        self.unknown.get(id).filter(|until| now < *until).map(|_| None)
    }

    /// Caches the result of a query that began at `now`, for no longer than the key is valid.
    pub(super) fn put(&self, id: &KeyId, found: Option<UsableKey>, now: Instant) -> Found {
        if let Some(key) = found {
            let time = key.left.map_or(KNOWN_TIME, |left| left.min(KNOWN_TIME));
            let key = Arc::new(key);
            self.unknown.remove(id);
            self.known.insert(id.clone(), (key.clone(), now + time));
            return Some(key);
        }
        self.known.remove(id);
        self.unknown.insert(id.clone(), now + UNKNOWN_TIME);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(1);

    fn id(number: usize) -> KeyId {
        KeyId::of(&format!("{number:012x}")).unwrap()
    }

    fn key(left: Option<Duration>) -> UsableKey {
        UsableKey { secret_sha256: [0; 32], scopes: Vec::new(), left }
    }

    #[test]
    fn a_key_is_remembered_for_seconds_and_an_unknown_one_for_less() {
        let (memory, now) = (Memory::new(), Instant::now());
        assert!(memory.get(&id(1), now).is_none());
        memory.put(&id(1), Some(key(None)), now);
        memory.put(&id(2), None, now);
        assert!(matches!(memory.get(&id(1), now + KNOWN_TIME.saturating_sub(TICK)), Some(Some(_))));
        assert!(memory.get(&id(1), now + KNOWN_TIME).is_none());
        assert!(matches!(memory.get(&id(2), now + UNKNOWN_TIME.saturating_sub(TICK)), Some(None)));
        assert!(memory.get(&id(2), now + UNKNOWN_TIME).is_none());
    }

    #[test]
    fn a_key_is_not_remembered_beyond_its_end() {
        let (memory, now) = (Memory::new(), Instant::now());
        memory.put(&id(1), Some(key(Some(2 * TICK))), now);
        assert!(matches!(memory.get(&id(1), now + TICK), Some(Some(_))));
        assert!(memory.get(&id(1), now + 2 * TICK).is_none());
    }

    #[test]
    fn what_the_database_says_last_counts() {
        let (memory, now) = (Memory::new(), Instant::now());
        memory.put(&id(1), Some(key(None)), now);
        memory.put(&id(1), None, now);
        assert!(matches!(memory.get(&id(1), now), Some(None)));
        memory.put(&id(1), Some(key(None)), now);
        assert!(matches!(memory.get(&id(1), now), Some(Some(_))));
    }

    #[test]
    fn invented_identifiers_neither_pile_up_nor_evict_a_key() {
        let (memory, now) = (Memory::new(), Instant::now());
        memory.put(&id(0), Some(key(None)), now);
        for number in 1..=4 * MOST {
            memory.put(&id(number), None, now);
        }
        assert!(memory.unknown.len() <= MOST, "{}", memory.unknown.len());
        assert!(matches!(memory.get(&id(0), now), Some(Some(_))));
        for number in 1..=4 * MOST {
            memory.put(&id(number), Some(key(None)), now);
        }
        assert!(memory.known.len() <= MOST, "{}", memory.known.len());
    }
}
