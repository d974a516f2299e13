use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a request waits for its memory before it is refused.
const WAIT: Duration = Duration::from_secs(5);

/// Bytes of one permit: a semaphore counts in `u32`.
const UNIT_BYTES: usize = 1 << 10;

/// The memory that requests with large answers share: rows of the database, their copy in the instance, the answer and its copy. What it
/// takes is estimated and reserved before a request begins, since a request that waited in the middle would hold what it has.
///
/// Requests with small answers are bounded by the number of instances alone and do not wait here.
#[derive(Clone, Debug)]
pub struct AnswerMemory {
    units: Arc<Semaphore>,
    all: u32,
    wait: Duration,
}

impl AnswerMemory {
    pub(super) fn new(bytes: usize) -> Self {
        let all = units(bytes).max(1);
        Self { units: Arc::new(Semaphore::new(all as usize)), all, wait: WAIT }
    }

    /// Reserves `bytes`, or all that there is if that is less. `None` if they did not become free in time.
    pub async fn reserve(&self, bytes: usize) -> Option<ReservedMemory> {
        let units = units(bytes).min(self.all);
        let acquired = timeout(self.wait, self.units.clone().acquire_many_owned(units)).await;
        Some(ReservedMemory { permit: acquired.ok()?.ok()?, answer: Bytes::new() })
    }
}

/// Memory that is reserved until it is dropped.
#[derive(Debug)]
pub struct ReservedMemory {
    permit: OwnedSemaphorePermit,
    answer: Bytes,
}

impl ReservedMemory {
    /// Keeps only as much as the answer takes, for as long as its bytes exist: until the last of them is written.
    pub fn keep(mut self, answer: Bytes) -> Bytes {
        let kept = self.permit.split(units(answer.len()) as usize);
        if let Some(kept) = kept {
            self.permit = kept;
        }
        self.answer = answer;
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for ReservedMemory {
    fn as_ref(&self) -> &[u8] {
        &self.answer
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_is_waited_for_but_not_without_end_and_the_largest_answer_always_goes() {
        let memory = AnswerMemory { wait: Duration::from_millis(10), ..AnswerMemory::new(10 << 10) };
        let first = memory.reserve(1 << 30).await.unwrap();
        assert!(memory.reserve(1).await.is_none());
        drop(first);
        assert!(memory.reserve(1).await.is_some());
        let answer = memory.reserve(8 << 10).await.unwrap().keep(Bytes::from(vec![1; 2 << 10]));
        let part = answer.slice(100..200);
        drop(answer);
        assert!(part.iter().all(|byte| *byte == 1) && memory.reserve(9 << 10).await.is_none());
        let other = memory.reserve(8 << 10).await.unwrap();
        drop((part, other));
        assert!(memory.reserve(10 << 10).await.is_some());
    }
}
