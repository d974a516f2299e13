use std::net::SocketAddr;

use clap::Args;

use super::values::address;

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

/// Where a process tells operators how it is doing.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub struct AdminListen {
    /// Address on which GET /health and GET /metrics (for Prometheus) tell how this process is doing; none is opened
    /// unless it is given. It has no access control: keep it inside.
    #[arg(long, env = "WAYBILL_ADMIN_LISTEN", value_name = "IP:PORT", value_parser = address)]
    pub admin_listen: Option<SocketAddr>,
}
