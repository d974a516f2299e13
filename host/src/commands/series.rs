//! `waybill series`: shows and sets how numbers and dates are formed, by the operations that serve `/series`.

use super::service_settings::{print, set, show};
use crate::settings::{LogSettings, SeriesSettings};

const SERIES: &str = "/series";

/// Runs `waybill series`.
pub async fn run(settings: SeriesSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let series = match settings {
        SeriesSettings::Show { service } => show(SERIES, &service, logs).await?,
        SeriesSettings::Set { file, service } => set(SERIES, &file, &service, logs).await?,
    };
    print(&series)
}
