use std::net::IpAddr;
use std::time::Duration;

use anyhow::ensure;
use clap::Args;

use super::values::count;
use crate::http::{ConnectionLimits, OPERATORS};
use crate::runtime::Limits;

/// Open connections, where descriptors allow it.
const CONNECTIONS: usize = 2_048;

/// The fewest connections with which a process can serve.
const LEAST_CONNECTIONS: usize = 16;

/// Event streams of one address: a browser has six connections, and several may share an address.
const STREAMS_PER_ADDRESS: usize = 24;

/// See [`Limits`].
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitSettings {
    /// Busy instances of each component.
    #[arg(long, env = "WAYBILL_INSTANCES", value_name = "COUNT", default_value_t = 64, value_parser = count(1..=1024))]
    pub instances: u32,
    /// Requests in flight for each component; further ones are answered 503.
    #[arg(long, env = "WAYBILL_REQUESTS_IN_FLIGHT", value_name = "COUNT", default_value_t = 512, value_parser = count(1..=65536))]
    pub requests_in_flight: u32,
    /// Requests that an instance serves before a fresh one replaces it; 1 gives each request its own instance.
    #[arg(long, env = "WAYBILL_REQUESTS_PER_INSTANCE", value_name = "COUNT", default_value_t = 1000, value_parser = count(1..=1_000_000))]
    pub requests_per_instance: u32,
    /// Memory of an instance, in MiB.
    #[arg(long, env = "WAYBILL_INSTANCE_MEMORY_MIB", value_name = "MIB", default_value_t = 64, value_parser = count(4..=1024))]
    pub instance_memory_mib: u32,
    /// Timeout of a request, in seconds.
    #[arg(long, env = "WAYBILL_REQUEST_TIMEOUT_S", value_name = "SECONDS", default_value_t = 10, value_parser = count(1..=300))]
    pub request_timeout_s: u32,
    /// Memory that requests with large answers (pages of lists, documents) share, in MiB; further ones wait up to 5 s, and are then
    /// answered 503.
    #[arg(long, env = "WAYBILL_ANSWER_MEMORY_MIB", value_name = "MIB", default_value_t = 60, value_parser = count(8..=65536))]
    pub answer_memory_mib: u32,
}

/// The limits of connections; see [`ConnectionLimits`].
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct ConnectionSettings {
    /// Open connections of all addresses but the admin address; beyond them, the one that has waited longest for its client is closed
    /// for a new one. By default 2048, or fewer where the limit on open files (ulimit -n) is low.
    #[arg(long, env = "WAYBILL_CONNECTIONS", value_name = "COUNT", value_parser = count(16..=1_000_000))]
    pub connections: Option<u32>,
    /// Open connections of one client address, or IPv6 network of 64 bits; by default half of all.
    #[arg(long, env = "WAYBILL_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", value_parser = count(1..=1_000_000))]
    pub connections_per_address: Option<u32>,
    /// Addresses of gateways, which may have all connections, separated by commas; loopback always may.
    #[arg(long, env = "WAYBILL_TRUSTED_PROXIES", value_name = "IP,…", value_delimiter = ',', value_parser = ip)]
    pub trusted_proxies: Vec<IpAddr>,
    /// Memory for heads and bodies of requests on all connections, in MiB, beyond the first 8 KiB of each, and as much again for
    /// answers; beyond it, those that have waited longest for their clients are closed.
    #[arg(long, env = "WAYBILL_BUFFER_MEMORY_MIB", value_name = "MIB", default_value_t = 24, value_parser = count(4..=65536))]
    pub buffer_memory_mib: u32,
}

impl ConnectionSettings {
    /// The limits, where the limit on open files leaves `most` connections to clients and operators.
    pub fn limits(&self, most: usize) -> anyhow::Result<ConnectionLimits> {
        let most = most.saturating_sub(OPERATORS).max(LEAST_CONNECTIONS);
        let connections = self.connections.map_or(CONNECTIONS.min(most), |count| count as usize);
        ensure!(
            connections <= most,
            "WAYBILL_CONNECTIONS (--connections) is {connections}, but the limit on open files leaves {most}; raise it with ulimit -n, or \
             set for example --connections {most}"
        );
        let per_address = self.connections_per_address.map_or(connections / 2, |count| count as usize);
        ensure!(
            per_address <= connections,
            "WAYBILL_CONNECTIONS_PER_ADDRESS (--connections-per-address) is {per_address}, but all addresses together have {connections} \
             by WAYBILL_CONNECTIONS (--connections); set for example --connections-per-address {}",
            connections / 2
        );
        Ok(ConnectionLimits {
            connections,
            per_address,
            streams_per_address: STREAMS_PER_ADDRESS,
            buffer_bytes: (self.buffer_memory_mib as usize) << 20,
            trusted: self.trusted_proxies.clone(),
        })
    }
}

fn ip(text: &str) -> Result<IpAddr, String> {
    text.trim().parse().map_err(|_| "it is not an IP address; an example is 172.18.0.5".to_owned())
}

impl LimitSettings {
    /// Says which of two limits is never reached, since the other one comes first. Each is right by itself: one of them is often a
    /// default, so this is not an error.
    pub fn explain(&self) {
        if let Some(text) = self.unreached() {
            tracing::info!("{text}");
        }
    }

    fn unreached(&self) -> Option<String> {
        let Self { instances, requests_in_flight: requests, .. } = self;
        (instances > requests).then(|| {
            format!(
                "WAYBILL_INSTANCES (--instances) is {instances}, but at most {requests} are busy, since WAYBILL_REQUESTS_IN_FLIGHT \
                 (--requests-in-flight) is {requests}"
            )
        })
    }
}

impl From<&LimitSettings> for Limits {
    fn from(settings: &LimitSettings) -> Self {
        Self {
            instances: settings.instances,
            requests_in_flight: settings.requests_in_flight,
            requests_per_instance: settings.requests_per_instance as usize,
            memory_bytes: (settings.instance_memory_mib as usize) << 20,
            request_time: Duration::from_secs(settings.request_timeout_s.into()),
            answer_bytes: (settings.answer_memory_mib as usize) << 20,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        limits: LimitSettings,
        #[command(flatten)]
        connections: ConnectionSettings,
    }

    fn program(words: &[&str]) -> Program {
        Program::parse_from(["waybill"].iter().chain(words))
    }

    #[test]
    fn an_address_has_no_more_connections_than_all() {
        let limits = |words: &[&str], most| {
            let limits = program(words).connections.limits(most).map_err(|fault| fault.to_string());
            limits.map(|limits| (limits.connections, limits.per_address))
        };
        assert_eq!(limits(&[], 10_000), Ok((2_048, 1_024)));
        assert_eq!(
            limits(&["--connections", "100", "--connections-per-address", "100"], 10_000),
            Ok((100, 100))
        );
        for words in [&["--connections", "100"][..], &[]] {
            let words = [words, &["--connections-per-address", "3000"]].concat();
            let fault = limits(&words, 10_000).unwrap_err();
            for part in [
                "WAYBILL_CONNECTIONS_PER_ADDRESS (--connections-per-address) is 3000",
                "WAYBILL_CONNECTIONS (--connections)",
            ] {
                assert!(fault.contains(part), "{fault}");
            }
        }
        let fault = limits(&["--connections", "3000"], 1_000).unwrap_err();
        assert!(fault.contains("WAYBILL_CONNECTIONS (--connections) is 3000"), "{fault}");
    }

    #[test]
    fn instances_that_are_never_busy_are_reported() {
        let unreached = |words: &[&str]| program(words).limits.unreached();
        assert_eq!(unreached(&[]), None);
        let text = unreached(&["--requests-in-flight", "10"]).unwrap();
        assert!(
            text.contains("--instances) is 64, but at most 10") && text.contains("--requests-in-flight"),
            "{text}"
        );
    }
}
