use clap::Args;
use waybill_tests::Http;

use crate::{Databases, System};

/// What is to be known of a system that runs already. What is left out is not checked.
#[derive(Args, Clone, Debug, Default)]
pub struct Elsewhere {
    /// Where invoices are served, unless at the same address as orders.
    #[arg(long, value_name = "URL")]
    pub invoices: Option<String>,
    /// The token of POST /events.
    #[arg(long, env = "WAYBILL_EVENTS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub events_token: Option<String>,
    /// The orders database.
    #[arg(long, env = "ORDERS_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub orders_database_url: Option<String>,
    /// The invoices database.
    #[arg(long, env = "INVOICES_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub invoices_database_url: Option<String>,
}

impl Elsewhere {
    /// The system whose orders are at `url`.
    pub fn system(self, url: &str) -> System {
        let invoices = self.invoices.unwrap_or_else(|| url.to_owned());
        let databases = self.orders_database_url.zip(self.invoices_database_url);
        System {
            orders: Http::new(url),
            invoices: Http::new(invoices.trim_end_matches('/')),
            gateway: None,
            events_token: self.events_token,
            databases: databases.map(|(orders, invoices)| Databases { orders, invoices }),
            traces: None,
            is_ours: false,
            running: Vec::new(),
        }
    }
}
