//! Where servers are, and how they are connected to.

use std::fmt;
use std::net::IpAddr;

use tokio_postgres::config::Host;

use crate::target::Target;
use crate::tls::TlsSettings;

/// Where the servers are, and how they are connected to.
#[derive(Clone)]
pub(crate) struct Servers {
    /// At least one, in the order in which they are tried.
    pub(crate) hosts: Vec<ServerHost>,
    /// Whether they are tried in a random order instead.
    pub(crate) in_random_order: bool,
    pub(crate) target: Target,
    pub(crate) tls: TlsSettings,
    /// The settings that all of them share.
    pub(crate) postgres: tokio_postgres::Config,
    /// Whether something between us and the server may share its sessions among its clients.
    pub(crate) may_be_pooled: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ServerHost {
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// Its address, where the host's name is not to be looked up.
    pub(crate) address: Option<IpAddr>,
}

impl fmt::Display for ServerHost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Tcp(name) if name.contains(':') => write!(out, "[{name}]:{}", self.port),
            Host::Tcp(name) => write!(out, "{name}:{}", self.port),
            Host::Unix(folder) if self.port == 5432 => write!(out, "{}", folder.display()),
            Host::Unix(folder) => write!(out, "{}:{}", folder.display(), self.port),
        }
    }
}
