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
mod groups;
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
pub use parse::setting_page;
pub use roles::{
    HostingSettings, PushSettings, RelaySettings, ServeInvoicesSettings, ServeOrdersSettings, ServeSettings,
    UpSettings, WebhooksRoleSettings,
};
pub use secret::Secret;
pub use seller::{InvoicesSettings, SellerChoice, SellerSettings};
pub use series::SeriesSettings;
pub use webhooks::{SecretsKeySettings, WebhooksSettings};

/// Orders and invoices on WebAssembly: every order becomes exactly one invoice.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, max_term_width = 110)]
#[command(help_template = groups::template(&Command::augment_subcommands(clap::Command::new("waybill"))))]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub logs: LogSettings,
}

// The first paragraph of each is its line in the groups of `waybill --help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything in one process, on this machine.
    ///
    /// It has both services, the relay, the gateway and, unless database servers are set, PostgreSQL. Events reach invoices in process, or
    /// over RabbitMQ if its URL is set.
    Up(Box<UpSettings>),
    /// Run everything as `up` does, and rebuild components on save.
    ///
    /// They are built at the start and whenever a source changes, and then take the place of those that serve. No request is lost, and the
    /// databases stay. Compiler errors are shown here and in the console. It takes the settings of `up`, on addresses of this machine only.
    Dev(Box<DevSettings>),
    /// Run one service, in any number of copies.
    #[command(subcommand)]
    Serve(ServeSettings),
    /// Deliver events from the outbox to RabbitMQ, or by HTTP.
    ///
    /// HTTP is for a service that answers `POST /events`. Any number of copies may run: one delivers, the others stand by.
    Relay(RelaySettings),
    /// Deliver events from RabbitMQ by HTTP.
    ///
    /// This is for hosts without a broker trigger, and a service on them that answers `POST /events`. Any number of copies may run.
    Push(PushSettings),
    /// Deliver invoice events to webhook endpoints.
    ///
    /// Endpoints get the events that they are registered for. Any number of copies may run: they share the work.
    Webhooks(Box<WebhooksRoleSettings>),
    /// Check the health of a process on this machine.
    ///
    /// The process is asked at its --admin-listen address. Exits with 0 if it is ready, 1 if it is not, 2 if it does not answer; for the
    /// health checks of containers.
    Health(HealthSettings),
    /// Place, list and show orders.
    ///
    /// The command asks running services, on this machine or another, by their API.
    #[command(subcommand)]
    Orders(OrdersSettings),
    /// List, show and save invoices.
    ///
    /// The command asks running services, on this machine or another, by their API.
    #[command(subcommand)]
    Invoices(InvoicesCommand),
    /// Check what `waybill up` needs, and say what to do.
    ///
    /// Checks addresses, folders, programs, databases, RabbitMQ and clocks. Takes the settings of `up` and writes nothing; a local
    /// PostgreSQL that has data is started while it is looked at. Exits with 0 if all is there, 1 if something is missing.
    Doctor(Box<UpSettings>),
    /// Compile the components for this machine before the first start.
    ///
    /// Do so for example while an image is built. `waybill up` and `waybill serve` compile what is missing.
    Compile(Box<CompileSettings>),
    /// Migrate the databases to this version's schema.
    ///
    /// Also shows which migrations are applied, and creates a new one.
    Migrate(MigrateSettings),
    /// Create, list and revoke the API keys of callers.
    ///
    /// Services that other machines can reach require them.
    #[command(subcommand)]
    Keys(KeysSettings),
    /// List, show or set the sellers, whom invoices are issued by.
    #[command(subcommand)]
    Seller(SellerSettings),
    /// Show or set how numbers and dates of documents are formed.
    ///
    /// Documents are invoices and credit notes.
    #[command(subcommand)]
    Series(SeriesSettings),
    /// Copy this machine's fonts into the folder for documents.
    #[command(subcommand)]
    Fonts(FontsSettings),
    /// List messages that failed; replay or discard them.
    #[command(subcommand)]
    DeadLetters(DeadLettersSettings),
    /// Prove that nothing was lost.
    ///
    /// Compares orders, outbox and invoices. Exits with 0 if there are no findings, 1 if there are some, 2 if the audit failed.
    Audit(Box<AuditSettings>),
    /// Print what a shell needs to complete commands and flags.
    ///
    /// For example: waybill completions bash > ~/.local/share/bash-completion/completions/waybill
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
