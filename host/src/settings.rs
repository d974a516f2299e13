//! Every setting of the host, one file for each concern. A flag overrides the environment, which overrides the `.env`
//! file of the working directory. Secrets are wrapped: they are shown neither in help texts nor in errors or logs.

#![allow(clippy::doc_markdown, reason = "these comments are the texts of --help, without markup")]

mod access;
mod audit;
mod broker;
mod compile;
mod components;
mod databases;
mod dead_letters;
mod events;
mod keys;
mod limits;
mod listen;
mod logs;
mod migrate;
mod roles;
mod secret;
#[cfg(test)]
mod table;
mod values;
mod webhooks;

pub use access::{AccessSettings, KeyCheck, Origins};
pub use audit::AuditSettings;
pub use broker::{BrokerSettings, RequiredBroker};
use clap::{Parser, Subcommand};
pub use compile::CompileSettings;
pub use components::{ComponentName, ComponentSettings};
pub use databases::DatabaseSettings;
pub use dead_letters::{DeadLettersSettings, ReplaySettings, Selection};
pub use events::{EventsTarget, EventsToken, Target, Token};
pub use keys::{CreateKeySettings, KeysSettings};
pub use limits::LimitSettings;
pub use listen::{
    AddressOrOff, AdminListen, DrainSettings, GatewayListen, HealthSettings, InvoicesListen, OrdersListen,
    TracesListen,
};
pub use logs::LogSettings;
pub use migrate::{MigrateCommand, MigrateSettings};
pub use roles::{
    HostingSettings, PushSettings, RelaySettings, ServeInvoicesSettings, ServeOrdersSettings, ServeSettings,
    UpSettings, WebhooksRoleSettings,
};
pub use secret::Secret;
pub use webhooks::WebhooksSettings;

/// Orders and invoices on WebAssembly: every order that is accepted becomes exactly one invoice.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where logs go and what they say.
    #[command(flatten)]
    pub logs: LogSettings,
}

/// The roles of the program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything in one process: both services, the relay, the gateway's routes, and, unless servers are named,
    /// a PostgreSQL of its own. Events go to invoices in process, or over RabbitMQ when one is named.
    Up(Box<UpSettings>),
    /// Run one service, in any number of copies.
    #[command(subcommand)]
    Serve(ServeSettings),
    /// Take events from the outbox to RabbitMQ, or by HTTP to a service that answers `POST /events`. Any number of
    /// copies: one delivers, the others stand by.
    Relay(RelaySettings),
    /// Deliver from RabbitMQ by HTTP to a service that answers `POST /events`, for hosts without a broker trigger. Any
    /// number of copies.
    Push(PushSettings),
    /// Post what has happened to invoices to the webhook endpoints that want to hear of it. Any number of copies: they share
    /// the work.
    Webhooks(Box<WebhooksRoleSettings>),
    /// Ask the process of this machine that listens for operators on an address whether it can do its work. Ends with 0 when it
    /// can, 1 when it cannot, 2 when it could not be asked; for health checks of containers.
    Health(HealthSettings),
    /// Compile the components for this machine ahead of the first start, for example while an image is made. `waybill up` and
    /// `waybill serve` do so when it was not done.
    Compile(Box<CompileSettings>),
    /// Bring the databases to the schema of this version, show where they stand, or start a new migration.
    Migrate(MigrateSettings),
    /// Make, list and revoke the API keys of callers. They are needed where the services listen beyond this machine.
    #[command(subcommand)]
    Keys(KeysSettings),
    /// Look at the messages that could not be handled, and replay or discard them.
    #[command(subcommand)]
    DeadLetters(DeadLettersSettings),
    /// Prove that nothing was lost: compare orders, outbox and invoices. Ends with 0 when all is well, 1 and the
    /// identifiers when something is off, 2 when nothing can be said.
    Audit(Box<AuditSettings>),
}
