//! `waybill up`: everything in one process.

use std::{convert::Infallible, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tower::{ServiceBuilder, service_fn};
use wasmtime::component::Component;
use waybill_postgres::Database;
use waybill_relay::{Relay, RelayConfig};
use waybill_telemetry::{Telemetry, TelemetryConfig};

use crate::{
    components, databases,
    deliver::InProcess,
    http::{Gateway, Listener, Role, Server, cors},
    migrate,
    runtime::{Blueprint, Engine, HttpService, MessageService},
    settings::{ComponentName, ListenSettings, LogSettings, UpSettings},
    signals,
};

/// The time that requests in hand get to end after the program was asked to.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// The time that the relay, and then the databases, get to end after that.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// Runs `waybill up` until it is asked to end.
pub async fn run(settings: UpSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let telemetry = Telemetry::start(TelemetryConfig::from_env(Some(logs.log.clone()), logs.log_format)?)?;
    let listeners = Listeners::bind(&settings.listen).await?;
    let (orders, invoices, compiled) = tokio::try_join!(
        migrated(ComponentName::Orders, &settings),
        migrated(ComponentName::Invoices, &settings),
        compile(&settings),
    )?;
    let stop_requests = CancellationToken::new();
    let stop_relay = CancellationToken::new();
    let mut serving = JoinSet::new();
    let (roles, relay) = wire(&telemetry, &compiled, &orders, &invoices)?;
    listeners.serve(roles, &settings, &stop_requests, &mut serving);
    let relay = tokio::spawn(relay.run(stop_relay.clone()));

    let signal = signals::asked_to_end().await?;
    tracing::info!("{signal}: no new connections are taken; what is in hand is being finished");
    stop_requests.cancel();
    while serving.join_next().await.is_some() {}
    compiled.engine.retire();
    stop_relay.cancel();
    if timeout(CLOSE_TIME, relay).await.is_err() {
        tracing::warn!("the relay did not end within {CLOSE_TIME:?}; its rows stay in the outbox");
    }
    if timeout(CLOSE_TIME, async { tokio::join!(orders.close(), invoices.close()) }).await.is_err() {
        tracing::warn!("the databases did not close within {CLOSE_TIME:?}; they recover at the next start");
    }
    telemetry.shutdown().await;
    Ok(())
}

/// Opens a database and brings it to this version's schema.
async fn migrated(name: ComponentName, settings: &UpSettings) -> anyhow::Result<Database> {
    let database = databases::open(name, &settings.databases).await?;
    for file in migrate::apply(&database, name, &migrate::migrations(name)).await? {
        tracing::info!("applied migrations/{}/{file}", name.as_str());
    }
    Ok(database)
}

/// The engine with both components, compiled side by side.
struct Compiled {
    engine: Engine,
    orders: Component,
    invoices: Component,
}

async fn compile(settings: &UpSettings) -> anyhow::Result<Compiled> {
    let engine = Engine::new((&settings.limits).into(), Some(&settings.databases.data.join("cache")))?;
    let component = |name: ComponentName| {
        let (engine, chosen) = (engine.clone(), settings.components.clone());
        tokio::task::spawn_blocking(move || {
            let bytes = components::bytes(name, &chosen)?;
            engine
                .compile(&bytes)
                .with_context(|| format!("the component {} cannot be compiled", name.as_str()))
        })
    };
    let (orders, invoices) =
        tokio::try_join!(component(ComponentName::Orders), component(ComponentName::Invoices))?;
    give_back_memory();
    Ok(Compiled { engine, orders: orders?, invoices: invoices? })
}

/// Gives back what a compilation used and glibc's allocator would keep: some 70 MB after the first start.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
fn give_back_memory() {
    // SAFETY: `malloc_trim` has no preconditions; it only returns free pages to the kernel.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back_memory() {}

/// The two services, ready for requests.
struct Roles {
    orders: Role,
    invoices: Role,
}

/// Puts the system together against the direction of an order: invoices first, then the relay that feeds them, then the
/// orders that feed the relay.
fn wire(
    telemetry: &Telemetry,
    compiled: &Compiled,
    orders: &Database,
    invoices: &Database,
) -> anyhow::Result<(Roles, Relay<InProcess>)> {
    let (orders_service, invoices_service) = (telemetry.service("orders"), telemetry.service("invoices"));
    let engine = &compiled.engine;

    let blueprint = Blueprint::new(
        "invoices",
        engine,
        &compiled.invoices,
        Arc::new(invoices.clone()),
        invoices_service.clone(),
    )?;
    let messages = MessageService::new(blueprint.clone())?;
    let invoices_role = Role::new("invoices", HttpService::new(blueprint)?, invoices_service.clone(), None);

    let transport = InProcess::new(messages, invoices.clone(), invoices_service);
    let relay = Relay::new(
        orders.clone(),
        transport,
        RelayConfig { drain_limit: CLOSE_TIME * 3 / 4, ..RelayConfig::default() },
        orders_service.clone(),
    );

    let blueprint =
        Blueprint::new("orders", engine, &compiled.orders, Arc::new(orders.clone()), orders_service.clone())?;
    let orders_role = Role::new("orders", HttpService::new(blueprint)?, orders_service, Some(relay.waker()));
    Ok((Roles { orders: orders_role, invoices: invoices_role }, relay))
}

/// The three addresses, taken before anything else is begun: a taken port should be said at once.
struct Listeners {
    orders: Listener,
    invoices: Listener,
    gateway: Listener,
}

impl Listeners {
    async fn bind(settings: &ListenSettings) -> anyhow::Result<Self> {
        Ok(Self {
            orders: Listener::bind(settings.orders_listen, "--orders-listen").await?,
            invoices: Listener::bind(settings.invoices_listen, "--invoices-listen").await?,
            gateway: Listener::bind(settings.gateway_listen, "--gateway-listen").await?,
        })
    }

    /// Serves all three and says where, on standard output, in lines that programs can read too.
    fn serve(self, roles: Roles, settings: &UpSettings, stop: &CancellationToken, serving: &mut JoinSet<()>) {
        println!("orders    http://{}", self.orders.address());
        println!("invoices  http://{}", self.invoices.address());
        println!("gateway   http://{}", self.gateway.address());
        println!("ready");
        println!();
        println!(
            "Try: curl -H 'Content-Type: application/json' -d '{{\"amount\": 5000}}' http://{}/orders",
            self.gateway.address()
        );
        println!("     curl http://{}/invoices", self.gateway.address());

        let gateway = Gateway::new(roles.orders.clone(), roles.invoices.clone());
        let server = Server::new(stop.clone());
        let (orders, invoices) = (roles.orders, roles.invoices);
        serving.spawn(server.clone().serve(
            self.orders,
            service_fn(move |request| {
                let role = orders.clone();
                async move { Ok::<_, Infallible>(role.handle(request).await) }
            }),
            DRAIN_TIME,
        ));
        serving.spawn(server.clone().serve(
            self.invoices,
            service_fn(move |request| {
                let role = invoices.clone();
                async move { Ok::<_, Infallible>(role.handle(request).await) }
            }),
            DRAIN_TIME,
        ));
        serving.spawn(server.serve(
            self.gateway,
            ServiceBuilder::new().layer(cors(&settings.cors_origins)).service(service_fn(move |request| {
                let gateway = gateway.clone();
                async move { Ok::<_, Infallible>(gateway.handle(request).await) }
            })),
            DRAIN_TIME,
        ));
    }
}
