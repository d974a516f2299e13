//! `waybill up`: everything in one process.

use std::convert::Infallible;

use tower::{ServiceBuilder, service_fn};
use waybill_broker::Broker;
use waybill_postgres::{Database, SessionSettings};
use waybill_relay::{Relay, RelayConfig, ToRabbitMq, Waker};
use waybill_telemetry::Service;

use crate::{
    components, databases,
    deliver::{HandleMessages, InProcess, Receiver},
    health::Health,
    http::{Gateway, Listener, Role, cors},
    running::{Running, announce, within_close_time},
    serve::{asks_for_keys, invoices_service, orders_service},
    settings::{ComponentName, LogSettings, UpSettings},
    webhooks,
};

/// Runs `waybill up` until it is asked to end.
pub async fn run(settings: UpSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut running = Running::start(logs)?;
    let (broker, token) = (settings.broker.config("up")?, settings.events.checked()?);
    let hosting = &settings.hosting;
    let listeners = Listeners::bind(&settings).await?;
    running.bind_admin(&hosting.admin).await?;
    let told = databases::told(token.as_ref(), settings.webhooks);
    let (orders, invoices, (engine, [orders_component, invoices_component])) = tokio::try_join!(
        databases::open_migrated(ComponentName::Orders, &hosting.databases, SessionSettings::default()),
        databases::open_migrated(ComponentName::Invoices, &hosting.databases, told),
        components::load([ComponentName::Orders, ComponentName::Invoices], hosting),
    )?;
    running.keep_database("orders", &orders);
    running.keep_database("invoices", &invoices);
    running.keep_engine(&engine);

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
    let receiver = Receiver::new(messages, parts.invoices.clone(), parts.invoices_service.clone())
        .waking(webhooks.waker());
    let feed = match broker {
        Some(config) => {
            let broker = running.link_broker(config)?;
            over_rabbitmq(&mut running, &broker, receiver, parts)
        }
        None => in_process(&mut running, receiver, parts),
    };
    running.webhooks(webhooks);
    running.serve_admin(feed.health);
    let orders_role = orders_role.waking(feed.waker).with_health(feed.orders_health);
    let invoices_role = invoices_role.with_health(feed.invoices_health);
    listeners.serve(orders_role, invoices_role, &settings, &mut running).await?;
    running.until_asked_to_end().await
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
    waker: Waker,
    orders_health: Health,
    invoices_health: Health,
    /// Of the whole process.
    health: Health,
}

/// The relay hands events to the invoices component.
fn in_process(running: &mut Running, receiver: Receiver, parts: Parts) -> Feed {
    let transport = InProcess::new(receiver);
    let config = within_close_time(RelayConfig::default());
    let health = Health::new().with_database(&parts.orders).with_database(&parts.invoices);
    let relay = Relay::new(parts.orders, transport, config, parts.orders_service);
    let (waker, status) = (relay.waker(), relay.status());
    running.relay(relay);
    let health = health.with_relay(status);
    Feed { waker, orders_health: Health::new(), invoices_health: Health::new(), health }
}

/// The relay publishes events to RabbitMQ, and a consumer hands them to the invoices component.
fn over_rabbitmq(running: &mut Running, broker: &Broker, receiver: Receiver, parts: Parts) -> Feed {
    let health =
        Health::new().with_database(&parts.orders).with_database(&parts.invoices).with_broker(broker);
    running.consume(broker, HandleMessages::new(receiver));
    let config = within_close_time(ToRabbitMq::relay_config());
    let relay = Relay::new(parts.orders, ToRabbitMq::new(broker.publisher()), config, parts.orders_service);
    let (waker, status) = (relay.waker(), relay.status());
    running.relay(relay);
    Feed {
        waker,
        orders_health: Health::new().with_broker(broker).with_relay(status.clone()),
        invoices_health: Health::new().with_broker(broker),
        health: health.with_relay(status),
    }
}

/// The three addresses, taken before anything else is begun: a taken port should be said at once.
struct Listeners {
    orders: Listener,
    invoices: Listener,
    gateway: Listener,
}

impl Listeners {
    async fn bind(settings: &UpSettings) -> anyhow::Result<Self> {
        let (orders, invoices) = (&settings.orders_listen, &settings.invoices_listen);
        Ok(Self {
            orders: Listener::bind(orders.orders_listen, "--orders-listen").await?,
            invoices: Listener::bind(invoices.invoices_listen, "--invoices-listen").await?,
            gateway: Listener::bind(settings.gateway_listen.gateway_listen, "--gateway-listen").await?,
        })
    }

    /// Serves all three and says where.
    async fn serve(
        self,
        orders: Role,
        invoices: Role,
        settings: &UpSettings,
        running: &mut Running,
    ) -> anyhow::Result<()> {
        let address = self.gateway.address();
        let check = settings.hosting.access.key_check;
        let at_orders = asks_for_keys("orders", self.orders.address(), check, &[&orders]).await;
        let at_invoices = asks_for_keys("invoices", self.invoices.address(), check, &[&invoices]).await;
        let at_gateway = asks_for_keys("gateway", address, check, &[&orders, &invoices]).await;
        announce("orders", self.orders.address());
        announce("invoices", self.invoices.address());
        announce("gateway", address);
        running.say_ready()?;
        println!();
        let key = if at_gateway { " -H 'X-API-Key: KEY'" } else { "" };
        println!(
            "Try: curl{key} -H 'Content-Type: application/json' -d '{{\"amount\": 5000}}' http://{address}/orders"
        );
        println!("     curl{key} http://{address}/invoices");

        let gateway = Gateway::new(
            orders.clone().asking_for_keys(at_gateway),
            invoices.clone().asking_for_keys(at_gateway),
        );
        running.serve_role(self.orders, orders.asking_for_keys(at_orders));
        running.serve_role(self.invoices, invoices.asking_for_keys(at_invoices));
        running.serve(
            self.gateway,
            ServiceBuilder::new().layer(cors(&settings.cors_origins)).service(service_fn(move |request| {
                let gateway = gateway.clone();
                async move { Ok::<_, Infallible>(gateway.handle(request).await) }
            })),
        );
        Ok(())
    }
}
