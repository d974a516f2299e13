use std::net::SocketAddr;

use super::Access;
use crate::settings::KeyCheck;

/// Whether the listener `name` on `address`, which serves these services, requires API keys. Warns where it is open to other machines, and
/// where there is no key yet.
pub async fn requires_keys(name: &str, address: SocketAddr, check: KeyCheck, services: &[&Access]) -> bool {
    if check.leaves_open(address) {
        tracing::warn!(
            "{address} ({name}) can be called without a key from other machines, as --key-check off says; \
             keep it behind a gateway that checks keys, or remove that setting"
        );
    }
    let requires = check.asks_at(address);
    if requires {
        for access in services {
            access.warn_if_there_is_no_key().await;
        }
    }
    requires
}
