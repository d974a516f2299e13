//! `waybill seller`: shows and sets the seller, by the operations that serve `/seller`.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use serde_json::Value;
use wasmtime_wasi_http::WasiBody;

use crate::components::{self, invoices_service};
use crate::databases::{self, Databases};
use crate::http::ComponentService;
use crate::process::Process;
use crate::runtime::Limits;
use crate::settings::{ComponentName, InvoicesSettings, LogSettings, SellerSettings};

const SELLER: &str = "/seller";

/// The largest seller that is read from a file or an answer, in bytes: the service takes no larger body.
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
    let mut seller: Value = serde_json::from_slice(&answered?).context("the service's answer is not JSON")?;
    // What is printed can be edited and set.
    if seller.as_object_mut().and_then(|seller| seller.remove("isSpecimen")).is_some() {
        eprintln!(
            "No seller is set: this is the example, and documents in its name are marked as specimens."
        );
    }
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &seller)?;
    writeln!(out)?;
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
) -> anyhow::Result<Bytes> {
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
    let mut request = Request::builder().method(method).uri(SELLER).body(body)?;
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_static("localhost"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer(&service, request).await
}

async fn answer(service: &ComponentService, request: Request<Bytes>) -> anyhow::Result<Bytes> {
    let response: Response<WasiBody> = service.ask(request, false).await;
    let status = response.status();
    let limit = usize::try_from(MAX_BYTES)?;
    let body = Limited::new(response.into_body(), limit).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!("the answer cannot be read: {error}"))?.to_bytes();
    if status.is_success() {
        return Ok(body);
    }
    let Refusal { detail, errors } = serde_json::from_slice(&body).unwrap_or_default();
    let faults: Vec<_> = errors.iter().map(|Fault { field, rule }| format!("{field} {rule}")).collect();
    match (detail.is_empty(), faults.is_empty()) {
        (true, _) => bail!("the service answered {status}"),
        (false, true) => bail!("{detail}"),
        (false, false) => bail!("{detail}\n  {}", faults.join("\n  ")),
    }
}

/// The members of a problem document that a person needs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    detail: String,
    errors: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    field: String,
    rule: String,
}
