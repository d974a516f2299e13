//! Every setting of the host, one file for each concern. A flag overrides the environment, which overrides the file `.env`
//! of the working directory. Secrets are wrapped, so that help texts, errors and logs do not show them.

#![allow(clippy::doc_markdown, reason = "these comments are the texts of --help, without markup")]

mod access;
mod audit;
mod broker;
mod client;
#[cfg(test)]
mod commands_page;
mod compile;
mod components;
mod databases;
mod dead_letters;
mod dev;
pub mod env_file;
mod events;
mod fonts;
mod keys;
mod limits;
mod listen;
mod logs;
mod migrate;
mod parse;
mod roles;
mod secret;
mod seller;
mod series;
#[cfg(test)]
mod table;
mod values;
mod webhooks;

use std::path::PathBuf;

pub use access::{AccessSettings, KeyCheck, Origins};
pub use audit::AuditSettings;
pub use broker::{BrokerSettings, RequiredBroker};
use clap::{Parser, Subcommand};
pub use client::{ClientSettings, DocumentFormat, InvoicesCommand, ListSettings, OrdersSettings};
pub use compile::CompileSettings;
pub use components::{ComponentName, ComponentSettings};
pub use databases::DatabaseSettings;
pub use dead_letters::{DeadLettersSettings, ReplaySettings, Selection};
pub use dev::{DevSettings, RebuildSettings};
pub use events::{EventsTarget, EventsToken, Target, Token};
pub use fonts::{FontSettings, FontsSettings, check_font};
pub use keys::{CreateKeySettings, KeysSettings};
pub use limits::{ConnectionSettings, LimitSettings};
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
pub use seller::{InvoicesSettings, SellerChoice, SellerSettings};
pub use series::SeriesSettings;
pub use webhooks::{SecretsKeySettings, WebhooksSettings};

/// Orders and invoices on WebAssembly: every order that is accepted becomes exactly one invoice.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub logs: LogSettings,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything in one process: both services, the relay, the gateway and, unless database servers are set, PostgreSQL.
    /// Events reach invoices in process, or over RabbitMQ if its URL is set.
    Up(Box<UpSettings>),
    /// Run everything as `up` does, for development: build the components at the start and whenever a source changes, and put them in place
    /// of those that serve. No request is lost, and the databases stay. Compiler errors are shown here and in the console. It takes the
    /// settings of `up`, on addresses of this machine only.
    Dev(Box<DevSettings>),
    /// Run one service, in any number of copies.
    #[command(subcommand)]
    Serve(ServeSettings),
    /// Deliver events from the outbox to RabbitMQ, or by HTTP to a service that answers `POST /events`. In any number of copies:
    /// one delivers, the others stand by.
    Relay(RelaySettings),
    /// Deliver from RabbitMQ by HTTP to a service that answers `POST /events`, for hosts without a broker trigger. In any
    /// number of copies.
    Push(PushSettings),
    /// Deliver invoice events to the webhook endpoints that are registered for them. In any number of copies: they share the work.
    Webhooks(Box<WebhooksRoleSettings>),
    /// Check the health of a process on this machine, by its --admin-listen address. Exits with 0 if it is ready, 1 if it is not, 2
    /// if it does not answer; for the health checks of containers.
    Health(HealthSettings),
    /// Place, list and show orders, by the API of running services on this machine or another.
    #[command(subcommand)]
    Orders(OrdersSettings),
    /// List, show and save invoices, by the API of running services on this machine or another.
    #[command(subcommand)]
    Invoices(InvoicesCommand),
    /// Check what `waybill up` needs: addresses, folders, programs, databases, RabbitMQ, clocks, and say what to do. Takes the settings of
    /// `up` and writes nothing; a local PostgreSQL that has data is started while it is looked at. Exits with 0 if all is there, 1 if
    /// something is missing.
    Doctor(Box<UpSettings>),
    /// Compile the components for this machine before the first start, for example while an image is built. `waybill up` and
    /// `waybill serve` compile what is missing.
    Compile(Box<CompileSettings>),
    /// Migrate the databases to the schema of this version, show which migrations are applied, or create a new one.
    Migrate(MigrateSettings),
    /// Create, list and revoke the API keys of callers. Services that other machines can reach require them.
    #[command(subcommand)]
    Keys(KeysSettings),
    /// List, show or set the sellers, whom invoices are issued by.
    #[command(subcommand)]
    Seller(SellerSettings),
    /// Show or set how the numbers and dates of invoices and credit notes are formed.
    #[command(subcommand)]
    Series(SeriesSettings),
    /// Copy fonts of this machine into the folder that documents are made with.
    #[command(subcommand)]
    Fonts(FontsSettings),
    /// List the messages that could not be handled, and replay or discard them.
    #[command(subcommand)]
    DeadLetters(DeadLettersSettings),
    /// Prove that nothing was lost: compare orders, outbox and invoices. Exits with 0 if there are no findings, 1 if there are some,
    /// 2 if the audit failed.
    Audit(Box<AuditSettings>),
    /// Print what a shell needs to complete commands and flags: waybill completions bash >
    /// ~/.local/share/bash-completion/completions/waybill.
    Completions {
        /// bash, elvish, fish, powershell or zsh.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages, one for each command.
    Manual {
        /// The folder for them.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}
