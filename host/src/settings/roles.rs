use clap::{Args, Subcommand};

use super::{
    AccessSettings, AdminListen, BrokerSettings, ComponentSettings, ConnectionSettings, DatabaseSettings,
    DrainSettings, EventsTarget, EventsToken, FontSettings, GatewayListen, InvoicesListen, LimitSettings,
    OrdersListen, RequiredBroker, SecretsKeySettings, Target, TracesListen, WebhooksSettings,
};

#[derive(Args, Debug)]
pub struct UpSettings {
    #[command(flatten)]
    pub orders_listen: OrdersListen,
    #[command(flatten)]
    pub invoices_listen: InvoicesListen,
    #[command(flatten)]
    pub gateway_listen: GatewayListen,
    #[command(flatten)]
    pub traces: TracesListen,
    /// Do not serve the console, which is at /console of the gateway.
    #[arg(long, env = "WAYBILL_NO_CONSOLE")]
    pub no_console: bool,
    #[command(flatten)]
    pub broker: BrokerSettings,
    #[command(flatten)]
    pub events: EventsToken,
    #[command(flatten)]
    pub webhooks: WebhooksSettings,
    #[command(flatten)]
    pub secrets: SecretsKeySettings,
    #[command(flatten)]
    pub fonts: FontSettings,
    #[command(flatten)]
    pub hosting: HostingSettings,
}

/// The settings of every process that runs components.
#[derive(Args, Debug)]
pub struct HostingSettings {
    #[command(flatten)]
    pub databases: DatabaseSettings,
    #[command(flatten)]
    pub components: ComponentSettings,
    #[command(flatten)]
    pub access: AccessSettings,
    #[command(flatten)]
    pub limits: LimitSettings,
    #[command(flatten)]
    pub connections: ConnectionSettings,
    #[command(flatten)]
    pub admin: AdminListen,
    #[command(flatten)]
    pub drain: DrainSettings,
}

#[derive(Debug, Subcommand)]
pub enum ServeSettings {
    /// Serve orders. Their events stay in the outbox until a relay delivers them.
    Orders(Box<ServeOrdersSettings>),
    /// Serve invoices and POST /events, and consume the queue of RabbitMQ if its URL is set.
    Invoices(Box<ServeInvoicesSettings>),
}

#[derive(Args, Debug)]
pub struct ServeOrdersSettings {
    #[command(flatten)]
    pub listen: OrdersListen,
    #[command(flatten)]
    pub hosting: HostingSettings,
}

#[derive(Args, Debug)]
pub struct ServeInvoicesSettings {
    #[command(flatten)]
    pub listen: InvoicesListen,
    #[command(flatten)]
    pub broker: BrokerSettings,
    #[command(flatten)]
    pub events: EventsToken,
    #[command(flatten)]
    pub webhooks: WebhooksSettings,
    #[command(flatten)]
    pub fonts: FontSettings,
    #[command(flatten)]
    pub hosting: HostingSettings,
}

#[derive(Args, Debug)]
pub struct RelaySettings {
    /// Deliver by HTTP to this address, for example http://localhost:3334/events, instead of RabbitMQ.
    #[arg(long, value_name = "URL")]
    pub to: Option<Target>,
    #[command(flatten)]
    pub events: EventsTarget,
    #[command(flatten)]
    pub broker: BrokerSettings,
    #[command(flatten)]
    pub databases: DatabaseSettings,
    #[command(flatten)]
    pub admin: AdminListen,
}

#[derive(Args, Debug)]
pub struct PushSettings {
    /// Deliver to this address, for example http://localhost:3000/events.
    #[arg(long, value_name = "URL")]
    pub to: Target,
    #[command(flatten)]
    pub events: EventsTarget,
    #[command(flatten)]
    pub broker: RequiredBroker,
    #[command(flatten)]
    pub admin: AdminListen,
}

#[derive(Args, Debug)]
pub struct WebhooksRoleSettings {
    #[command(flatten)]
    pub webhooks: WebhooksSettings,
    #[command(flatten)]
    pub secrets: SecretsKeySettings,
    #[command(flatten)]
    pub databases: DatabaseSettings,
    #[command(flatten)]
    pub admin: AdminListen,
}
