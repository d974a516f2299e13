//! `waybill dev`: everything in one process, with components that are rebuilt when their sources change.

use super::up;
use crate::dev::Rebuilder;
use crate::settings::{DevSettings, LogSettings};

/// Runs `waybill dev` until it is asked to end.
pub async fn run(settings: DevSettings, logs: &LogSettings) -> anyhow::Result<()> {
    settings.ensure_loopback()?;
    let DevSettings { rebuild, up: settings } = settings;
    let components = settings.hosting.components.clone();
    Box::pin(up::run_with(settings, logs, || Rebuilder::start(&rebuild, &components).map(Some))).await
}
