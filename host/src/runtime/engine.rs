use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use wasmtime::component::Component;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often a running guest is asked whether its time is over. Also the longest that one guest keeps a thread before
/// others get their turn.
const TICK: Duration = Duration::from_millis(10);

/// Time that an instance gets to compute beyond the request's own, so that a request that is over is answered as such before its
/// instance is thrown away.
const GRACE: Duration = Duration::from_millis(500);

/// What instances may use. Each limit holds per component, except `memory_bytes`, which holds per instance.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Instances that work at the same time; further requests wait for one.
    pub instances: u32,
    /// Requests in hand, those that wait included; further ones are refused at once.
    pub requests_in_flight: u32,
    /// Requests that an instance serves before a fresh one takes its place; 1 gives each request its own.
    pub requests_per_instance: usize,
    /// Linear memory of an instance, in bytes.
    pub memory_bytes: usize,
    /// The time that a request may take from its last byte in to its first byte out.
    pub request_time: Duration,
    /// How long an instance without work is kept.
    pub idle_time: Duration,
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
        }
    }
}

/// Compiles components and allocates their instances from one pool.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    limits: Limits,
}

impl Engine {
    pub fn new(limits: Limits) -> anyhow::Result<Self> {
        let mut config = Config::new();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
        Self::configured(config, limits)
    }

    /// An engine without a pool and without address space in reserve, for machine code that any x86-64 runs: for tools such as
    /// valgrind, which know neither all processors nor terabytes.
    pub fn portable(limits: Limits) -> anyhow::Result<Self> {
        let mut config = Config::new();
        config.target("x86_64-unknown-linux-gnu")?;
        config.memory_reservation(0).memory_guard_size(0).memory_reservation_for_growth(0);
        Self::configured(config, limits)
    }

    fn configured(mut config: Config, limits: Limits) -> anyhow::Result<Self> {
        config.epoch_interruption(true);
        // The components are of WASI 0.2: each has one call at a time, and blocks in what it calls.
        config.concurrency_support(false);
        let engine = wasmtime::Engine::new(&config).map_err(anyhow::Error::from)?;
        tick(&engine)?;
        Ok(Self { wasmtime: engine, limits })
    }

    /// Compiles a component from its bytes.
    pub fn compile(&self, bytes: &[u8]) -> anyhow::Result<Component> {
        Ok(Component::from_binary(&self.wasmtime, bytes)?)
    }

    /// Compiles a component into the bytes of a file that [`Engine::load`] takes.
    pub fn precompile(&self, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        Ok(self.wasmtime.precompile_component(bytes)?)
    }

    /// Maps a compiled component into memory. One of another version or for another machine is refused.
    #[allow(unsafe_code)]
    pub fn load(&self, file: &Path) -> anyhow::Result<Component> {
        // SAFETY: the file is machine code that is run, so whoever can write it can do what this program can. It is in the
        // data folder, which `waybill compile` writes and nobody else may, like the databases beside it; and it is put there
        // whole and never changed.
        Ok(unsafe { Component::deserialize_file(&self.wasmtime, file) }?)
    }

    /// The limits that instances of this engine keep.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn inner(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    /// When a call that starts now must have stopped computing.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.limits.request_time + GRACE
    }
}

/// Room for the instances of two components, each for requests and for messages, and for those that are just being
/// thrown away. A component consists of a few core modules (the program, its adapter, the shims between them), of which
/// one has a memory.
fn pool(limits: Limits) -> PoolingAllocationConfig {
    let instances = limits.instances * 4 + 16;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * 6)
        .total_memories(instances)
        .total_tables(instances * 6)
        .total_stacks(instances * 2)
        .max_memory_size(limits.memory_bytes)
        // What an instance dirtied is wiped by the CPU up to here and given back to the kernel beyond: taking the few pages
        // that a request touches from the kernel again, one fault each, costs more than clearing them. Where the kernel can
        // tell which they are (since Linux 6.7), no others are touched.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(16 << 10)
        .async_stack_keep_resident(16 << 10)
        .max_unused_warm_slots(limits.instances);
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
        .context("the thread that limits the components' time cannot be started")?;
    Ok(())
}
