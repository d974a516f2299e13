use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use parking_lot::Mutex;
use wasmtime::component::Component;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::answer_memory::AnswerMemory;
use super::wasi_version::WasiVersion;

/// How often a running instance checks its deadline, and yields its thread to others.
const TICK: Duration = Duration::from_millis(10);

/// Time that an instance has beyond its request, so that a request that timed out is answered before its instance is dropped.
const GRACE: Duration = Duration::from_millis(500);

/// Limits of each component; `memory_bytes` is the limit of each instance.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Busy instances; further requests wait for one.
    pub instances: u32,
    /// Requests in flight, waiting ones included; further ones are refused at once.
    pub requests_in_flight: u32,
    /// Requests that an instance serves before a fresh one replaces it; 1 gives each request its own.
    pub requests_per_instance: usize,
    /// Linear memory of an instance, in bytes.
    pub memory_bytes: usize,
    /// From the last byte of a request to the first byte of its answer.
    pub request_time: Duration,
    /// How long an idle instance is kept.
    pub idle_time: Duration,
    /// What all requests with large answers may take together, in bytes.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            instances: 64,
            requests_in_flight: 512,
            requests_per_instance: 1_000,
            memory_bytes: 64 << 20,
            request_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(30),
            answer_bytes: 60 << 20,
        }
    }
}

/// Compiles components and allocates their instances: from one pool for all of the same version of WASI.
#[derive(Clone)]
pub struct Engine {
    config: fn(Limits) -> anyhow::Result<Config>,
    made: Arc<Mutex<Made>>,
    limits: Limits,
    answers: AnswerMemory,
}

/// The engines that were needed so far. There are two because a call costs more in one that runs calls as tasks.
#[derive(Default)]
struct Made {
    blocking: Option<wasmtime::Engine>,
    concurrent: Option<wasmtime::Engine>,
}

impl Engine {
    pub fn new(limits: Limits) -> Self {
        Self::configured(pooled, limits)
    }

    /// An engine for tools such as valgrind: code for any x86-64, no pool and no reserved address space.
    pub fn portable(limits: Limits) -> Self {
        Self::configured(portable, limits)
    }

    fn configured(config: fn(Limits) -> anyhow::Result<Config>, limits: Limits) -> Self {
        Self { config, made: Arc::default(), limits, answers: AnswerMemory::new(limits.answer_bytes) }
    }

    /// Compiles a component from its bytes.
    pub fn compile(&self, bytes: &[u8]) -> anyhow::Result<Component> {
        Ok(Component::from_binary(&self.of(WasiVersion::of(bytes))?, bytes)?)
    }

    /// Compiles a component into the bytes of a file that [`Engine::load`] takes.
    pub fn precompile(&self, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        Ok(self.of(WasiVersion::of(bytes))?.precompile_component(bytes)?)
    }

    /// Maps a compiled component into memory. Fails for another version of the engine or of WASI, or another machine.
    #[allow(unsafe_code)]
    pub fn load(&self, file: &Path, version: WasiVersion) -> anyhow::Result<Component> {
        let engine = self.of(version)?;
        // SAFETY: the file is machine code that this process runs. It is in the data folder, to which only `waybill compile`
        // writes, like the databases beside it; it is moved there complete and never changes.
        Ok(unsafe { Component::deserialize_file(&engine, file) }?)
    }

    /// The engine for components of this version.
    pub(crate) fn of(&self, version: WasiVersion) -> anyhow::Result<wasmtime::Engine> {
        let mut made = self.made.lock();
        let engine = match version {
            WasiVersion::V0_2 => &mut made.blocking,
            WasiVersion::V0_3 => &mut made.concurrent,
        };
        if let Some(engine) = engine {
            return Ok(engine.clone());
        }
        let mut config = (self.config)(self.limits)?;
        config.epoch_interruption(true);
        config.concurrency_support(version == WasiVersion::V0_3);
        let new = wasmtime::Engine::new(&config).map_err(anyhow::Error::from)?;
        tick(&new)?;
        Ok(engine.insert(new).clone())
    }

    /// Whether a component runs in the engine for those of WASI 0.3.
    pub(super) fn is_concurrent(&self, component: &Component) -> bool {
        let concurrent = self.made.lock().concurrent.clone();
        concurrent.is_some_and(|engine| wasmtime::Engine::same(&engine, component.engine()))
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What requests with large answers of all components share.
    pub fn answers(&self) -> &AnswerMemory {
        &self.answers
    }

    /// The deadline of a call that starts now.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.limits.request_time + GRACE
    }
}

#[allow(clippy::unnecessary_wraps, reason = "its twin names a target, which can fail")]
fn pooled(limits: Limits) -> anyhow::Result<Config> {
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    Ok(config)
}

fn portable(_: Limits) -> anyhow::Result<Config> {
    let mut config = Config::new();
    config.target("x86_64-unknown-linux-gnu")?;
    config.memory_reservation(0).memory_guard_size(0).memory_reservation_for_growth(0);
    Ok(config)
}

/// Slots of instances that keep their memory while no instance has them; each keeps up to 1 MiB.
const WARM_SLOTS: u32 = 16;

/// Slots for the instances of two components, each for requests and for messages, and for those that are being dropped.
/// A component consists of a few core modules (the program, its adapter, the shims between them), of which one has a
/// memory.
fn pool(limits: Limits) -> PoolingAllocationConfig {
    let instances = limits.instances * 4 + 16;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * 6)
        .total_memories(instances)
        .total_tables(instances * 6)
        .total_stacks(instances * 2)
        .max_memory_size(limits.memory_bytes)
        // Dirty pages are cleared up to here and returned to the kernel beyond: to fault in the few pages that a request
        // touches costs more than to clear them. Linux 6.7 and later report which ones are dirty.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(16 << 10)
        .async_stack_keep_resident(16 << 10)
        .max_unused_warm_slots(limits.instances.min(WARM_SLOTS));
    pool
}

/// Advances the engine's epoch on a thread of its own, which ends with the engine.
fn tick(engine: &wasmtime::Engine) -> anyhow::Result<()> {
    let engine = engine.weak();
    thread::Builder::new()
        .name("epoch".into())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        })
        .context("the thread that limits the time of components cannot be started")?;
    Ok(())
}
