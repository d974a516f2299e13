//! `waybill seller`: shows and sets the seller, by the operations that serve `/seller`.

use super::service_settings::{print, set, show};
use crate::output;
use crate::settings::{LogSettings, SellerSettings};

const SELLER: &str = "/seller";

/// Runs `waybill seller`.
pub async fn run(settings: SellerSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut seller = match settings {
        SellerSettings::Show { service } => show(SELLER, &service, logs).await?,
        SellerSettings::Set { file, service } => set(SELLER, &file, &service, logs).await?,
    };
    // What is printed can be edited and set.
    if seller.as_object_mut().and_then(|seller| seller.remove("isSpecimen")).is_some() {
        output::remark(
            "No seller is set: this is the example, and documents in its name are marked as specimens.",
        );
    }
    print(&seller)
}
