//! `waybill up`: everything in one process.

use std::convert::Infallible;
use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use tower::{ServiceBuilder, service_fn};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use waybill_broker::Broker;
use waybill_postgres::{Database, SessionSettings};
use waybill_relay::{Relay, RelayConfig, RelayStatus, Waker};
use waybill_telemetry::{KeptTraces, Service, TelemetryConfig, TraceSettings};
use waybill_transports::{InProcess, RabbitMq};

use crate::console::{self, Console};
use crate::databases::{Databases, invoices_session_settings};
use crate::health::Health;
use crate::http::{Gateway, Listener, OriginCheck, REQUEST_ID, Role, cors};
use crate::invoices_handler::InvoicesHandler;
use crate::journal::{Journal, Noted};
use crate::running::{Running, announce, within_close_time};
use crate::serve::{asks_for_keys, invoices_service, orders_service};
use crate::settings::{AddressOrOff, ComponentName, LogSettings, UpSettings};
use crate::traces_ui::{TraceLinks, TracesUi};
use crate::{components, webhooks};

/// Runs `waybill up` until it is asked to end.
pub async fn run(settings: UpSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let (mut running, traces) = start(&settings, logs)?;
    let (broker, token) = (settings.broker.config("up")?, settings.events.checked()?);
    let hosting = &settings.hosting;
    let listeners = Listeners::bind(&settings, traces.is_some()).await?;
    running.delay_drain(hosting.drain);
    running.bind_admin(&hosting.admin).await?;
    let invoices_session_settings = invoices_session_settings(token.as_ref(), settings.webhooks);
    let opened = async {
        let databases = Databases::start(&hosting.databases).await?;
        let (orders, invoices) = tokio::try_join!(
            databases.open_migrated(ComponentName::Orders, SessionSettings::default()),
            databases.open_migrated(ComponentName::Invoices, invoices_session_settings),
        )?;
        anyhow::Ok((databases, orders, invoices))
    };
    let ((databases, orders, invoices), (engine, [orders_component, invoices_component])) = tokio::try_join!(
        opened,
        components::load([ComponentName::Orders, ComponentName::Invoices], hosting),
    )?;
    if let Some(local) = databases.local_in_words() {
        println!("{:<9} {local}", "data");
    }
    running.keep_local_postgres(databases.local());
    running.keep_database("orders", &orders);
    running.keep_database("invoices", &invoices);

    // Put together against the direction of an order: invoices first, then what feeds them, then the orders.
    let parts = Parts {
        orders_service: running.telemetry.service("orders"),
        invoices_service: running.telemetry.service("invoices"),
        orders,
        invoices,
    };
    let (invoices_role, messages) =
        invoices_service(&engine, &invoices_component, &parts.invoices, &parts.invoices_service)?;
    let orders_role = orders_service(&engine, &orders_component, &parts.orders, &parts.orders_service)?;
    let webhooks = webhooks::of(&parts.invoices, settings.webhooks, parts.invoices_service.clone())?;
    let invoices_role = invoices_role.waking(webhooks.waker());
    let journal = Journal::default();
    let handler = InvoicesHandler::new(messages, parts.invoices.clone(), parts.invoices_service.clone())
        .waking(webhooks.waker())
        .noting(journal.clone());
    let feed = match broker {
        Some(config) => {
            let broker = running.link_broker(config)?;
            over_rabbitmq(&mut running, broker, handler, parts, journal.clone())
        }
        None => in_process(&mut running, handler, parts, journal.clone()),
    };
    running.webhooks(webhooks);
    running.serve_admin(feed.health.clone());
    let orders = orders_role
        .waking(feed.relay.1.clone())
        .with_health(feed.orders_health.clone().until(running.ending()))
        .noting(journal.clone());
    let invoices = invoices_role.with_health(feed.invoices_health.clone().until(running.ending()));
    listeners.serve(Served { orders, invoices, journal, feed, traces }, &settings, &mut running).await?;
    running.until_asked_to_end().await
}

/// Begins, and keeps traces where they are to be shown and nobody collects them.
fn start(settings: &UpSettings, logs: &LogSettings) -> anyhow::Result<(Running, Option<KeptTraces>)> {
    let mut telemetry = TelemetryConfig::from_env(Some(logs.log.clone()), logs.log_format)?;
    let shown = settings.traces.traces_listen != AddressOrOff::Off;
    if shown && telemetry.traces.is_none() {
        telemetry.traces = TraceSettings::kept_from_env()?;
    }
    let running = Running::start_with("waybill", telemetry)?;
    let kept = running.telemetry.kept_traces();
    if running.telemetry.is_exporting() {
        tracing::info!("traces are not shown here: they go where OTEL_EXPORTER_OTLP_ENDPOINT says");
    }
    Ok((running, kept))
}

/// What the way from orders to invoices is made of.
struct Parts {
    orders_service: Service,
    invoices_service: Service,
    orders: Database,
    invoices: Database,
}

/// The way from orders to invoices, running.
struct Feed {
    relay: (RelayStatus, Waker),
    broker: Option<Broker>,
    orders_health: Health,
    invoices_health: Health,
    /// Of the whole process.
    health: Health,
}

/// The relay hands events to the invoices component.
fn in_process(running: &mut Running, handler: InvoicesHandler, parts: Parts, journal: Journal) -> Feed {
    let transport = Noted::new(InProcess::new(handler.in_process()), journal);
    let config = within_close_time(RelayConfig::default());
    let health = databases(&parts);
    let relay = Relay::new(parts.orders, transport, config, parts.orders_service);
    let (status, waker) = (relay.status(), relay.waker());
    running.relay(relay);
    Feed {
        relay: (status.clone(), waker),
        broker: None,
        orders_health: Health::new(),
        invoices_health: Health::new(),
        health: health.with_relay(status),
    }
}

/// The relay publishes events to RabbitMQ, and a consumer hands them to the invoices component.
fn over_rabbitmq(
    running: &mut Running,
    broker: Broker,
    handler: InvoicesHandler,
    parts: Parts,
    journal: Journal,
) -> Feed {
    let health = databases(&parts).with_broker(&broker);
    running.consume(&broker, handler);
    let config = within_close_time(RabbitMq::relay_config());
    let transport = Noted::new(RabbitMq::new(broker.publisher()), journal);
    let relay = Relay::new(parts.orders, transport, config, parts.orders_service);
    let (status, waker) = (relay.status(), relay.waker());
    running.relay(relay);
    Feed {
        relay: (status.clone(), waker),
        orders_health: Health::new().with_broker(&broker).with_relay(status.clone()),
        invoices_health: Health::new().with_broker(&broker),
        health: health.with_relay(status),
        broker: Some(broker),
    }
}

fn databases(parts: &Parts) -> Health {
    Health::new()
        .with_database("orders_database", &parts.orders)
        .with_database("invoices_database", &parts.invoices)
}

/// The addresses, taken before anything else is begun: a taken port should be said at once.
struct Listeners {
    orders: Listener,
    invoices: Listener,
    gateway: Listener,
    traces: Option<Listener>,
}

/// What the addresses serve.
struct Served {
    orders: Role,
    invoices: Role,
    journal: Journal,
    feed: Feed,
    traces: Option<KeptTraces>,
}

impl Listeners {
    async fn bind(settings: &UpSettings, traces: bool) -> anyhow::Result<Self> {
        let (orders, invoices) = (&settings.orders_listen, &settings.invoices_listen);
        let traces = match settings.traces.traces_listen {
            AddressOrOff::At(address) if traces => Some(Listener::bind(address, "--traces-listen").await?),
            AddressOrOff::At(_) | AddressOrOff::Off => None,
        };
        Ok(Self {
            orders: Listener::bind(orders.orders_listen, "--orders-listen").await?,
            invoices: Listener::bind(invoices.invoices_listen, "--invoices-listen").await?,
            gateway: Listener::bind(settings.gateway_listen.gateway_listen, "--gateway-listen").await?,
            traces,
        })
    }

    /// Serves all of them and says where.
    async fn serve(self, served: Served, settings: &UpSettings, running: &mut Running) -> anyhow::Result<()> {
        let Served { orders, invoices, journal, feed, traces } = served;
        let address = self.gateway.address();
        let traces_at = self.traces.as_ref().map(Listener::address);
        let access = &settings.hosting.access;
        let check = access.key_check;
        let at_orders = asks_for_keys("orders", self.orders.address(), check, &[&orders]).await;
        let at_invoices = asks_for_keys("invoices", self.invoices.address(), check, &[&invoices]).await;
        let at_gateway = asks_for_keys("gateway", address, check, &[&orders, &invoices]).await;
        announce("orders", self.orders.address());
        announce("invoices", self.invoices.address());
        announce("gateway", address);
        if let Some(address) = traces_at {
            if !address.ip().to_canonical().is_loopback() {
                tracing::warn!("whoever reaches {address} (traces) sees the traces of all requests");
            }
            announce("traces", address);
        }
        running.say_ready()?;
        println!();
        let key = if at_gateway { " -H 'X-API-Key: KEY'" } else { "" };
        println!(
            "Try: curl{key} -H 'Content-Type: application/json' -d '{{\"amount\": 5000}}' http://{address}/orders"
        );
        println!("     curl{key} http://{address}/invoices");
        if !settings.no_console {
            println!("     or look at http://{address}/console");
        }

        let parts = console::Parts {
            orders: orders.clone(),
            invoices: invoices.clone(),
            journal,
            depths: running.watch_depths(),
            broker: feed.broker,
            relay: feed.relay,
            health: feed.health,
            traces: TraceLinks::new(traces_at, settings.traces.trace_url.clone()),
            asks_for_keys: at_gateway,
            stop: running.stop(),
        };
        let console = (!settings.no_console).then(|| {
            let (console, sampling) = Console::new(parts);
            running.intake(sampling);
            console
        });
        let gateway = Arc::new(Gateway::new(
            orders.clone().asking_for_keys(at_gateway),
            invoices.clone().asking_for_keys(at_gateway),
            console,
        ));
        if let (Some(listener), Some(kept)) = (self.traces, traces) {
            let traces = TracesUi::new(kept);
            let origins = OriginCheck::of_operators(listener.address());
            running.serve(
                listener,
                origins,
                service_fn(move |request: Request<Incoming>| {
                    let answer = traces.answer(&request);
                    async move { Ok::<_, Infallible>(answer) }
                }),
            );
        }
        let origins = OriginCheck::of_service(self.orders.address(), access);
        running.serve_role(self.orders, origins, orders.asking_for_keys(at_orders));
        let origins = OriginCheck::of_service(self.invoices.address(), access);
        running.serve_role(self.invoices, origins, invoices.asking_for_keys(at_invoices));
        running.serve(
            self.gateway,
            OriginCheck::of_service(address, access),
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .option_layer(cors(&access.cors_origins))
                .service(service_fn(move |request| {
                    let gateway = Arc::clone(&gateway);
                    async move { Ok::<_, Infallible>(gateway.handle(request).await) }
                })),
        );
        Ok(())
    }
}
