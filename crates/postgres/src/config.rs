//! How a database is reached and used.

mod parameters;
mod url;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use tokio_postgres::config::Host;

use self::parameters::Parameters;
use crate::servers::{ServerHost, Servers};
use crate::target::Target;
use crate::tls::TlsSettings;
use crate::{ConnectError, SessionSettings};

const EXAMPLE: &str = "postgresql://user:password@localhost:5432/orders?sslmode=require";

/// A PostgreSQL server, or several of which one is used.
#[derive(Clone)]
pub struct ServerConfig {
    /// Connections that are kept open; statements are pipelined over them.
    pub connections: usize,
    /// Statements that may be in flight at the same time; further ones are refused at once.
    pub statements_in_flight: usize,
    /// The time that a statement may take. The server ends it a little earlier. It is half of the time that the host gives a
    /// request, so that a request whose database does not answer can still say so.
    pub statement_limit: Duration,
    /// The time that a connection to one address may take to be made. The URL's `connect_timeout` sets it.
    pub connect_limit: Duration,
    /// The session settings, which every connection has from its start. Those that Waybill's promises need go before them
    /// ([`SessionSettings`] lists them).
    pub session_settings: SessionSettings,
    /// Whether sessions have to take writes. A server that takes none, such as a standby, is then not used. Only a program that
    /// reads sets it to false.
    pub writes: bool,
    pub(crate) servers: Servers,
}

impl ServerConfig {
    /// Reads a URL: `postgresql://user:password@host:port/database?sslmode=…`.
    ///
    /// It has the meaning that libpq gives it, so `psql` takes the same one: several hosts, sockets' folders, `options`,
    /// `target_session_attrs` and so on. What is not known here is refused by its name, never left out. These differ:
    ///
    /// - Characters that separate the parts of a URL (`# / ? @ %`) have to be percent-encoded in user name and password.
    /// - A host has to be named.
    /// - `sslmode=allow` is `prefer`. Without `sslrootcert`, `verify-full` uses the system's authorities, and `verify-ca`
    ///   checks the name too, since these sign for anybody.
    /// - A connection gets 5 s for each address unless `connect_timeout` says otherwise; none waits without a limit.
    pub fn new(url: &str) -> Result<Self, ConnectError> {
        let mut parameters = Parameters::default();
        let servers = url::read(url, &mut |name, value| parameters.set(name, value))
            .and_then(|()| parameters.servers());
        let servers = servers.map_err(|fault| {
            ConnectError::BadUrl(format!("the database URL {fault}; an example is {EXAMPLE}"))
        })?;
        let mut config = Self::of(servers);
        config.connect_limit = parameters.connect_limit().unwrap_or(config.connect_limit);
        Ok(config)
    }

    /// A database of a server on this machine, by the folder of its Unix socket.
    pub fn at_socket(folder: &Path, user: &str, database: &str) -> Self {
        let mut postgres = tokio_postgres::Config::new();
        postgres.user(user).dbname(database).application_name(parameters::APPLICATION_NAME);
        Self::of(Servers {
            hosts: vec![ServerHost { host: Host::Unix(folder.to_owned()), port: 5432, address: None }],
            in_random_order: false,
            target: Target::Any,
            tls: TlsSettings::default(),
            postgres,
            may_be_pooled: false,
        })
    }

    fn of(servers: Servers) -> Self {
        Self {
            connections: 8,
            statements_in_flight: 256,
            statement_limit: Duration::from_secs(5),
            connect_limit: Duration::from_secs(5),
            session_settings: SessionSettings::default(),
            writes: true,
            servers,
        }
    }

    /// Whether both name the same database of the same servers for the same user, so that their sessions see the same tables. Two names
    /// of one server are not seen to be one; another user or other options can lead to another schema.
    pub fn names_the_database_of(&self, other: &Self) -> bool {
        let (one, two) = (&self.servers.postgres, &other.servers.postgres);
        self.servers.hosts == other.servers.hosts
            && self.database() == other.database()
            && one.get_user() == two.get_user()
            && one.get_options() == two.get_options()
    }

    fn database(&self) -> &str {
        let postgres = &self.servers.postgres;
        postgres.get_dbname().or(postgres.get_user()).unwrap_or("postgres")
    }

    /// Hosts, ports and database, for people.
    pub fn address(&self) -> String {
        let hosts = self.servers.hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let database = self.database();
        let is_remote = self.servers.hosts.iter().any(|host| matches!(host.host, Host::Tcp(_)));
        let tls = if is_remote && self.servers.tls.is_off() { ", without TLS" } else { "" };
        format!("{hosts} (database {database}{tls})")
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ServerConfig")
            .field("address", &self.address())
            .field("connections", &self.connections)
            .field("session_settings", &self.session_settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ServerConfig;

    #[test]
    fn a_hosted_servers_url_is_taken_as_it_is() {
        let url = "postgresql://u:geheim@db.example.com/orders?sslmode=require&channel_binding=require";
        let config = ServerConfig::new(url).unwrap();
        assert_eq!(config.address(), "db.example.com:5432 (database orders)");
        assert!(!format!("{config:?}").contains("geheim"));
    }

    #[test]
    fn a_bad_url_is_reported_with_an_example_and_without_the_password() {
        for url in [
            "nonsense",
            "mysql://u:geheim@h/d",
            "postgresql://u:geheim@h/d?sslmode=maybe",
            "postgresql://u:geheim@h:x/d",
            "postgresql://u:geheim@/d",
            "postgresql://u:geheim#@h/d",
        ] {
            let text = ServerConfig::new(url).unwrap_err().to_string();
            assert!(text.contains("an example is postgresql://"), "{text}");
            assert!(!text.contains("geheim"), "{text}");
        }
    }

    /// What the parameters of a URL come to.
    fn read(parameters: &str) -> Result<ServerConfig, String> {
        let url = format!("postgresql://u:geheim@a:1,b/d?{parameters}");
        ServerConfig::new(&url).map_err(|error| error.to_string())
    }

    #[test]
    fn parameters_have_the_meaning_that_libpq_gives_them() {
        let shown = |config: &ServerConfig| {
            let servers = &config.servers;
            let postgres = &servers.postgres;
            format!(
                "{} {:?} {:?} {:?} {:?} {:?}",
                config.address(),
                servers.target,
                servers.tls.trust,
                postgres.get_ssl_mode(),
                postgres.get_channel_binding(),
                postgres.get_application_name().unwrap_or_default(),
            )
        };
        let usual = r#"a:1, b:5432 (database d) Any Optional Prefer Prefer "waybill""#;
        for (parameters, changed, expected) in [
            ("", "", ""),
            ("host=c&port=", "a:1, b:5432", "c:5432"),
            ("host=c,d&port=7", "a:1, b:5432", "c:7, d:7"),
            ("host=/run/pg,d&port=,7", "a:1, b:5432", "/run/pg, d:7"),
            ("host=::1&port=7", "a:1, b:5432", "[::1]:7"),
            ("host=&hostaddr=10.0.0.1&port=", "a:1, b:5432", "10.0.0.1:5432"),
            ("dbname=e", "database d", "database e"),
            ("application_name=x%20y", "waybill", "x y"),
            ("fallback_application_name=x", "waybill", "x"),
            ("target_session_attrs=prefer-standby", "Any", "PreferStandby"),
            ("target_session_attrs=read-write&target_session_attrs=any", "", ""),
            ("channel_binding=require", "Prefer \"", "Require \""),
            ("sslmode=disable", "d) Any Optional Prefer", "d, without TLS) Any Off Disable"),
            ("sslmode=allow", "", ""),
            ("sslmode=require", "Optional Prefer", "Any Require"),
            ("ssl=true", "Optional Prefer", "Any Require"),
            ("sslmode=require&sslrootcert=/x", "Optional Prefer", "Authority(\"/x\") Require"),
            ("sslmode=verify-ca&sslrootcert=/x", "Optional Prefer", "Authority(\"/x\") Require"),
            ("sslmode=verify-full&sslrootcert=/x", "Optional Prefer", "AuthorityAndName(\"/x\") Require"),
            ("sslmode=verify-full", "Optional Prefer", "System Require"),
            ("sslmode=verify-ca", "Optional Prefer", "System Require"),
            ("sslrootcert=system", "Optional Prefer", "System Require"),
            ("client_encoding=UTF8&gssencmode=prefer&sslsni=1", "", ""),
        ] {
            let config = read(parameters).unwrap();
            assert_eq!(shown(&config), usual.replacen(changed, expected, 1), "{parameters}");
        }
        let servers =
            read("options=-c%20a.b%3Dc%5C%20d&user=v&password=p&load_balance_hosts=random").unwrap().servers;
        assert_eq!(servers.postgres.get_options(), Some(r"-c a.b=c\ d"));
        assert_eq!(servers.postgres.get_user(), Some("v"));
        assert_eq!(servers.postgres.get_password(), Some(&b"p"[..]));
        assert!(servers.in_random_order);
        let seconds = |parameters| read(parameters).unwrap().connect_limit.as_secs();
        assert_eq!((seconds("connect_timeout=7"), seconds("connect_timeout=0")), (7, 5));
        let tcp =
            read("tcp_user_timeout=7000&keepalives_idle=3&keepalives_count=2").unwrap().servers.postgres;
        assert_eq!(tcp.get_tcp_user_timeout().map(std::time::Duration::as_secs), Some(7));
        assert_eq!((tcp.get_keepalives_idle().as_secs(), tcp.get_keepalives_retries()), (3, Some(2)));
    }

    #[test]
    fn what_is_not_supported_is_refused_by_its_name() {
        for (parameters, word) in [
            ("passfile=x", "passfile"),
            ("sslcrl=x", "sslcrl"),
            ("gssencmode=require", "gssencmode"),
            ("sslnegotiation=direct", "sslnegotiation"),
            ("nonsense=1", "nonsense"),
            ("sslmode=geheim", "sslmode"),
            ("target_session_attrs=geheim", "prefer-standby"),
            ("connect_timeout=geheim", "connect_timeout"),
            ("port=1,2,3", "ports"),
            ("port=70000", "port"),
            ("hostaddr=10.0.0.1", "hostaddr"),
            ("hostaddr=geheim,10.0.0.1", "hostaddr"),
            ("host=a,&port=", "empty host"),
            ("host=", "names no host"),
            ("sslcert=x", "sslkey"),
            ("sslmode=require&sslrootcert=system", "verify-full"),
        ] {
            let fault = read(parameters).unwrap_err();
            assert!(fault.contains(word) && !fault.contains("geheim"), "{parameters}: {fault}");
        }
    }
}
