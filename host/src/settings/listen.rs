use std::net::SocketAddr;

use clap::Args;

use super::values::{address, seconds};

/// Where the orders service listens. Port 0 lets the system choose.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct OrdersListen {
    /// Address of the orders service.
    #[arg(long, env = "WAYBILL_ORDERS_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:3333", value_parser = address("127.0.0.1:3333"))]
    pub orders_listen: SocketAddr,
}

/// Where the invoices service listens. Port 0 lets the system choose.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct InvoicesListen {
    /// Address of the invoices service.
    #[arg(long, env = "WAYBILL_INVOICES_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:3334", value_parser = address("127.0.0.1:3334"))]
    pub invoices_listen: SocketAddr,
}

/// Where the gateway listens. Port 0 lets the system choose.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct GatewayListen {
    /// Address of the gateway, which serves the routes of both services.
    #[arg(long, env = "WAYBILL_GATEWAY_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:8000", value_parser = address("127.0.0.1:8000"))]
    pub gateway_listen: SocketAddr,
}

/// Where traces are shown.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct TracesListen {
    /// Address that shows the latest traces, or off. They are kept only if OTEL_EXPORTER_OTLP_ENDPOINT is not set. It has no
    /// access control.
    #[arg(long, env = "WAYBILL_TRACES_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:16686", value_parser = address_or_off)]
    pub traces_listen: AddressOrOff,
    /// Where the console links to traces that are not kept here, for example http://jaeger:16686/trace/{traceId}.
    #[arg(long, env = "WAYBILL_TRACE_URL", value_name = "URL", value_parser = trace_url)]
    pub trace_url: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressOrOff {
    Off,
    At(SocketAddr),
}

impl std::fmt::Display for AddressOrOff {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Off => out.write_str("off"),
            Self::At(address) => write!(out, "{address}"),
        }
    }
}

fn address_or_off(text: &str) -> Result<AddressOrOff, String> {
    if text == "off" { Ok(AddressOrOff::Off) } else { address("127.0.0.1:16686")(text).map(AddressOrOff::At) }
}

fn trace_url(text: &str) -> Result<String, String> {
    let is_url = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    if is_url && text.contains("{traceId}") {
        return Ok(text.to_owned());
    }
    Err("it needs http:// or https:// and {traceId}; an example is http://jaeger:16686/trace/{traceId}"
        .to_owned())
}

/// Where operators ask for health and metrics.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct AdminListen {
    /// Address that serves GET /livez, /readyz, /health and /metrics (for Prometheus). By default there is none. It has no
    /// access control: do not expose it.
    #[arg(long, env = "WAYBILL_ADMIN_LISTEN", value_name = "IP:PORT", value_parser = address("127.0.0.1:9464"))]
    pub admin_listen: Option<SocketAddr>,
}

/// How a process that serves requests shuts down.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Shutdown")]
pub struct DrainSettings {
    /// Seconds from SIGTERM or SIGINT until the listeners close. Meanwhile requests are served, /readyz is 503 and /health of a service 410,
    /// so that a load balancer stops sending requests; 15 suits most. Requests in flight then have up to 10 s more: set the grace
    /// period after which the process is killed to more than the sum.
    #[arg(long, env = "WAYBILL_DRAIN_DELAY_S", value_name = "S", default_value = "0", value_parser = seconds(0..=300, 15))]
    pub drain_delay_s: u32,
}

#[derive(Args, Clone, Debug)]
pub struct HealthSettings {
    /// The --admin-listen address of the process to check, for example 0.0.0.0:9464.
    #[arg(long, env = "WAYBILL_ADMIN_LISTEN", value_name = "IP:PORT", value_parser = address("0.0.0.0:9464"), help_heading = "Addresses")]
    pub admin_listen: SocketAddr,
    /// Check only that it is alive, not that its database and broker are available: for what restarts failed processes.
    #[arg(long)]
    pub live: bool,
}
