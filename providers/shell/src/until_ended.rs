use std::os::unix::process::parent_id;
use std::time::Duration;

use tokio::time::sleep;
use wasmcloud_provider_sdk::Provider;

/// How often a provider looks whether its host is still there.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Waits until the host has asked the provider to end, or is gone.
///
/// A host that is killed leaves its providers behind. They would hold ports and consume queues for ever, beside those of the
/// next host.
pub async fn until_ended(asked: impl Future<Output = ()>, provider: &impl Provider) {
    tokio::select! {
        () = asked => {}
        () = orphaned() => {
            tracing::warn!("the host is gone, so this provider ends");
            if let Err(error) = provider.shutdown().await {
                tracing::error!("it did not end in order: {error:#}");
            }
        }
    }
}

async fn orphaned() {
    let host = parent_id();
    while parent_id() == host {
        sleep(LOOK_INTERVAL).await;
    }
}
