use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use wasmtime::Store;
use waybill_telemetry::Context;

use super::{Blueprint, Guest};

/// Which idle instances are kept: by their memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kept {
    /// With at most 4 MiB. Strangers decide how many there are, so that all of them have to fit into the memory of a small container;
    /// a component that begins with more (`components/*/build.rs`) has a fresh instance for each call.
    Small,
    /// With at most 2 MiB more than at the beginning. So many events are handled at a time as the consumer is set to.
    NotGrown,
}

/// A linked component from which instances are made, with its exports.
pub(super) trait Template: Send + Sync + 'static {
    /// The exports of an instance.
    type Exports: Send + 'static;

    /// Makes an instance in `store`.
    fn instantiate(
        &self,
        store: &mut Store<Guest>,
    ) -> impl Future<Output = wasmtime::Result<Self::Exports>> + Send;
}

/// Instances of one component for one kind of call. Each runs one call at a time, since a component blocks in its statements, and is
/// kept for the next call unless it failed.
pub(super) struct Pool<T: Template> {
    pub(super) blueprint: Blueprint,
    template: T,
    kept: Kept,
    idle: Mutex<Idle<T::Exports>>,
    working: Arc<Semaphore>,
}

struct Idle<E> {
    /// The last one that was busy is at the end and is taken first, so that the oldest idle ones are at the beginning.
    instances: Vec<Instance<E>>,
    is_watched: bool,
}

pub(super) struct Instance<E> {
    pub(super) exports: E,
    // Dropped before the permit, which bounds the live instances.
    pub(super) store: Store<Guest>,
    /// Its memory at the beginning.
    first_bytes: usize,
    calls: usize,
    idle_since: Instant,
    working: Option<OwnedSemaphorePermit>,
}

impl<T: Template> Pool<T> {
    /// An empty pool, which makes instances on demand.
    pub(super) fn new(blueprint: Blueprint, template: T, kept: Kept) -> Arc<Self> {
        let working = Arc::new(Semaphore::new(blueprint.engine().limits().instances as usize));
        let idle = Mutex::new(Idle { instances: Vec::new(), is_watched: false });
        Arc::new(Self { blueprint, template, kept, idle, working })
    }

    /// A permit to occupy one instance, as soon as fewer than the limit are at work.
    pub(super) async fn permit(&self) -> wasmtime::Result<OwnedSemaphorePermit> {
        Ok(self.working.clone().acquire_owned().await?)
    }

    /// An instance for one call until `deadline`, traced under `parent`.
    pub(super) async fn take(
        &self,
        permit: OwnedSemaphorePermit,
        parent: Context,
        deadline: Instant,
    ) -> wasmtime::Result<Instance<T::Exports>> {
        let idle = self.idle.lock().instances.pop();
        let mut instance = if let Some(instance) = idle {
            instance
        } else {
            let mut store = self.blueprint.store(deadline);
            let exports = self.template.instantiate(&mut store).await?;
            let first_bytes = store.data().limits.bytes;
            Instance { exports, store, first_bytes, calls: 0, idle_since: Instant::now(), working: None }
        };
        instance.working = Some(permit);
        instance.store.set_epoch_deadline(1);
        let guest = instance.store.data_mut();
        guest.standard_error.begin_call(&parent);
        guest.call.parent = parent;
        guest.deadline = deadline;
        Ok(instance)
    }

    /// Keeps an instance for the next call, unless it has served its number of requests, or a large answer has made its memory grow,
    /// which never shrinks. One that failed must be dropped instead.
    pub(super) fn put_back(self: &Arc<Self>, mut instance: Instance<T::Exports>) {
        let limits = self.blueprint.engine().limits();
        instance.calls += 1;
        instance.store.data().standard_error.end_line();
        let most = match self.kept {
            Kept::Small => 4 << 20,
            Kept::NotGrown => instance.first_bytes + (2 << 20),
        };
        let has_grown = instance.store.data().limits.bytes > most;
        if instance.calls >= limits.requests_per_instance || has_grown {
            return;
        }
        instance.idle_since = Instant::now();
        let working = instance.working.take();
        let mut idle = self.idle.lock();
        idle.instances.push(instance);
        if !idle.is_watched {
            idle.is_watched = true;
            tokio::spawn(evict_idle(Arc::downgrade(self)));
        }
        drop(idle);
        // The call that gets the permit finds the instance.
        drop(working);
    }
}

/// Drops instances that are idle for too long, for as long as there are some.
async fn evict_idle<T: Template>(pool: Weak<Pool<T>>) {
    while let Some(idle_time) = pool.upgrade().map(|pool| pool.blueprint.engine().limits().idle_time) {
        sleep(idle_time).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.idle.lock();
        let is_stale = |instance: &&Instance<T::Exports>| instance.idle_since.elapsed() >= idle_time;
        let count = idle.instances.iter().take_while(is_stale).count();
        let stale: Vec<_> = idle.instances.drain(..count).collect();
        idle.is_watched = !idle.instances.is_empty();
        let is_watched = idle.is_watched;
        drop(idle);
        drop(stale);
        if !is_watched {
            return;
        }
    }
}
