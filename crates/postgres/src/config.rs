//! How a database is reached and used.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use url::Url;

use crate::error::Chain;
use crate::tls::Verification;
use crate::{ConnectError, SessionSettings};

const EXAMPLE: &str = "postgresql://user:password@localhost:5432/orders?sslmode=require";

/// A PostgreSQL server.
#[derive(Clone)]
pub struct ServerConfig {
    /// Connections that are kept open; statements are pipelined over them.
    pub connections: usize,
    /// Statements that may be in flight at the same time; further ones are refused at once.
    pub statements_in_flight: usize,
    /// The time that a statement may take. The server ends it a little earlier. It is half of the time that the host gives a
    /// request, so that a request whose database does not answer can still say so.
    pub statement_limit: Duration,
    /// The time that a connection may take to be made.
    pub connect_limit: Duration,
    /// The session settings, which every connection has from its start.
    pub session_settings: SessionSettings,
    pub(crate) postgres: tokio_postgres::Config,
    pub(crate) verification: Verification,
    pub(crate) address: String,
}

impl ServerConfig {
    /// Reads a URL: `postgresql://user:password@host:port/database?sslmode=…`.
    ///
    /// `sslmode` is that of libpq: `disable`; `prefer` (the default) and `require` encrypt and do not check the
    /// certificate; `verify-full` (`verify-ca` counts as it) also checks it against the system's authorities and the
    /// host's name. Other parameters are libpq's too, as far as tokio-postgres knows them.
    pub fn new(url: &str) -> Result<Self, ConnectError> {
        let bad = |fault: String| {
            ConnectError::BadUrl(format!("the database URL {fault}; an example is {EXAMPLE}"))
        };
        let mut url = Url::parse(url).map_err(|fault| bad(format!("is not a URL ({fault})")))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(bad(format!("begins with {}://, not with postgresql://", url.scheme())));
        }
        let verification = separate_verification(&mut url);
        let mut postgres: tokio_postgres::Config = url
            .as_str()
            .parse()
            .map_err(|fault: tokio_postgres::Error| bad(format!("cannot be used ({})", Chain(&fault))))?;
        if postgres.get_hosts().is_empty() {
            return Err(bad("names no host".to_owned()));
        }
        postgres.keepalives_idle(Duration::from_secs(15)).keepalives_interval(Duration::from_secs(5));
        postgres.keepalives_retries(3).tcp_user_timeout(Duration::from_secs(30));
        Ok(Self::of(postgres, verification))
    }

    /// A database of a server on this machine, by the folder of its Unix socket.
    pub fn at_socket(folder: &Path, user: &str, database: &str) -> Self {
        let mut postgres = tokio_postgres::Config::new();
        postgres.host_path(folder).user(user).dbname(database).ssl_mode(SslMode::Disable);
        Self::of(postgres, Verification::None)
    }

    fn of(mut postgres: tokio_postgres::Config, verification: Verification) -> Self {
        if postgres.get_application_name().is_none() {
            postgres.application_name("waybill");
        }
        let address = address(&postgres);
        Self {
            connections: 8,
            statements_in_flight: 256,
            statement_limit: Duration::from_secs(5),
            connect_limit: Duration::from_secs(5),
            session_settings: SessionSettings::default(),
            postgres,
            verification,
            address,
        }
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ServerConfig")
            .field("address", &self.address)
            .field("connections", &self.connections)
            .field("session_settings", &self.session_settings)
            .finish_non_exhaustive()
    }
}

/// Takes the modes that tokio-postgres does not know out of the URL.
fn separate_verification(url: &mut Url) -> Verification {
    let mut verification = Verification::None;
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if pairs.is_empty() {
        return verification;
    }
    let mut query = url.query_pairs_mut();
    query.clear();
    for (name, value) in pairs {
        let value = match (name.as_str(), value.as_str()) {
            ("sslmode", "verify-full" | "verify-ca") => {
                verification = Verification::Full;
                "require"
            }
            // Falling back to plain text only after TLS failed is what `prefer` does the other way round.
            ("sslmode", "allow") => "prefer",
            (_, value) => value,
        };
        query.append_pair(&name, value);
    }
    drop(query);
    verification
}

fn address(config: &tokio_postgres::Config) -> String {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().or(config.get_user()).unwrap_or("postgres");
    let tls = if config.get_ssl_mode() == SslMode::Disable { ", without TLS" } else { "" };
    match config.get_hosts().first() {
        Some(Host::Tcp(name)) => format!("{name}:{port} (database {database}{tls})"),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => format!("{} (database {database})", folder.display()),
        None => format!(":{port} (database {database}{tls})"),
    }
}

#[cfg(test)]
mod tests {
    use super::ServerConfig;
    use crate::tls::Verification;

    #[test]
    fn a_hosted_servers_url_is_taken_as_it_is() {
        let url = "postgresql://u:geheim@db.example.com/orders?sslmode=require&channel_binding=require";
        let config = ServerConfig::new(url).unwrap();
        assert_eq!(config.address, "db.example.com:5432 (database orders)");
        assert_eq!(config.verification, Verification::None);
        assert!(!format!("{config:?}").contains("geheim"));
    }

    #[test]
    fn verify_full_is_known() {
        let config = ServerConfig::new("postgres://u@h/d?sslmode=verify-full").unwrap();
        assert_eq!(config.verification, Verification::Full);
    }

    #[test]
    fn a_bad_url_is_reported_with_an_example_and_without_the_password() {
        for url in [
            "nonsense",
            "mysql://u:geheim@h/d",
            "postgresql://u:geheim@h/d?sslmode=maybe",
            "postgresql://u:geheim@h:x/d",
        ] {
            let text = ServerConfig::new(url).unwrap_err().to_string();
            assert!(text.contains("an example is postgresql://"), "{text}");
            assert!(!text.contains("geheim"), "{text}");
        }
    }
}
