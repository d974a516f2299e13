//! `waybill seller`: lists, shows and sets sellers, by the operations that serve `/sellers`.

use serde_json::Value;

use super::service_settings::{list, print, set, show};
use crate::output;
use crate::settings::{LogSettings, SellerSettings};

/// Runs `waybill seller`.
pub async fn run(settings: SellerSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let path = |id: &str| format!("/sellers/{id}");
    let mut seller = match settings {
        SellerSettings::List { service } => {
            for seller in list("/sellers", "sellers", &service, logs).await? {
                output::line(line(&seller))?;
            }
            return Ok(());
        }
        SellerSettings::Show { seller, service } => show(&path(&seller.id), &service, logs).await?,
        SellerSettings::Set { file, seller, service } => {
            set(&path(&seller.id), &file, &service, logs).await?
        }
    };
    // What is printed can be edited and set.
    if seller.as_object_mut().and_then(|seller| seller.remove("isSpecimen")).is_some() {
        output::remark(
            "No seller is set: this is the example, and documents in its name are marked as specimens.",
        );
    }
    print(&seller)
}

fn line(seller: &Value) -> String {
    let text = |name: &str| seller[name].as_str().unwrap_or_default();
    let end = if seller["isSpecimen"] == true { "  specimen" } else { "" };
    format!("{}  {}{end}", text("id"), text("name"))
}
