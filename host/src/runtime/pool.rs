use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use wasmtime::Store;
use waybill_telemetry::Context;

use super::{Blueprint, Engine, Guest};

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
///
/// A newer build may take the component's place ([`Pool::prepare`]). Calls in flight end in instances of the old one, which are dropped, and
/// later calls get instances of the new one. Both share the limit on instances at work; the first instance of the new one is made without
/// a permit, so that a busy pool can be replaced, and is one above the limit until calls of the old one have ended.
pub(super) struct Pool<T: Template> {
    pub(super) engine: Engine,
    pub(super) name: &'static str,
    kept: Kept,
    state: Mutex<State<T>>,
    working: Arc<Semaphore>,
}

/// What instances are made of.
struct Origin<T> {
    blueprint: Blueprint,
    template: T,
    /// How many came before it.
    generation: u64,
}

struct State<T: Template> {
    origin: Arc<Origin<T>>,
    /// The idle ones, all of this origin. The last one that was busy is at the end and is taken first, so that the oldest idle ones are at
    /// the beginning.
    idle: Vec<Instance<T::Exports>>,
    is_watched: bool,
}

/// A newer build of a pool's component, ready to take its place.
pub(super) struct Replacement<T: Template> {
    pool: Arc<Pool<T>>,
    origin: Origin<T>,
    /// Made already, so that a component that cannot start never serves.
    first: Instance<T::Exports>,
}

pub(super) struct Instance<E> {
    pub(super) exports: E,
    // Dropped before the permit, which bounds the live instances.
    pub(super) store: Store<Guest>,
    /// Its memory at the beginning.
    first_bytes: usize,
    generation: u64,
    calls: usize,
    idle_since: Instant,
    working: Option<OwnedSemaphorePermit>,
}

impl<T: Template> Pool<T> {
    /// An empty pool, which makes instances on demand.
    pub(super) fn new(blueprint: Blueprint, template: T, kept: Kept) -> Arc<Self> {
        let (engine, name) = (blueprint.engine().clone(), blueprint.name());
        let working = Arc::new(Semaphore::new(engine.limits().instances as usize));
        let origin = Arc::new(Origin { blueprint, template, generation: 0 });
        let state = State { origin, idle: Vec::new(), is_watched: false };
        Arc::new(Self { engine, name, kept, state: Mutex::new(state), working })
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
        let mut instance = match self.idle_or_origin() {
            Ok(instance) => instance,
            Err(origin) => origin.instantiate(deadline).await?,
        };
        instance.working = Some(permit);
        instance.store.set_epoch_deadline(1);
        instance.store.data_mut().begin_call(parent, deadline);
        Ok(instance)
    }

    fn idle_or_origin(&self) -> Result<Instance<T::Exports>, Arc<Origin<T>>> {
        let mut state = self.state.lock();
        state.idle.pop().ok_or_else(|| state.origin.clone())
    }

    /// What instances are made of now.
    pub(super) fn blueprint(&self) -> Blueprint {
        self.state.lock().origin.blueprint.clone()
    }

    /// Makes the first instance of a newer build of the component, within the time of a request.
    pub(super) async fn prepare(
        self: &Arc<Self>,
        blueprint: Blueprint,
        template: T,
    ) -> wasmtime::Result<Replacement<T>> {
        let origin = Origin { blueprint, template, generation: 0 };
        let request_time = self.engine.limits().request_time;
        // The deadline of the engine bounds computing; this bounds waiting, for example for a statement.
        let first =
            timeout(request_time, origin.instantiate(self.engine.deadline())).await.map_err(|_| {
                wasmtime::format_err!(
                    "its first instance did not start within {request_time:?}, the time of a request"
                )
            })??;
        Ok(Replacement { pool: self.clone(), origin, first })
    }

    /// Keeps an instance for the next call, unless it has served its number of requests, or a large answer has made its memory grow,
    /// which never shrinks, or another component has taken its place. One that failed must be dropped instead.
    pub(super) fn put_back(self: &Arc<Self>, mut instance: Instance<T::Exports>) {
        let limits = self.engine.limits();
        instance.calls += 1;
        instance.store.data_mut().end_call();
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
        let mut state = self.state.lock();
        let outdated = if instance.generation == state.origin.generation {
            self.keep(&mut state, instance);
            None
        } else {
            Some(instance)
        };
        drop(state);
        drop(outdated);
        // The call that gets the permit finds the instance.
        drop(working);
    }

    fn keep(self: &Arc<Self>, state: &mut State<T>, instance: Instance<T::Exports>) {
        state.idle.push(instance);
        if !state.is_watched {
            state.is_watched = true;
            tokio::spawn(evict_idle(Arc::downgrade(self)));
        }
    }
}

impl<T: Template> Origin<T> {
    async fn instantiate(&self, deadline: Instant) -> wasmtime::Result<Instance<T::Exports>> {
        let mut store = self.blueprint.store(deadline);
        let exports = self.template.instantiate(&mut store).await?;
        let first_bytes = store.data().limits.bytes;
        Ok(Instance {
            exports,
            store,
            first_bytes,
            generation: self.generation,
            calls: 0,
            idle_since: Instant::now(),
            working: None,
        })
    }
}

impl<T: Template> Replacement<T> {
    /// Puts the newer build in place: calls that begin from now on run in its instances.
    pub(super) fn commit(self) {
        let Self { pool, mut origin, mut first } = self;
        let mut state = pool.state.lock();
        origin.generation = state.origin.generation + 1;
        first.generation = origin.generation;
        let origin = std::mem::replace(&mut state.origin, Arc::new(origin));
        let idle = std::mem::take(&mut state.idle);
        pool.keep(&mut state, first);
        drop(state);
        // The machine code of the old one goes with the last of its instances, outside of the lock.
        drop((origin, idle));
    }
}

/// Drops instances that are idle for too long, for as long as there are some.
async fn evict_idle<T: Template>(pool: Weak<Pool<T>>) {
    while let Some(idle_time) = pool.upgrade().map(|pool| pool.engine.limits().idle_time) {
        sleep(idle_time).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut state = pool.state.lock();
        let is_stale = |instance: &&Instance<T::Exports>| instance.idle_since.elapsed() >= idle_time;
        let count = state.idle.iter().take_while(is_stale).count();
        let evicted: Vec<_> = state.idle.drain(..count).collect();
        state.is_watched = !state.idle.is_empty();
        let is_watched = state.is_watched;
        drop(state);
        drop(evicted);
        if !is_watched {
            return;
        }
    }
}
