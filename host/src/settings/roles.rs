use clap::{Args, Subcommand};

use super::{
    AccessSettings, AdminListen, BrokerSettings, ComponentSettings, DatabaseSettings, DrainSettings,
    EventsTarget, EventsToken, GatewayListen, InvoicesListen, LimitSettings, OrdersListen, RequiredBroker,
    Target, TracesListen, WebhooksSettings,
};

/// `waybill up`.
#[derive(Args, Debug)]
pub struct UpSettings {
    /// Address of orders.
    #[command(flatten)]
    pub orders_listen: OrdersListen,
    /// Address of invoices.
    #[command(flatten)]
    pub invoices_listen: InvoicesListen,
    /// Address of the gateway.
    #[command(flatten)]
    pub gateway_listen: GatewayListen,
    /// Address of the traces.
    #[command(flatten)]
    pub traces: TracesListen,
    /// Leave the console out of the gateway, where it is at /console.
    #[arg(long, env = "WAYBILL_NO_CONSOLE")]
    pub no_console: bool,
    /// RabbitMQ, in place of delivery in process.
    #[command(flatten)]
    pub broker: BrokerSettings,
    /// Events by HTTP.
    #[command(flatten)]
    pub events: EventsToken,
    /// Webhooks.
    #[command(flatten)]
    pub webhooks: WebhooksSettings,
    /// Components and what they run on.
    #[command(flatten)]
    pub hosting: HostingSettings,
}

/// What every process is told that runs components.
#[derive(Args, Debug)]
pub struct HostingSettings {
    /// Databases.
    #[command(flatten)]
    pub databases: DatabaseSettings,
    /// Components.
    #[command(flatten)]
    pub components: ComponentSettings,
    /// Who may call.
    #[command(flatten)]
    pub access: AccessSettings,
    /// Limits.
    #[command(flatten)]
    pub limits: LimitSettings,
    /// Admin.
    #[command(flatten)]
    pub admin: AdminListen,
    /// Shutdown.
    #[command(flatten)]
    pub drain: DrainSettings,
}

/// `waybill serve`.
#[derive(Debug, Subcommand)]
pub enum ServeSettings {
    /// Take orders. Their events stay in the outbox until a relay takes them on.
    Orders(Box<ServeOrdersSettings>),
    /// Show invoices, answer POST /events, and, when RabbitMQ is named, make invoices of what comes from its queue.
    Invoices(Box<ServeInvoicesSettings>),
}

/// `waybill serve orders`.
#[derive(Args, Debug)]
pub struct ServeOrdersSettings {
    /// Address.
    #[command(flatten)]
    pub listen: OrdersListen,
    /// Components and what they run on.
    #[command(flatten)]
    pub hosting: HostingSettings,
}

/// `waybill serve invoices`.
#[derive(Args, Debug)]
pub struct ServeInvoicesSettings {
    /// Address.
    #[command(flatten)]
    pub listen: InvoicesListen,
    /// RabbitMQ.
    #[command(flatten)]
    pub broker: BrokerSettings,
    /// Events by HTTP.
    #[command(flatten)]
    pub events: EventsToken,
    /// Webhooks.
    #[command(flatten)]
    pub webhooks: WebhooksSettings,
    /// Components and what they run on.
    #[command(flatten)]
    pub hosting: HostingSettings,
}

/// `waybill relay`.
#[derive(Args, Debug)]
pub struct RelaySettings {
    /// Deliver by HTTP to this address, for example http://localhost:3334/events, in place of RabbitMQ.
    #[arg(long, value_name = "URL")]
    pub to: Option<Target>,
    /// Events by HTTP.
    #[command(flatten)]
    pub events: EventsTarget,
    /// RabbitMQ.
    #[command(flatten)]
    pub broker: BrokerSettings,
    /// Database.
    #[command(flatten)]
    pub databases: DatabaseSettings,
    /// Admin.
    #[command(flatten)]
    pub admin: AdminListen,
}

/// `waybill push`.
#[derive(Args, Debug)]
pub struct PushSettings {
    /// Deliver to this address, for example http://localhost:3000/events.
    #[arg(long, value_name = "URL")]
    pub to: Target,
    /// Events by HTTP.
    #[command(flatten)]
    pub events: EventsTarget,
    /// RabbitMQ.
    #[command(flatten)]
    pub broker: RequiredBroker,
    /// Admin.
    #[command(flatten)]
    pub admin: AdminListen,
}

/// `waybill webhooks`.
#[derive(Args, Debug)]
pub struct WebhooksRoleSettings {
    /// Webhooks.
    #[command(flatten)]
    pub webhooks: WebhooksSettings,
    /// Database.
    #[command(flatten)]
    pub databases: DatabaseSettings,
    /// Admin.
    #[command(flatten)]
    pub admin: AdminListen,
}
