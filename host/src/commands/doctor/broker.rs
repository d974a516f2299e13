//! RabbitMQ, if a URL is set.

use waybill_broker::probe;

use super::finding::Finding;
use crate::settings::BrokerSettings;

/// Whether RabbitMQ accepts the connection and the account. Nothing is declared: the queue may be wanted in another form by a peer that is first.
pub(super) async fn check(settings: &BrokerSettings) -> Vec<Finding> {
    let what = "RabbitMQ";
    let config = match settings.config("doctor") {
        Ok(Some(config)) => config,
        Ok(None) => {
            let text = "no URL is set: events reach invoices in process, which is enough for `waybill up`";
            return vec![Finding::good(what, text)];
        }
        Err(error) => return vec![Finding::failed(what, &error)],
    };
    vec![match probe(&config).await {
        Ok(()) => Finding::good(what, format_args!("{} accepts the connection and the account", config.url)),
        Err(error) => Finding::failed(what, &anyhow::Error::new(error).context("BROKER_URL")),
    }]
}
