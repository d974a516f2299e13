//! Every setting of the host, one struct for each concern. A flag overrides the environment, which overrides the `.env`
//! file of the working directory. Secrets are wrapped: they are shown neither in help texts nor in errors or logs.

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, Parser, Subcommand};
use http::HeaderValue;

use crate::runtime::Limits;

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
    /// an embedded PostgreSQL.
    Up(UpSettings),
    /// Bring the databases to the schema of this version, show where they stand, or start a new migration.
    Migrate(MigrateSettings),
}

/// `waybill up`.
#[derive(Args, Debug)]
pub struct UpSettings {
    /// Addresses.
    #[command(flatten)]
    pub listen: ListenSettings,
    /// Databases.
    #[command(flatten)]
    pub databases: DatabaseSettings,
    /// Components.
    #[command(flatten)]
    pub components: ComponentSettings,
    /// Limits.
    #[command(flatten)]
    pub limits: LimitSettings,
    /// Origins whose pages may call the gateway; none given means every origin.
    #[arg(long, env = "WAYBILL_CORS_ORIGINS", value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<HeaderValue>,
}

/// Where the services listen. Port 0 lets the system choose.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct ListenSettings {
    /// Address of the orders service.
    #[arg(long, env = "WAYBILL_ORDERS_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:3333", value_parser = address)]
    pub orders_listen: SocketAddr,
    /// Address of the invoices service.
    #[arg(long, env = "WAYBILL_INVOICES_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:3334", value_parser = address)]
    pub invoices_listen: SocketAddr,
    /// Address of the gateway, which serves the routes of both.
    #[arg(long, env = "WAYBILL_GATEWAY_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:8000", value_parser = address)]
    pub gateway_listen: SocketAddr,
}

/// Where the data is kept.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Databases")]
pub struct DatabaseSettings {
    /// Folder of the embedded databases and of the compiled components.
    #[arg(long, env = "WAYBILL_DATA", value_name = "FOLDER", default_value = ".waybill")]
    pub data: PathBuf,
    /// The orders database on a PostgreSQL server, in place of the embedded one.
    #[arg(long, env = "ORDERS_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub orders_database_url: Option<SecretUrl>,
    /// The invoices database on a PostgreSQL server, in place of the embedded one.
    #[arg(long, env = "INVOICES_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub invoices_database_url: Option<SecretUrl>,
    /// Connections to each PostgreSQL server; statements are pipelined over them.
    #[arg(long, env = "WAYBILL_DATABASE_CONNECTIONS", value_name = "COUNT", default_value_t = 8, value_parser = count::<1, 512>)]
    pub database_connections: u32,
}

/// Which components are run.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Components")]
pub struct ComponentSettings {
    /// Run the component in a file in place of the one inside this program, for example orders=./orders.wasm.
    #[arg(long = "component", value_name = "NAME=PATH", value_parser = component)]
    pub components: Vec<(ComponentName, PathBuf)>,
}

/// The two components.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ComponentName {
    /// `orders.wasm`.
    Orders,
    /// `invoices.wasm`.
    Invoices,
}

impl ComponentName {
    /// The name that users know it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Invoices => "invoices",
        }
    }
}

/// What requests and instances may use. See [`Limits`].
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitSettings {
    /// Instances of each component that work at the same time.
    #[arg(long, env = "WAYBILL_INSTANCES", value_name = "COUNT", default_value_t = 64, value_parser = count::<1, 1024>)]
    pub instances: u32,
    /// Requests in hand for each component; further ones are answered 503.
    #[arg(long, env = "WAYBILL_REQUESTS_IN_FLIGHT", value_name = "COUNT", default_value_t = 512, value_parser = count::<1, 65536>)]
    pub requests_in_flight: u32,
    /// Requests that an instance serves before a fresh one takes its place; 1 gives each request its own instance.
    #[arg(long, env = "WAYBILL_REQUESTS_PER_INSTANCE", value_name = "COUNT", default_value_t = 1000, value_parser = count::<1, 1_000_000>)]
    pub requests_per_instance: u32,
    /// Memory of an instance, in MiB.
    #[arg(long, env = "WAYBILL_INSTANCE_MEMORY_MIB", value_name = "MIB", default_value_t = 64, value_parser = count::<4, 1024>)]
    pub instance_memory_mib: u32,
    /// Time that a request may take, in seconds.
    #[arg(long, env = "WAYBILL_REQUEST_TIMEOUT_S", value_name = "SECONDS", default_value_t = 10, value_parser = count::<1, 300>)]
    pub request_timeout_s: u32,
}

impl From<&LimitSettings> for Limits {
    fn from(settings: &LimitSettings) -> Self {
        Self {
            instances: settings.instances,
            requests_in_flight: settings.requests_in_flight,
            requests_per_instance: settings.requests_per_instance as usize,
            memory_bytes: (settings.instance_memory_mib as usize) << 20,
            request_time: Duration::from_secs(settings.request_timeout_s.into()),
            ..Self::default()
        }
    }
}

/// `waybill migrate`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct MigrateSettings {
    /// Start a new migration instead.
    #[command(subcommand)]
    pub new: Option<MigrateCommand>,
    /// Show which migrations are applied and which are to come, and change nothing.
    #[arg(long)]
    pub status: bool,
    /// Databases.
    #[command(flatten)]
    pub databases: DatabaseSettings,
}

/// What `waybill migrate` can do besides migrating.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Make the next migration's file, for example `waybill migrate new orders add_notes`.
    New {
        /// The database: orders or invoices.
        #[arg(value_parser = component_name)]
        database: ComponentName,
        /// What it does, in lower-case words joined by underscores.
        #[arg(value_parser = migration_name)]
        name: String,
        /// Folder of the migrations.
        #[arg(long, default_value = "migrations")]
        migrations: PathBuf,
    },
}

/// What is ours at `info`; libraries speak up when something is wrong.
const QUIET_LIBRARIES: &str = "info,oliphaunt_wasix=warn,refinery_core=warn,tokio_postgres=warn";

/// Where logs go and what they say.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Logs")]
pub struct LogSettings {
    /// Which events are logged, for example info or warn,waybill=debug.
    #[arg(long, env = "RUST_LOG", value_name = "FILTER", default_value = QUIET_LIBRARIES, global = true)]
    pub log: String,
    /// How they are written, on standard error: human or json.
    #[arg(long, env = "WAYBILL_LOG_FORMAT", value_name = "FORMAT", default_value = "human", global = true)]
    pub log_format: waybill_telemetry::LogFormat,
}

/// A URL with a password in it, which is never printed.
#[derive(Clone)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The URL itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SecretUrl")
    }
}

impl FromStr for SecretUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // What is wrong with it is said where it is used, without the password.
        if text.trim().is_empty() {
            return Err("it is empty; an example is postgresql://user:password@localhost:5432/orders".into());
        }
        Ok(Self(text.trim().to_owned()))
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let literal = text.replacen("localhost", "127.0.0.1", 1);
    literal.parse().map_err(|_| "it is no address with a port; an example is 127.0.0.1:3333".to_owned())
}

fn count<const LEAST: u32, const MOST: u32>(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(value) if (LEAST..=MOST).contains(&value) => Ok(value),
        _ => Err(format!(
            "it must be a whole number from {LEAST} to {MOST}; an example is {}",
            MOST.min(LEAST * 8)
        )),
    }
}

fn origin(text: &str) -> Result<HeaderValue, String> {
    let fault = || "it is no origin; an example is https://shop.example.com".to_owned();
    let (scheme, host) = text.split_once("://").ok_or_else(fault)?;
    if !matches!(scheme, "http" | "https") || host.is_empty() || host.contains('/') {
        return Err(fault());
    }
    HeaderValue::from_str(text).map_err(|_| fault())
}

fn component_name(text: &str) -> Result<ComponentName, String> {
    match text {
        "orders" => Ok(ComponentName::Orders),
        "invoices" => Ok(ComponentName::Invoices),
        _ => Err("it must be orders or invoices".to_owned()),
    }
}

fn component(text: &str) -> Result<(ComponentName, PathBuf), String> {
    let (name, path) =
        text.split_once('=').ok_or("it needs a name and a path; an example is orders=./orders.wasm")?;
    Ok((component_name(name)?, PathBuf::from(path)))
}

fn migration_name(text: &str) -> Result<String, String> {
    let fits = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fits && text.len() <= 60 {
        Ok(text.to_owned())
    } else {
        Err("it must be lower-case words joined by underscores; an example is add_notes".to_owned())
    }
}
