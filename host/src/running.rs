//! A running process: what it has started, and the order in which that is ended.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use http::Request;
use hyper::body::Incoming;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tower::service_fn;
use waybill_broker::{Broker, BrokerConfig, Handler};
use waybill_postgres::Database;
use waybill_relay::{Relay, RelayConfig, Transport};
use waybill_telemetry::{Telemetry, TelemetryConfig};
use waybill_webhooks::Webhooks;

use crate::{
    health::Health,
    http::{Admin, Listener, Role, Server},
    metrics::Metrics,
    runtime::Engine,
    settings::{AdminListen, LogSettings},
    signals::Signals,
};

/// The time that requests and messages in hand get to end after the program was asked to.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// The time that the relay, and then the databases, get to end after that.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// What a role has started. It ends in the direction of an order: first nothing more is taken in, then the relay
/// delivers what it has in hand, then the links close.
pub struct Running {
    /// Traces and logs.
    pub telemetry: Telemetry,
    metrics: Metrics,
    admin: Option<Listener>,
    intake: Stage,
    relay: Stage,
    engine: Option<Engine>,
    broker: Option<Broker>,
    databases: Vec<Database>,
    signals: Option<Signals>,
}

#[derive(Default)]
struct Stage {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Running {
    /// Starts with telemetry, so that everything after it is logged.
    pub fn start(logs: &LogSettings) -> anyhow::Result<Self> {
        let telemetry =
            Telemetry::start(TelemetryConfig::from_env(Some(logs.log.clone()), logs.log_format)?)?;
        Ok(Self {
            telemetry,
            metrics: Metrics::default(),
            admin: None,
            intake: Stage::default(),
            relay: Stage::default(),
            engine: None,
            broker: None,
            databases: Vec::new(),
            signals: None,
        })
    }

    /// Takes the address for operators, when one is wanted.
    pub async fn bind_admin(&mut self, settings: &AdminListen) -> anyhow::Result<()> {
        if let Some(address) = settings.admin_listen {
            self.admin = Some(Listener::bind(address, "--admin-listen").await?);
        }
        Ok(())
    }

    /// Closes this database, known as `name`, at the end.
    pub fn keep_database(&mut self, name: &'static str, database: &Database) {
        self.metrics.add_database(name, database);
        self.databases.push(database.clone());
    }

    /// Retires this engine's instances before the relay ends.
    pub fn keep_engine(&mut self, engine: &Engine) {
        self.engine = Some(engine.clone());
    }

    /// Links this process to RabbitMQ. A server that is not there yet is waited for, and `/health` says so.
    pub fn link_broker(&mut self, mut config: BrokerConfig) -> anyhow::Result<Broker> {
        config.drain_timeout = DRAIN_TIME;
        let broker = Broker::start(config)?;
        self.metrics.add_broker(&broker);
        self.broker = Some(broker.clone());
        Ok(broker)
    }

    /// Serves a component.
    pub fn serve_role(&mut self, listener: Listener, role: Role) {
        self.serve(
            listener,
            service_fn(move |request| {
                let role = role.clone();
                async move { Ok::<_, Infallible>(role.handle(request).await) }
            }),
        );
    }

    /// Serves operators, if an address was taken for them. `health` is that of the whole process.
    pub fn serve_admin(&mut self, health: Health) {
        let Some(listener) = self.admin.take() else { return };
        announce("admin", listener.address());
        let admin = Admin { health, metrics: self.metrics.clone() };
        self.serve(
            listener,
            service_fn(move |request: Request<Incoming>| {
                let answer = admin.answer(&request);
                async move { Ok::<_, Infallible>(answer) }
            }),
        );
    }

    /// Serves anything.
    pub fn serve<S>(&mut self, listener: Listener, service: S)
    where
        S: tower::Service<
                Request<Incoming>,
                Response = http::Response<wasmtime_wasi_http::WasiBody>,
                Error = Infallible,
            > + Clone
            + Send
            + 'static,
        S::Future: Send,
    {
        let server = Server::new(self.intake.stop.clone());
        self.intake.tasks.spawn(server.serve(listener, service, DRAIN_TIME));
    }

    /// Consumes the queue of `broker`.
    pub fn consume<H: Handler>(&mut self, broker: &Broker, handler: H) {
        let (consumer, stop) = (broker.consumer(), self.intake.stop.clone());
        self.intake.tasks.spawn(async move { consumer.run(handler, stop).await });
    }

    /// Runs the relay.
    pub fn relay<T: Transport>(&mut self, relay: Relay<T>) {
        self.metrics.add_relay(relay.status());
        let stop = self.relay.stop.clone();
        self.relay.tasks.spawn(relay.run(stop));
    }

    /// Runs the relay of webhooks, which ends together with that of events.
    pub fn webhooks(&mut self, webhooks: Webhooks) {
        self.metrics.add_webhooks(webhooks.status());
        let stop = self.relay.stop.clone();
        self.relay.tasks.spawn(webhooks.run(stop));
    }

    /// Says that everything is there. Whoever reads it may take the program at its word and ask it to end, so the signals
    /// are listened to before.
    pub fn say_ready(&mut self) -> anyhow::Result<()> {
        self.signals = Some(Signals::listen()?);
        println!("ready");
        Ok(())
    }

    /// Waits for SIGINT or SIGTERM, and ends everything within 10 s.
    pub async fn until_asked_to_end(mut self) -> anyhow::Result<()> {
        let signals = self.signals.take().map_or_else(Signals::listen, Ok)?;
        let signal = signals.asked_to_end().await;
        tracing::info!("{signal}: nothing more is taken in; what is in hand is being finished");
        self.end().await;
        Ok(())
    }

    /// Ends everything within 10 s.
    pub async fn end(mut self) {
        self.intake.stop.cancel();
        while self.intake.tasks.join_next().await.is_some() {}
        if let Some(engine) = &self.engine {
            engine.retire();
        }
        self.relay.stop.cancel();
        let relay = async { while self.relay.tasks.join_next().await.is_some() {} };
        if timeout(CLOSE_TIME, relay).await.is_err() {
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
        self.telemetry.shutdown().await;
    }
}

/// A relay's settings, with the time that this process gives it at the end.
pub fn within_close_time(mut config: RelayConfig) -> RelayConfig {
    config.drain_limit = CLOSE_TIME * 3 / 4;
    config
}

/// Says on standard output where something is served, in lines that programs can read too.
pub fn announce(name: &str, address: SocketAddr) {
    println!("{name:<9} http://{address}");
}
