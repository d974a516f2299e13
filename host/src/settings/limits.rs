use std::time::Duration;

use clap::Args;

use super::values::count;
use crate::runtime::Limits;

/// See [`Limits`].
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitSettings {
    /// Busy instances of each component.
    #[arg(long, env = "WAYBILL_INSTANCES", value_name = "COUNT", default_value_t = 64, value_parser = count::<1, 1024>)]
    pub instances: u32,
    /// Requests in flight for each component; further ones are answered 503.
    #[arg(long, env = "WAYBILL_REQUESTS_IN_FLIGHT", value_name = "COUNT", default_value_t = 512, value_parser = count::<1, 65536>)]
    pub requests_in_flight: u32,
    /// Requests that an instance serves before a fresh one replaces it; 1 gives each request its own instance.
    #[arg(long, env = "WAYBILL_REQUESTS_PER_INSTANCE", value_name = "COUNT", default_value_t = 1000, value_parser = count::<1, 1_000_000>)]
    pub requests_per_instance: u32,
    /// Memory of an instance, in MiB.
    #[arg(long, env = "WAYBILL_INSTANCE_MEMORY_MIB", value_name = "MIB", default_value_t = 64, value_parser = count::<4, 1024>)]
    pub instance_memory_mib: u32,
    /// Timeout of a request, in seconds.
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
