//! Making a connection.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use futures::FutureExt as _;
use thiserror::Error;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, NoTls, Socket};

use crate::backend::Backend;
use crate::driver::{Driver, drive, while_driven};
use crate::error::Chain;
use crate::pooler::refuse_shared_sessions;
use crate::servers::{ServerHost, Servers};
use crate::target::Target;
use crate::{ConnectError, ServerConfig, tls};

type Failure = Box<dyn Error + Send + Sync>;

/// How a connection is made.
#[derive(Clone, Copy)]
pub(crate) struct Purpose {
    /// The time limit of its statements.
    pub(crate) statement_limit: Option<Duration>,
    /// Whether it is checked that the session is not shared with others.
    pub(crate) checks_pooling: bool,
}

/// A connection whose session is set up.
pub(crate) struct Connected {
    pub(crate) client: Client,
    pub(crate) driver: Driver,
    pub(crate) backend: Backend,
}

/// Connects to the first server that meets the target.
pub(crate) async fn connect(config: &ServerConfig, purpose: Purpose) -> Result<Connected, ConnectError> {
    try_all(config, purpose).await.map_err(|failures| unusable(config, failures))
}

/// Whether the servers answer new connections: with a session, with a refusal, or, as a connection pooler whose sessions are all in use
/// does, by accepting the connection.
pub(crate) async fn answers(config: &ServerConfig) -> bool {
    let purpose = Purpose { statement_limit: None, checks_pooling: false };
    let Err(failures) = try_all(config, purpose).await else { return true };
    let is_any = |of: fn(&Failure) -> bool| failures.iter().any(|(_, failure)| of(failure));
    !is_any(|failure| failure.is::<NoAnswer>()) || is_any(|failure| failure.is::<NoSession>())
}

async fn try_all(config: &ServerConfig, purpose: Purpose) -> Result<Connected, Vec<(ServerHost, Failure)>> {
    let mut failures = Vec::new();
    for target in config.servers.target.passes() {
        for host in in_order(&config.servers) {
            for address in addresses(config, &host, &mut failures).await {
                match open(config, &host, address, *target, purpose).await {
                    Ok(connected) => return Ok(connected),
                    Err(failure) => failures.push((host.clone(), failure)),
                }
            }
        }
    }
    Err(failures)
}

fn in_order(servers: &Servers) -> Vec<ServerHost> {
    let mut hosts = servers.hosts.clone();
    if servers.in_random_order {
        shuffle(&mut hosts);
    }
    hosts
}

/// Shuffles the items (Fisher-Yates).
fn shuffle<T>(items: &mut [T]) {
    for index in 1..items.len() {
        let other = uuid::Uuid::new_v4().as_u128() % (index as u128 + 1);
        items.swap(index, usize::try_from(other).unwrap_or(index));
    }
}

/// The addresses of a host, each of which is tried. There is none for a socket.
async fn addresses(
    config: &ServerConfig,
    host: &ServerHost,
    failures: &mut Vec<(ServerHost, Failure)>,
) -> Vec<Option<IpAddr>> {
    let name = match (&host.host, host.address) {
        (_, Some(address)) => return vec![Some(address)],
        (Host::Unix(_), None) => return vec![None],
        (Host::Tcp(name), None) => name.as_str(),
    };
    let found = timeout(config.connect_limit, tokio::net::lookup_host((name, host.port))).await;
    let fault: Failure = match found {
        Ok(Ok(found)) => {
            let mut found: Vec<_> = found.map(|address| Some(address.ip())).collect();
            if config.servers.in_random_order {
                shuffle(&mut found);
            }
            if !found.is_empty() {
                return found;
            }
            "the host has no address".into()
        }
        Ok(Err(error)) => error.into(),
        Err(_) => NoAnswer(config.connect_limit).into(),
    };
    failures.push((host.clone(), fault));
    Vec::new()
}

/// Connects to one address, and sets the session up if the server meets the target.
async fn open(
    config: &ServerConfig,
    host: &ServerHost,
    address: Option<IpAddr>,
    target: Target,
    purpose: Purpose,
) -> Result<Connected, Failure> {
    // The check of pooling makes a second connection.
    let limit = if purpose.checks_pooling { config.connect_limit * 2 } else { config.connect_limit };
    let deadline = Instant::now() + limit;
    let started = timeout_at(deadline, start(&config.servers, host, address)).await;
    let (client, mut driver) = started.map_err(|_| NoAnswer(config.connect_limit))??;
    let session = async {
        if purpose.checks_pooling && config.servers.may_be_pooled {
            let second = start(&config.servers, host, address);
            refuse_shared_sessions(&client, &mut driver, second, config.connect_limit).await?;
        }
        // A little below our own limit, so that the server reports the end of the statement and we need not guess it.
        let limit = purpose.statement_limit.map(|limit| limit * 9 / 10);
        let settings = config.session_settings.of_session(limit);
        let (server, backend) = while_driven(&mut driver, settings.apply(&client)).await??;
        if config.writes && server.read_only {
            return Err(Failure::from(ReadOnly));
        }
        if target.takes(server) { Ok(backend) } else { Err(NotTheTarget.into()) }
    };
    let backend = timeout_at(deadline, session).await.map_err(|_| NoSession(config.connect_limit))??;
    Ok(Connected { client, driver, backend })
}

async fn start(
    servers: &Servers,
    host: &ServerHost,
    address: Option<IpAddr>,
) -> Result<(Client, Driver), Failure> {
    let mut postgres = servers.postgres.clone();
    match &host.host {
        Host::Unix(folder) => postgres.host_path(folder).ssl_mode(SslMode::Disable),
        Host::Tcp(name) => postgres.host(name),
    };
    postgres.port(host.port);
    if let Some(address) = address {
        postgres.hostaddr(address);
    }
    if postgres.get_ssl_mode() == SslMode::Disable {
        Ok(start_with(&postgres, NoTls).boxed().await?)
    } else {
        Ok(start_with(&postgres, tls::connector(&servers.tls)?).boxed().await?)
    }
}

async fn start_with<T>(
    postgres: &tokio_postgres::Config,
    tls: T,
) -> Result<(Client, Driver), tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket> + 'static,
    T::Stream: Send,
{
    let (client, connection) = postgres.connect(tls).await?;
    Ok((client, drive(connection).boxed()))
}

#[derive(Debug, Error)]
#[error("no answer within {0:?}")]
struct NoAnswer(Duration);

/// The connection was accepted, and its first statement not answered.
#[derive(Debug, Error)]
#[error(
    "it accepted the connection, and had no session for it within {0:?}; if it is a connection pooler, all its connections to the server \
     are in use"
)]
struct NoSession(Duration);

#[derive(Debug, Error)]
#[error("it is read-only")]
struct ReadOnly;

#[derive(Debug, Error)]
#[error("it is not what target_session_attrs asks for")]
struct NotTheTarget;

/// The error of all attempts.
fn unusable(config: &ServerConfig, mut failures: Vec<(ServerHost, Failure)>) -> ConnectError {
    let address = config.address();
    if failures.iter().any(|(_, failure)| failure.is::<ReadOnly>()) {
        return ConnectError::ReadOnly { address };
    }
    let source = match (failures.pop(), failures.is_empty()) {
        (Some((_, only)), true) => only,
        (last, _) => {
            let all = failures.iter().chain(&last);
            let all: Vec<_> =
                all.map(|(host, failure)| format!("{host}: {}", Chain(failure.as_ref()))).collect();
            all.join("; ").into()
        }
    };
    ConnectError::Unreachable { address, source }
}
