use waybill_broker::{Broker, BrokerConfig};
use waybill_postgres::{Database, SessionSettings};
use waybill_relay::{Relay, RelayConfig, Transport};
use waybill_telemetry::{Service, with_causes};
use waybill_transports::{InProcess, RabbitMq};
use waybill_webhooks::Webhooks;

use crate::components::{self, Sum, expect_statements_of, invoices_service, orders_service};
use crate::databases::{Databases, invoices_session_settings};
use crate::health::Health;
use crate::http::ComponentService;
use crate::invoices_handler::InvoicesHandler;
use crate::output;
use crate::process::{Process, RelayHandle, within_close_time};
use crate::runtime::{Engine, MessageService};
use crate::settings::{ComponentName, DatabaseSettings, Token, UpSettings};
use crate::timeline::{Recorded, Timelines};

/// Both services and the delivery of events between them, running.
pub(super) struct System {
    pub(super) engine: Engine,
    /// Of the bytes of the components of orders and invoices.
    pub(super) sums: [Sum; 2],
    pub(super) orders: ComponentService,
    pub(super) invoices: ComponentService,
    /// The invoices component as a handler of events.
    pub(super) messages: MessageService,
    pub(super) timelines: Timelines,
    pub(super) delivery: Delivery,
}

/// The delivery of events from orders to invoices, with the health of what it needs.
pub(super) struct Delivery {
    pub(super) relay: RelayHandle,
    pub(super) broker: Option<Broker>,
    pub(super) orders_health: Health,
    pub(super) invoices_health: Health,
    /// Of the whole process.
    pub(super) health: Health,
}

/// Where the relay reads events, and where it records their delivery.
struct Outbox {
    database: Database,
    service: Service,
    timelines: Timelines,
}

/// The opened databases of both services.
struct OpenDatabases {
    databases: Databases,
    orders: Database,
    invoices: Database,
}

impl System {
    /// Builds the system against the direction of an order: invoices first, then what delivers events to them, then orders.
    pub(super) async fn start(
        process: &mut Process,
        settings: &UpSettings,
        broker: Option<BrokerConfig>,
        token: Option<&Token>,
    ) -> anyhow::Result<Self> {
        let webhooks = settings.secrets.config(settings.webhooks)?;
        let session_settings = invoices_session_settings(token, settings.webhooks);
        let (databases, (engine, [orders_loaded, invoices_loaded])) = tokio::try_join!(
            OpenDatabases::open(&settings.hosting.databases, session_settings),
            components::load([ComponentName::Orders, ComponentName::Invoices], &settings.hosting),
        )?;
        let OpenDatabases { orders: orders_database, invoices: database, .. } = databases.keep(process);
        expect_statements_of(&settings.hosting.components, &[&orders_database, &database]);
        let orders_telemetry = process.telemetry.service("orders");
        let telemetry = process.telemetry.service("invoices");

        let fonts = settings.fonts.fonts.as_deref();
        let (invoices, messages) =
            invoices_service(&engine, &invoices_loaded.component, &database, &telemetry, fonts)?;
        let orders = orders_service(&engine, &orders_loaded.component, &orders_database, &orders_telemetry)?;
        let webhooks = Webhooks::new(database.clone(), webhooks, telemetry.clone())?;
        // Endpoints can be given new secrets only while their service runs, so this process starts all the same.
        if let Err(error) = webhooks.check_secrets().await {
            tracing::error!("{}", with_causes(&error));
        }
        let invoices = invoices.waking(webhooks.waker()).knowing_events_token(token);

        let timelines = Timelines::default();
        let health = Health::new()
            .with_database("orders_database", &orders_database)
            .with_database("invoices_database", &database);
        let handler = InvoicesHandler::new(messages.clone(), database, telemetry)
            .waking(webhooks.waker())
            .recording(timelines.clone());
        let outbox =
            Outbox { database: orders_database, service: orders_telemetry, timelines: timelines.clone() };
        let delivery = match broker {
            Some(config) => {
                let retries = u32::try_from(config.retry_delays.len()).unwrap_or(u32::MAX);
                let handler = handler.attempting(retries.saturating_add(1));
                let broker = process.link_broker(config)?;
                Delivery::over_rabbitmq(process, outbox, handler, broker, health)
            }
            None => Delivery::in_process(process, outbox, handler, health),
        };
        process.webhooks(webhooks);
        Ok(Self {
            engine,
            sums: [orders_loaded.sum, invoices_loaded.sum],
            messages,
            orders: orders
                .waking(delivery.relay.waker.clone())
                .with_health(delivery.orders_health.clone().until(process.ending()))
                .recording(timelines.clone()),
            invoices: invoices.with_health(delivery.invoices_health.clone().until(process.ending())),
            timelines,
            delivery,
        })
    }
}

impl OpenDatabases {
    async fn open(settings: &DatabaseSettings, invoices: SessionSettings) -> anyhow::Result<Self> {
        let databases = Databases::start(settings).await?;
        let (orders, invoices) = tokio::try_join!(
            databases.open_migrated(ComponentName::Orders, SessionSettings::default()),
            databases.open_migrated(ComponentName::Invoices, invoices),
        )?;
        Ok(Self { databases, orders, invoices })
    }

    /// Has the process close them at its end.
    fn keep(self, process: &mut Process) -> Self {
        if let Some(local) = self.databases.local_in_words() {
            output::notice(format_args!("{:<9} {local}", "data"));
        }
        process.keep_local_postgres(self.databases.local());
        process.keep_database("orders", &self.orders);
        process.keep_database("invoices", &self.invoices);
        self
    }
}

impl Outbox {
    fn relay<T: Transport>(self, process: &mut Process, transport: T, config: RelayConfig) -> RelayHandle {
        let transport = Recorded::new(transport, self.timelines, config.attempts_most);
        process.relay(Relay::new(self.database, transport, within_close_time(config), self.service))
    }
}

impl Delivery {
    /// The relay calls the invoices component.
    fn in_process(process: &mut Process, outbox: Outbox, handler: InvoicesHandler, health: Health) -> Self {
        let relay = outbox.relay(process, InProcess::new(handler.in_process()), RelayConfig::default());
        Self {
            health: health.with_relay(relay.status.clone()),
            relay,
            broker: None,
            orders_health: Health::new(),
            invoices_health: Health::new(),
        }
    }

    /// The relay publishes to RabbitMQ, and a consumer calls the invoices component.
    fn over_rabbitmq(
        process: &mut Process,
        outbox: Outbox,
        handler: InvoicesHandler,
        broker: Broker,
        health: Health,
    ) -> Self {
        process.consume(&broker, handler);
        let transport = RabbitMq::new(broker.publisher());
        let relay = outbox.relay(process, transport, RabbitMq::relay_config());
        Self {
            orders_health: Health::new().with_broker(&broker).with_relay(relay.status.clone()),
            invoices_health: Health::new().with_broker(&broker),
            health: health.with_broker(&broker).with_relay(relay.status.clone()),
            relay,
            broker: Some(broker),
        }
    }
}
