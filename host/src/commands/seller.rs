//! `waybill seller`: shows and sets the seller, by the operations that serve `/seller`.

use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use http::Method;
use serde_json::Value;

use crate::components::{self, invoices_service};
use crate::databases::{self, Databases};
use crate::output;
use crate::process::Process;
use crate::runtime::Limits;
use crate::service_client::{self, FieldError, Problem, Refused};
use crate::settings::{ComponentName, InvoicesSettings, LogSettings, SellerSettings};

const SELLER: &str = "/seller";

/// The largest seller that is read from a file, in bytes: the service takes no larger body.
const MAX_BYTES: u64 = 64 << 10;

/// Runs `waybill seller`.
pub async fn run(settings: SellerSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let (method, body, service) = match settings {
        SellerSettings::Show { service } => (Method::GET, Bytes::new(), service),
        SellerSettings::Set { file, service } => (Method::PUT, read(&file)?, service),
    };
    let mut process = Process::start("waybill", logs)?;
    let answered = ask(&mut process, &service, method, body).await;
    process.end().await;
    let mut seller = answered?;
    // What is printed can be edited and set.
    if seller.as_object_mut().and_then(|seller| seller.remove("isSpecimen")).is_some() {
        output::remark(
            "No seller is set: this is the example, and documents in its name are marked as specimens.",
        );
    }
    output::line(serde_json::to_string_pretty(&seller)?)?;
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Bytes> {
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut text))
    };
    read.with_context(|| format!("the seller cannot be read from {}", file.display()))?;
    Ok(text.into())
}

/// Asks the invoices service in this process, so that the command keeps the rules of the API.
async fn ask(
    process: &mut Process,
    settings: &InvoicesSettings,
    method: Method,
    body: Bytes,
) -> anyhow::Result<Value> {
    databases::ensure_exists(ComponentName::Invoices, &settings.databases)?;
    let databases = Databases::join(&settings.databases, &[ComponentName::Invoices]).await?;
    process.keep_local_postgres(databases.local());
    let database = databases.open_to_change(ComponentName::Invoices).await?;
    process.keep_database("invoices", &database);
    let folder = settings.components.compiled_in(&settings.databases.data);
    let names = [ComponentName::Invoices];
    let (engine, [component]) =
        components::load_within(names, &settings.components, &folder, Limits::default()).await?;
    let telemetry = process.telemetry.service("invoices");
    let (service, _) = invoices_service(&engine, &component, &database, &telemetry)?;
    let answer = service.ask(service_client::request(method, SELLER, body), false).await;
    service_client::read(answer).await.map_err(explain)
}

/// A refusal in the service's words.
fn explain(Refused { status, problem: Problem { detail, errors } }: Refused) -> anyhow::Error {
    if detail.is_empty() {
        return anyhow!("the service answered {status}");
    }
    let faults = errors.into_iter().map(|FieldError { field, rule }| format!("  {field} {rule}"));
    let lines: Vec<String> = [detail].into_iter().chain(faults).collect();
    anyhow!(lines.join("\n"))
}
