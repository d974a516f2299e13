use clap::Args;
use waybill_webhooks::WebhooksConfig;

/// Where webhooks may go.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Webhooks")]
pub struct WebhooksSettings {
    /// Also post webhooks to addresses in private networks and without TLS, for example http://localhost:9000. A caller who may
    /// add a webhook endpoint can then send requests into your network.
    #[arg(long, env = "WAYBILL_WEBHOOKS_ALLOW_PRIVATE")]
    pub webhooks_allow_private: bool,
}

impl WebhooksSettings {
    /// The settings of the delivery.
    pub fn config(self) -> WebhooksConfig {
        WebhooksConfig { allow_private: self.webhooks_allow_private, ..WebhooksConfig::default() }
    }
}
