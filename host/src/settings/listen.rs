use std::net::SocketAddr;

use clap::Args;

use super::values::{address, count};

/// Where the orders service listens. Port 0 lets the system choose.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct OrdersListen {
    /// Address of the orders service.
    #[arg(long, env = "WAYBILL_ORDERS_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:3333", value_parser = address)]
    pub orders_listen: SocketAddr,
}

/// Where the invoices service listens. Port 0 lets the system choose.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct InvoicesListen {
    /// Address of the invoices service.
    #[arg(long, env = "WAYBILL_INVOICES_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:3334", value_parser = address)]
    pub invoices_listen: SocketAddr,
}

/// Where the gateway listens. Port 0 lets the system choose.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct GatewayListen {
    /// Address of the gateway, which serves the routes of both.
    #[arg(long, env = "WAYBILL_GATEWAY_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:8000", value_parser = address)]
    pub gateway_listen: SocketAddr,
}

/// Where the traces of this process are shown.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct TracesListen {
    /// Address on which the latest traces are shown, or off. They are kept only where no OTEL_EXPORTER_OTLP_ENDPOINT takes them.
    /// It has no access control.
    #[arg(long, env = "WAYBILL_TRACES_LISTEN", value_name = "IP:PORT", default_value = "127.0.0.1:16686", value_parser = address_or_off)]
    pub traces_listen: AddressOrOff,
    /// Where the console finds a trace that is not kept here, for example http://jaeger:16686/trace/{traceId}.
    #[arg(long, env = "WAYBILL_TRACE_URL", value_name = "URL", value_parser = trace_url)]
    pub trace_url: Option<String>,
}

/// An address, or none on purpose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressOrOff {
    /// Nothing is opened.
    Off,
    /// It is opened there.
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
    if text == "off" { Ok(AddressOrOff::Off) } else { address(text).map(AddressOrOff::At) }
}

fn trace_url(text: &str) -> Result<String, String> {
    let is_url = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    if is_url && text.contains("{traceId}") {
        return Ok(text.to_owned());
    }
    Err("it needs http:// or https:// and {traceId}; an example is http://jaeger:16686/trace/{traceId}"
        .to_owned())
}

/// Where a process tells operators how it is doing.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct AdminListen {
    /// Address on which GET /livez, /readyz, /health and /metrics (for Prometheus) tell how this process is doing; none is
    /// opened unless it is given. It has no access control: keep it inside.
    #[arg(long, env = "WAYBILL_ADMIN_LISTEN", value_name = "IP:PORT", value_parser = address)]
    pub admin_listen: Option<SocketAddr>,
}

/// How a process that serves requests ends.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Shutdown")]
pub struct DrainSettings {
    /// Time from SIGTERM or SIGINT until the listeners close, in seconds, in which requests are still served and /readyz and
    /// /health are 503 already: as long as the load balancer in front takes to notice that, for example 15. Requests in hand then
    /// get up to 10 s more, so whoever ends this process by force has to wait longer than both.
    #[arg(long, env = "WAYBILL_DRAIN_DELAY_S", value_name = "S", default_value = "0", value_parser = count::<0, 300>)]
    pub drain_delay_s: u32,
}

/// `waybill health`.
#[derive(Args, Clone, Debug)]
pub struct HealthSettings {
    /// The address for operators of the process that is asked, for example 0.0.0.0:9464.
    #[arg(long, env = "WAYBILL_ADMIN_LISTEN", value_name = "IP:PORT", value_parser = address)]
    pub admin_listen: SocketAddr,
    /// Ask only whether it lives, which it does also while what it needs is away: for whoever restarts what is not well.
    #[arg(long)]
    pub live: bool,
}
