//! The parameters of a connection, by the names that libpq gives them.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{ChannelBinding, Host};

use crate::servers::{ServerHost, Servers};
use crate::target::Target;
use crate::tls::{TlsSettings, Trust};

/// What sessions are called in the server's list of them.
pub(super) const APPLICATION_NAME: &str = "waybill";

/// The most hosts of a list.
const HOSTS_LIMIT: usize = 32;

/// Parameters that may be given, in the words of libpq; lists are joined by commas.
#[derive(Default)]
pub(super) struct Parameters {
    host: String,
    hostaddr: String,
    port: String,
    user: Option<String>,
    password: Option<String>,
    dbname: Option<String>,
    options: Option<String>,
    application_name: Option<String>,
    fallback_application_name: Option<String>,
    connect_timeout: Option<Duration>,
    keepalives: Option<bool>,
    keepalives_idle: Option<Duration>,
    keepalives_interval: Option<Duration>,
    keepalives_count: Option<u32>,
    tcp_user_timeout: Option<Duration>,
    channel_binding: Option<ChannelBinding>,
    target: Target,
    in_random_order: bool,
    sslmode: Option<SslMode>,
    sslrootcert: Option<String>,
    sslcert: Option<PathBuf>,
    sslkey: Option<PathBuf>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum SslMode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

const SSL_MODES: [(&str, SslMode); 6] = [
    ("disable", SslMode::Disable),
    // Falling back to plain text only after TLS failed is what `prefer` does the other way round.
    ("allow", SslMode::Prefer),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

const CHANNEL_BINDINGS: [(&str, ChannelBinding); 3] = [
    ("disable", ChannelBinding::Disable),
    ("prefer", ChannelBinding::Prefer),
    ("require", ChannelBinding::Require),
];

const ORDERS: [(&str, bool); 2] = [("disable", false), ("random", true)];

/// Parameters of libpq that change nothing with the one value that is taken: what is done here anyway.
const FIXED: [(&str, &[&str]); 8] = [
    ("client_encoding", &["UTF8", "utf8", "UTF-8", "utf-8", "auto"]),
    ("gssencmode", &["disable", "prefer"]),
    ("requirepeer", &[""]),
    ("ssl_max_protocol_version", &["", "TLSv1.3"]),
    ("ssl_min_protocol_version", &["", "TLSv1.2"]),
    ("sslcompression", &["0"]),
    ("sslnegotiation", &["postgres"]),
    ("sslsni", &["1"]),
];

impl Parameters {
    /// Takes a parameter; an earlier one of its name is forgotten. The fault never repeats a value.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let text = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match name {
            "host" => value.clone_into(&mut self.host),
            "hostaddr" => value.clone_into(&mut self.hostaddr),
            "port" => value.clone_into(&mut self.port),
            "user" => self.user = text(),
            "password" => self.password = text(),
            "dbname" => self.dbname = text(),
            "options" => self.options = text(),
            "application_name" => self.application_name = text(),
            "fallback_application_name" => self.fallback_application_name = text(),
            "connect_timeout" => self.connect_timeout = above_zero(name, value)?.map(Duration::from_secs),
            "keepalives" => self.keepalives = Some(one_of(name, value, &[("0", false), ("1", true)])?),
            "keepalives_idle" => self.keepalives_idle = above_zero(name, value)?.map(Duration::from_secs),
            "keepalives_interval" => {
                self.keepalives_interval = above_zero(name, value)?.map(Duration::from_secs);
            }
            "keepalives_count" => {
                self.keepalives_count = above_zero(name, value)?.and_then(|count| count.try_into().ok());
            }
            "tcp_user_timeout" => self.tcp_user_timeout = above_zero(name, value)?.map(Duration::from_millis),
            "channel_binding" => self.channel_binding = Some(one_of(name, value, &CHANNEL_BINDINGS)?),
            "target_session_attrs" => self.target = one_of(name, value, &Target::NAMES)?,
            "load_balance_hosts" => self.in_random_order = one_of(name, value, &ORDERS)?,
            "sslmode" => self.sslmode = Some(one_of(name, value, &SSL_MODES)?),
            "sslrootcert" => self.sslrootcert = text(),
            "sslcert" => self.sslcert = text().map(PathBuf::from),
            "sslkey" => self.sslkey = text().map(PathBuf::from),
            _ => match FIXED.iter().find(|(fixed, _)| *fixed == name) {
                Some((_, values)) if values.contains(&value) => {}
                Some((_, values)) => {
                    return Err(format!(
                        "has {name} with a value that is not supported; it may be {}",
                        values.join(", ")
                    ));
                }
                None => return Err(format!("has the parameter {name}, which is not supported")),
            },
        }
        Ok(())
    }

    /// The time limit of connecting, if it is set. Zero means unset, as in libpq.
    pub(super) fn connect_limit(&self) -> Option<Duration> {
        self.connect_timeout
    }

    /// The servers that the parameters name.
    pub(super) fn servers(&self) -> Result<Servers, String> {
        let mut postgres = tokio_postgres::Config::new();
        let name = self.application_name.as_ref().or(self.fallback_application_name.as_ref());
        postgres.application_name(name.map_or(APPLICATION_NAME, String::as_str));
        for (value, set) in [
            (&self.user, tokio_postgres::Config::user as fn(&mut _, String) -> &mut _),
            (&self.password, tokio_postgres::Config::password),
            (&self.dbname, tokio_postgres::Config::dbname),
            (&self.options, tokio_postgres::Config::options),
        ] {
            if let Some(value) = value {
                set(&mut postgres, value.clone());
            }
        }
        postgres.channel_binding(self.channel_binding.unwrap_or(ChannelBinding::Prefer));
        // A half-open connection is noticed within 30 s, whatever the kernel's own limits.
        postgres.keepalives(self.keepalives.unwrap_or(true));
        postgres.keepalives_idle(self.keepalives_idle.unwrap_or(Duration::from_secs(15)));
        postgres.keepalives_interval(self.keepalives_interval.unwrap_or(Duration::from_secs(5)));
        postgres.keepalives_retries(self.keepalives_count.unwrap_or(3));
        postgres.tcp_user_timeout(self.tcp_user_timeout.unwrap_or(Duration::from_secs(30)));
        let tls = self.tls()?;
        postgres.ssl_mode(match self.sslmode {
            _ if !tls.is_optional() && !tls.is_off() => tokio_postgres::config::SslMode::Require,
            Some(SslMode::Disable) => tokio_postgres::config::SslMode::Disable,
            _ => tokio_postgres::config::SslMode::Prefer,
        });
        Ok(Servers {
            hosts: self.hosts()?,
            in_random_order: self.in_random_order,
            target: self.target,
            tls,
            postgres,
            may_be_pooled: true,
        })
    }

    fn hosts(&self) -> Result<Vec<ServerHost>, String> {
        let list = |text: &str| -> Vec<String> {
            if text.is_empty() { Vec::new() } else { text.split(',').map(str::to_owned).collect() }
        };
        let (hosts, addresses, ports) = (list(&self.host), list(&self.hostaddr), list(&self.port));
        let count = hosts.len().max(addresses.len());
        if count == 0 {
            return Err("names no host; a server on this machine is named by its socket's folder, as in \
                        postgresql:///orders?host=/run/postgresql"
                .to_owned());
        }
        if count > HOSTS_LIMIT {
            return Err(format!("has more than {HOSTS_LIMIT} hosts"));
        }
        if !(hosts.is_empty() || addresses.is_empty()) && hosts.len() != addresses.len() {
            return Err("has another number of hosts than of hostaddr".to_owned());
        }
        if ports.len() > 1 && ports.len() != count {
            return Err("has another number of ports than of hosts".to_owned());
        }
        (0..count)
            .map(|index| {
                let port = match ports.get(index).or(ports.first()).map_or("", String::as_str) {
                    "" => 5432,
                    port => port
                        .parse()
                        .ok()
                        .filter(|port| *port > 0)
                        .ok_or("has a port that is not a number from 1 to 65535")?,
                };
                let address = match addresses.get(index).map_or("", String::as_str) {
                    "" => None,
                    text => {
                        Some(text.parse::<IpAddr>().map_err(|_| "has a hostaddr that is not an IP address")?)
                    }
                };
                let host = match (hosts.get(index).map_or("", String::as_str), address) {
                    ("", None) => return Err("has an empty host in its list".to_owned()),
                    ("", Some(address)) => Host::Tcp(address.to_string()),
                    (folder, None) if folder.starts_with('/') => Host::Unix(PathBuf::from(folder)),
                    (name, _) => Host::Tcp(name.to_owned()),
                };
                Ok(ServerHost { host, port, address })
            })
            .collect()
    }

    fn tls(&self) -> Result<TlsSettings, String> {
        let is_system = self.sslrootcert.as_deref() == Some("system");
        let mode = self.sslmode.unwrap_or(if is_system { SslMode::VerifyFull } else { SslMode::Prefer });
        if is_system && mode != SslMode::VerifyFull {
            return Err("has sslrootcert=system, whose authorities sign for anybody, so sslmode has to be verify-full".to_owned());
        }
        let file = self.sslrootcert.as_ref().filter(|_| !is_system).map(PathBuf::from);
        let trust = match (mode, file) {
            (SslMode::Disable, _) => Trust::Off,
            (SslMode::Prefer, _) => Trust::Optional,
            (SslMode::Require, None) => Trust::Any,
            // As libpq does: who names an authority wants it to be asked.
            (SslMode::Require | SslMode::VerifyCa, Some(file)) => Trust::Authority(file),
            (SslMode::VerifyFull, Some(file)) => Trust::AuthorityAndName(file),
            (SslMode::VerifyCa | SslMode::VerifyFull, None) => Trust::System,
        };
        let identity = match (&self.sslcert, &self.sslkey) {
            (Some(certificate), Some(key)) => Some((certificate.clone(), key.clone())),
            (None, None) => None,
            _ => return Err("has one of sslcert and sslkey without the other".to_owned()),
        };
        Ok(TlsSettings { trust, identity })
    }
}

fn one_of<T: Copy>(name: &str, value: &str, values: &[(&str, T)]) -> Result<T, String> {
    values.iter().find(|(known, _)| *known == value).map(|(_, value)| *value).ok_or_else(|| {
        let known = values.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
        format!("has {name} with a value that is none of {known}")
    })
}

/// A number; `None` if it is zero or less, which libpq treats as unset.
fn above_zero(name: &str, value: &str) -> Result<Option<u64>, String> {
    let number: i32 =
        value.parse().map_err(|_| format!("has {name} with a value that is not a whole number"))?;
    Ok(u64::try_from(number).ok().filter(|number| *number > 0))
}
