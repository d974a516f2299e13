//! The component as a host runs it: a command in a store of its own, whose handler is a [`Recorder`].

use std::sync::OnceLock;

use tokio::task::JoinHandle;
use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{Config, Engine, OptLevel, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use waybill_broker::{Delivery, Handler as _};
use waybill_tests::component_bytes;

use self::bindings::wasmcloud::messaging::types::BrokerMessage;
use self::bindings::wasmcloud::messaging::{handler, types};
use crate::support::Recorder;

#[allow(clippy::pedantic)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "waybill:components/rabbitmq-trigger",
        imports: { default: async | trappable },
        require_store_data_send: true,
    });
}

/// More than the component needs for the largest body that it handles, and less than a larger one has in the tests.
const MEMORY_BYTES: usize = 16 << 20;

/// What a handler says that traps, as one does whose component panics.
pub const TRAP: &str = "trap";

struct Host {
    wasi: WasiCtx,
    table: ResourceTable,
    limits: StoreLimits,
    handler: Recorder,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl types::Host for Host {}

impl handler::Host for Host {
    async fn handle_message(&mut self, message: BrokerMessage) -> wasmtime::Result<Result<(), String>> {
        let BrokerMessage { subject, body, .. } = message;
        let delivery = Delivery { subject, body: body.into(), message_id: None, trace: None, attempt: 0 };
        match self.handler.handle(delivery).await.map_err(|error| error.to_string()) {
            Err(error) if error == TRAP => Err(wasmtime::format_err!("the component trapped")),
            answer => Ok(answer),
        }
    }
}

/// A running component. It ends when this is dropped, as by a kill.
pub struct Trigger {
    running: JoinHandle<wasmtime::Result<Result<(), ()>>>,
    stderr: MemoryOutputPipe,
}

impl Trigger {
    pub fn start(url: &str, handler: &Recorder) -> Self {
        Self::with(&[("BROKER_URL", url), ("WAYBILL_RETRY_DELAYS", "50ms,100ms")], handler)
    }

    pub fn with(variables: &[(&str, &str)], handler: &Recorder) -> Self {
        // Compiling takes long on a busy machine, and the limits of time in tests are for what comes then.
        tokio::task::block_in_place(compiled);
        let stderr = MemoryOutputPipe::new(1 << 20);
        let wasi = WasiCtx::builder()
            .envs(variables)
            .stderr(stderr.clone())
            .inherit_network()
            .allow_tcp(true)
            .allow_ip_name_lookup(true)
            .build();
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY_BYTES).trap_on_grow_failure(true).build();
        let host = Host { wasi, table: ResourceTable::new(), limits, handler: handler.clone() };
        Self { running: tokio::spawn(run(host)), stderr }
    }

    /// What it has said so far.
    pub fn says(&self) -> String {
        String::from_utf8_lossy(&self.stderr.contents()).into_owned()
    }

    /// Waits for its end, which only a bad setting or a trap causes.
    pub async fn ended(&mut self) -> wasmtime::Result<Result<(), ()>> {
        (&mut self.running).await.unwrap()
    }
}

impl Drop for Trigger {
    fn drop(&mut self) {
        self.running.abort();
        // The harness shows it when the test failed.
        println!("{}", self.says());
    }
}

async fn run(host: Host) -> wasmtime::Result<Result<(), ()>> {
    let (engine, component) = compiled();
    let mut linker = Linker::<Host>::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    bindings::RabbitmqTrigger::add_to_linker::<Host, HasSelf<Host>>(&mut linker, |host| host)?;
    let mut store = Store::new(engine, host);
    store.limiter(|host| &mut host.limits);
    let command = Command::instantiate_async(&mut store, component, &linker).await?;
    command.wasi_cli_run().call_run(&mut store).await
}

fn compiled() -> &'static (Engine, Component) {
    static COMPILED: OnceLock<(Engine, Component)> = OnceLock::new();
    COMPILED.get_or_init(|| {
        // What it runs is short, and compiling is most of the time of these tests.
        let engine = Engine::new(Config::new().cranelift_opt_level(OptLevel::None)).unwrap();
        let component = Component::new(&engine, component_bytes("rabbitmq-trigger")).unwrap();
        (engine, component)
    })
}
