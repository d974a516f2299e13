//! A running process: what it has started, and the order in which that ends.

mod descriptors;
mod early_end;
mod memory;
mod relay;
mod signals;
mod stage;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use relay::CLOSE_TIME;
pub use relay::{RelayHandle, within_close_time};
use signals::Signals;
use stage::Stage;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::service_fn;
use waybill_broker::{Broker, BrokerConfig, Handler};
use waybill_local_postgres::LocalPostgres;
use waybill_postgres::Database;
use waybill_relay::{Relay, Transport};
use waybill_telemetry::{Telemetry, TelemetryConfig};
use waybill_webhooks::Webhooks;

use crate::depths::{DepthSources, DepthWatch};
use crate::health::Health;
use crate::http::{Admin, ComponentService, Connections, Listener, OriginCheck, RequestBody, Server};
use crate::metrics::watch;
use crate::output;
use crate::settings::{AdminListen, ConnectionSettings, DrainSettings, LogSettings};

/// The time that requests and messages in flight have to finish after the signal to end.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// The time that requests to the admin address have at the very end.
const ADMIN_DRAIN_TIME: Duration = Duration::from_millis(500);

/// What a command has started. It ends in the direction of an order: first readiness is 503, for the drain delay, so that load balancers
/// see it; then the listeners and the consumer stop, the relay finishes its batch, and the connections close.
pub struct Process {
    pub telemetry: Arc<Telemetry>,
    /// Cancelled first, so that readiness is 503 during the whole drain.
    ending: CancellationToken,
    connections: Connections,
    drain_delay: Duration,
    admin: Option<Listener>,
    admins: Stage,
    depths: DepthSources,
    depth_watch: Option<DepthWatch>,
    intake: Stage,
    relay: Stage,
    broker: Option<Broker>,
    databases: Vec<Database>,
    local_postgres: Vec<Arc<LocalPostgres>>,
    signals: Option<Signals>,
}

impl Process {
    /// Starts telemetry first, so that everything after it is logged. Metrics carry `name`.
    pub fn start(name: &str, logs: &LogSettings) -> anyhow::Result<Self> {
        Self::start_with(name, TelemetryConfig::from_env(Some(logs.log.clone()), logs.log_format)?)
    }

    pub fn start_with(name: &str, config: TelemetryConfig) -> anyhow::Result<Self> {
        let telemetry = Telemetry::start(config)?;
        telemetry.start_metrics(name)?;
        descriptors::raise_limit();
        watch::build();
        tokio::spawn(memory::return_unused_memory());
        Ok(Self {
            telemetry: Arc::new(telemetry),
            ending: CancellationToken::new(),
            connections: Connections::of_operators(),
            drain_delay: Duration::ZERO,
            admin: None,
            admins: Stage::default(),
            depths: DepthSources::default(),
            depth_watch: None,
            intake: Stage::default(),
            relay: Stage::default(),
            broker: None,
            databases: Vec::new(),
            local_postgres: Vec::new(),
            signals: None,
        })
    }

    /// Binds the admin address, if one is set.
    pub async fn bind_admin(&mut self, settings: &AdminListen) -> anyhow::Result<()> {
        if let Some(address) = settings.admin_listen {
            self.admin = Some(Listener::bind(address, "--admin-listen").await?);
        }
        Ok(())
    }

    /// Sets the time between the signal, when health becomes 503, and the closing of the listeners.
    pub fn delay_drain(&mut self, settings: DrainSettings) {
        self.drain_delay = Duration::from_secs(settings.drain_delay_s.into());
    }

    /// Sets the limits of the connections of all listeners but the admin address, which has limits of its own.
    pub fn limit_connections(&mut self, settings: &ConnectionSettings) -> anyhow::Result<()> {
        self.connections = Connections::new(settings.limits(descriptors::connections_within_limit())?);
        Ok(())
    }

    /// Closes this database at the end. Metrics call it `name`.
    pub fn keep_database(&mut self, name: &'static str, database: &Database) {
        watch::database(name, database);
        if name == "invoices" {
            self.depths.invoices = Some(database.clone());
        }
        self.databases.push(database.clone());
    }

    /// Stops this PostgreSQL after all databases are closed.
    pub fn keep_local_postgres(&mut self, local: Option<Arc<LocalPostgres>>) {
        self.local_postgres.extend(local);
    }

    /// Connects to RabbitMQ. While the server is unavailable, `/health` says so.
    pub fn link_broker(&mut self, mut config: BrokerConfig) -> anyhow::Result<Broker> {
        config.drain_timeout = DRAIN_TIME;
        let broker = Broker::start(config)?;
        watch::broker(&broker);
        self.broker = Some(broker.clone());
        Ok(broker)
    }

    /// Serves a component to requests that `origins` admits.
    pub fn serve_component(&mut self, listener: Listener, origins: OriginCheck, service: ComponentService) {
        let service = Arc::new(service);
        self.serve(
            listener,
            origins,
            service_fn(move |request| {
                let service = Arc::clone(&service);
                async move { Ok::<_, Infallible>(service.handle(request).await) }
            }),
        );
    }

    /// Serves the admin address, if one is bound. `health` is that of the whole process.
    pub fn serve_admin(&mut self, health: Health) {
        self.watch_depths();
        let Some(listener) = self.admin.take() else { return };
        announce("admin", listener.address());
        let health = health.until(self.ending());
        let admin = Admin { health, telemetry: self.telemetry.clone() };
        let service = service_fn(move |request: Request<RequestBody>| {
            let answer = admin.answer(&request);
            async move { Ok::<_, Infallible>(answer) }
        });
        // It outlives everything else, to report that this process is ending.
        let server = Server::new(Connections::of_operators(), self.admins.stop.clone());
        let origins = OriginCheck::of_operators(listener.address());
        self.admins.spawn(server.serve(listener, origins, service, ADMIN_DRAIN_TIME));
    }

    /// Measures the depths every few seconds from now on.
    pub fn watch_depths(&mut self) -> DepthWatch {
        if let Some(watch) = &self.depth_watch {
            return watch.clone();
        }
        let (watch, measuring) = std::mem::take(&mut self.depths).watch(self.intake.stop.clone());
        self.intake.spawn(measuring);
        watch::depths(&watch);
        self.depth_watch = Some(watch.clone());
        watch
    }

    /// Serves requests that `origins` admits.
    pub fn serve<S>(&mut self, listener: Listener, origins: OriginCheck, service: S)
    where
        S: tower::Service<
                Request<RequestBody>,
                Response = http::Response<wasmtime_wasi_http::WasiBody>,
                Error = Infallible,
            > + Clone
            + Send
            + 'static,
        S::Future: Send,
    {
        let server = Server::new(self.connections.clone(), self.intake.stop.clone());
        self.intake.spawn(server.serve(listener, origins, service, DRAIN_TIME));
    }

    /// Runs a task that ends by itself after [`Process::stop`].
    pub fn intake(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.intake.spawn(work);
    }

    /// Cancelled when the listeners and the consumer stop.
    pub fn stop(&self) -> CancellationToken {
        self.intake.stop.clone()
    }

    /// Cancelled when the process is asked to end.
    pub fn ending(&self) -> CancellationToken {
        self.ending.clone()
    }

    /// Consumes the queue of `broker`.
    pub fn consume<H: Handler>(&mut self, broker: &Broker, handler: H) {
        let (consumer, stop) = (broker.consumer(), self.intake.stop.clone());
        self.depths.broker = Some(broker.clone());
        self.intake.spawn(async move { consumer.run(handler, stop).await });
    }

    /// Runs the relay.
    pub fn relay<T: Transport>(&mut self, relay: Relay<T>) -> RelayHandle {
        let handle = RelayHandle { status: relay.status(), waker: relay.waker() };
        watch::relay(&handle.status);
        self.depths.relay = Some(handle.status.clone());
        let stop = self.relay.stop.clone();
        self.relay.spawn(relay.run(stop));
        handle
    }

    /// Runs the delivery of webhooks, which ends together with the relay.
    pub fn webhooks(&mut self, webhooks: Webhooks) {
        watch::webhooks(&webhooks.status());
        let stop = self.relay.stop.clone();
        self.relay.spawn(webhooks.run(stop));
    }

    /// Prints `ready`. A reader may send a signal at once, so the handlers are installed before.
    pub fn say_ready(&mut self) -> anyhow::Result<()> {
        if self.signals.is_none() {
            self.signals = Some(Signals::listen()?);
        }
        output::notice("ready");
        Ok(())
    }

    /// Waits for SIGINT or SIGTERM, and ends everything within the drain delay plus 10 s.
    pub async fn until_asked_to_end(self) -> anyhow::Result<()> {
        self.until_asked_to_end_while(std::future::pending()).await
    }

    /// Runs `work` until then, and cancels it.
    pub async fn until_asked_to_end_while(mut self, work: impl Future<Output = ()>) -> anyhow::Result<()> {
        let signals = self.signals.take().map_or_else(Signals::listen, Ok)?;
        tokio::select! {
            signal = signals.asked_to_end() => {
                self.ending.cancel();
                if !self.drain_delay.is_zero() {
                    tracing::info!("{signal}: readiness is 503; listeners close in {:?}", self.drain_delay);
                    tokio::time::sleep(self.drain_delay).await;
                }
                tracing::info!("{signal}: listeners are closed; requests in flight are finished");
            }
            () = work => {}
        }
        self.end().await;
        Ok(())
    }

    /// Ends everything within 10 s.
    pub async fn end(mut self) {
        self.ending.cancel();
        self.intake.end().await;
        if timeout(CLOSE_TIME, self.relay.end()).await.is_err() {
            tracing::warn!("the relay did not end within {CLOSE_TIME:?}; its rows stay in the outbox");
        }
        let links = async {
            if let Some(broker) = &self.broker {
                broker.close().await;
            }
            futures::future::join_all(self.databases.iter().map(Database::close)).await;
        };
        if timeout(CLOSE_TIME, links).await.is_err() {
            tracing::warn!(
                "the databases did not close within {CLOSE_TIME:?}; they recover at the next start"
            );
        }
        for local in self.local_postgres {
            let stopped = tokio::task::spawn_blocking(move || local.stop(CLOSE_TIME)).await;
            if !matches!(stopped, Ok(true)) {
                tracing::warn!(
                    "PostgreSQL did not stop within {CLOSE_TIME:?}; it recovers at the next start"
                );
            }
        }
        self.admins.end().await;
        self.telemetry.shutdown().await;
    }
}

/// Prints where something is served, one line each, for people and programs.
pub fn announce(name: &str, address: SocketAddr) {
    output::notice(format_args!("{name:<9} http://{address}"));
}
