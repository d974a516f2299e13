use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use waybill_webhooks::{SecretKeys, WebhooksConfig};

use super::Secret;

/// Where webhooks may go.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Webhooks")]
pub struct WebhooksSettings {
    /// Also post webhooks to addresses in private networks and without TLS, for example http://localhost:9000. A caller who may
    /// add a webhook endpoint can then send requests into your network.
    #[arg(long, env = "WAYBILL_WEBHOOKS_ALLOW_PRIVATE")]
    pub webhooks_allow_private: bool,
}

/// What the secrets of webhook endpoints are encrypted with.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Webhooks")]
pub struct SecretsKeySettings {
    /// Key that encrypts the signing secrets of webhook endpoints in the database: the base64 of 32 bytes, as openssl rand -base64
    /// 32 prints it. To change it, set the new key and the former one, separated by a comma. If it is not set, secrets are stored in
    /// clear. All processes that deliver webhooks need the same.
    #[arg(long, env = "WAYBILL_SECRETS_KEY", value_name = "KEY", hide_env_values = true)]
    pub secrets_key: Option<Secret>,
}

impl SecretsKeySettings {
    /// The settings of the delivery.
    pub fn config(&self, webhooks: WebhooksSettings) -> anyhow::Result<WebhooksConfig> {
        // Checked here: clap's errors would show the key.
        let keys = self.secrets_key.as_ref().map(|keys| SecretKeys::new(keys.expose()));
        let secret_keys = keys.transpose().context("WAYBILL_SECRETS_KEY (--secrets-key)")?.map(Arc::new);
        Ok(WebhooksConfig {
            allow_private: webhooks.webhooks_allow_private,
            secret_keys,
            ..WebhooksConfig::default()
        })
    }
}
