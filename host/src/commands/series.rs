//! `waybill series`: shows and sets how numbers and dates are formed, by the operations that serve
//! `/sellers/{id}/series`.

use super::service_settings::{print, set, show};
use crate::settings::{LogSettings, SeriesSettings};

/// Runs `waybill series`.
pub async fn run(settings: SeriesSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let path = |seller: &str| format!("/sellers/{seller}/series");
    let series = match settings {
        SeriesSettings::Show { seller, service } => show(&path(&seller.id), &service, logs).await?,
        SeriesSettings::Set { file, seller, service } => {
            set(&path(&seller.id), &file, &service, logs).await?
        }
    };
    print(&series)
}
