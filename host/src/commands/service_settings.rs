//! What the invoices service keeps as one document that is shown and replaced, such as the seller: a command asks the operations that serve
//! it, in its own process, so that it keeps the rules of the API.

use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use http::Method;
use serde_json::Value;

use crate::components::{self, invoices_service};
use crate::databases::{self, Databases};
use crate::http::ComponentService;
use crate::output;
use crate::process::Process;
use crate::runtime::Limits;
use crate::service_client::{self, Refused};
use crate::settings::{ComponentName, InvoicesSettings, LogSettings};

/// The largest document that is read from a file, in bytes: the service takes no larger body.
const MAX_BYTES: u64 = 64 << 10;

/// Shows what is at this path.
pub async fn show(path: &str, settings: &InvoicesSettings, logs: &LogSettings) -> anyhow::Result<Value> {
    answer(Method::GET, path, Bytes::new(), settings, logs).await
}

/// Replaces what is at this path by the content of a file, or of standard input for `-`.
pub async fn set(
    path: &str,
    file: &Path,
    settings: &InvoicesSettings,
    logs: &LogSettings,
) -> anyhow::Result<Value> {
    answer(Method::PUT, path, read(file)?, settings, logs).await
}

/// All rows of the list at this path; `rows` is their member in a page.
pub async fn list(
    path: &str,
    rows: &str,
    settings: &InvoicesSettings,
    logs: &LogSettings,
) -> anyhow::Result<Vec<Value>> {
    let mut process = Process::start("waybill", logs)?;
    let listed = pages(&mut process, path, rows, settings).await;
    process.end().await;
    listed
}

async fn pages(
    process: &mut Process,
    path: &str,
    rows: &str,
    settings: &InvoicesSettings,
) -> anyhow::Result<Vec<Value>> {
    let service = open(process, settings).await?;
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let target = format!("{path}?limit=100{cursor}");
        let mut page = ask(&service, service_client::request(Method::GET, &target, Bytes::new())).await?;
        if let Value::Array(found) = page[rows].take() {
            listed.extend(found);
        }
        let Some(next) = page["nextCursor"].as_str() else { return Ok(listed) };
        cursor = format!("&cursor={next}");
    }
}

/// Prints what can be edited and set again.
pub fn print(document: &Value) -> anyhow::Result<()> {
    output::line(serde_json::to_string_pretty(document)?)?;
    Ok(())
}

/// A file, or standard input for `-`.
pub(super) fn read(file: &Path) -> anyhow::Result<Bytes> {
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut text))
    };
    read.with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(text.into())
}

async fn answer(
    method: Method,
    path: &str,
    body: Bytes,
    settings: &InvoicesSettings,
    logs: &LogSettings,
) -> anyhow::Result<Value> {
    let mut process = Process::start("waybill", logs)?;
    let answered = match open(&mut process, settings).await {
        Ok(service) => ask(&service, service_client::request(method, path, body)).await,
        Err(error) => Err(error),
    };
    process.end().await;
    answered
}

async fn open(process: &mut Process, settings: &InvoicesSettings) -> anyhow::Result<ComponentService> {
    databases::ensure_exists(ComponentName::Invoices, &settings.databases)?;
    let databases = Databases::join(&settings.databases, &[ComponentName::Invoices]).await?;
    process.keep_local_postgres(databases.local());
    let database = databases.open_to_change(ComponentName::Invoices).await?;
    process.keep_database("invoices", &database);
    let folder = settings.components.compiled_in(&settings.databases.data);
    let names = [ComponentName::Invoices];
    let (engine, [loaded]) =
        components::load_within(names, &settings.components, &folder, Limits::default()).await?;
    let telemetry = process.telemetry.service("invoices");
    let (service, _) = invoices_service(&engine, &loaded.component, &database, &telemetry, None)?;
    Ok(service)
}

async fn ask(service: &ComponentService, request: http::Request<Bytes>) -> anyhow::Result<Value> {
    let answer = service.ask(request, false).await;
    service_client::read(answer).await.map_err(|Refused { status, problem }| problem.refusal(status).into())
}
