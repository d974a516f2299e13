use std::collections::BTreeMap;
use std::time::Duration;

use askama::Template;
use futures::TryStreamExt as _;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::time::timeout;
use wasmtime_wasi_http::WasiBody;
use waybill_broker::{Broker, BrokerError, DeadLetter, Edit, Selector};
use waybill_telemetry::with_causes;

use super::orders::form;
use super::page::{Visit, go_to_with, notice, render};
use super::parked_events::{self, Group as ParkedGroup};
use super::shared::Shared;
use crate::pages::{Moment, parameter};

/// Dead letters of a cause that are listed; the rest is only counted.
const SHOWN: usize = 50;

/// The time that a walk through the dead letters may take.
const LIMIT: Duration = Duration::from_secs(20);

#[derive(Template)]
#[template(path = "dead_letters.html")]
struct Page<'a> {
    visit: &'a Visit,
    has_broker: bool,
    fault: Option<String>,
    groups: Vec<Group>,
    parked: Vec<ParkedGroup>,
    dry_run: Option<DryRun>,
}

struct DryRun {
    cause: String,
    count: usize,
}

struct Group {
    cause: String,
    count: usize,
    letters: Vec<Line>,
}

struct Line {
    id: String,
    subject: String,
    attempts: u32,
    failed: Option<Moment>,
    error: String,
}

#[derive(Template)]
#[template(path = "dead_letter.html")]
struct Letter<'a> {
    visit: &'a Visit,
    line: Line,
    cause: String,
    queue: String,
    body: String,
    original: Option<String>,
    headers: Vec<(String, String)>,
    may_read: bool,
    fault: Option<String>,
}

/// All dead letters by cause, and the parked events. `?dry-run=CAUSE` shows what a replay would do.
pub(super) async fn list(console: &Shared, visit: &Visit, query: &str) -> Response<WasiBody> {
    let (mut groups, mut fault) = (Vec::new(), None);
    if let Some(broker) = &console.system.broker {
        match walk(console, by_cause(broker)).await {
            Ok(found) => groups = found,
            Err(reason) => fault = Some(reason),
        }
    }
    let parked = match parked_events::groups(console).await {
        Ok(groups) => groups,
        Err(reason) => {
            fault.get_or_insert(reason);
            Vec::new()
        }
    };
    let dry_run = parameter(query, "dry-run").and_then(|cause| {
        let group = groups.iter().find(|group| group.cause == cause)?;
        Some(DryRun { cause, count: group.count })
    });
    let has_broker = console.system.broker.is_some();
    render(&Page { visit, has_broker, fault, groups, parked, dry_run })
}

/// One dead letter, to inspect and to correct.
pub(super) async fn letter(console: &Shared, visit: &Visit, query: &str) -> Response<WasiBody> {
    let id = parameter(query, "id").unwrap_or_default();
    show(console, visit, &id, None).await
}

async fn show(
    console: &Shared,
    visit: &Visit,
    id: &str,
    written: Option<(String, String)>,
) -> Response<WasiBody> {
    let missing =
        || notice(visit, StatusCode::NOT_FOUND, "There is no such dead letter; it may have been replayed.");
    let Some(broker) = &console.system.broker else { return missing() };
    let letters = broker.dead_letters();
    let found = match walk(console, letters.get(id)).await {
        Ok(Some(found)) => found,
        Ok(None) => return missing(),
        Err(reason) => return notice(visit, StatusCode::SERVICE_UNAVAILABLE, &reason),
    };
    let may_read = parked_events::authorize(console, visit, &Method::GET).await.is_ok();
    let (body, fault) = match written {
        Some((body, fault)) => (body, Some(fault)),
        None => (String::from_utf8_lossy(&found.body).into_owned(), None),
    };
    let original = found.original_body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned());
    let line = line(&found);
    let DeadLetter { cause, queue, headers, .. } = found;
    let headers = headers.into_iter().collect();
    render(&Letter { visit, line, cause, queue, body, original, headers, may_read, fault })
}

/// Replays all dead letters of a cause, or one.
pub(super) async fn replay(
    console: &Shared,
    visit: &Visit,
    request: Request<Incoming>,
) -> Response<WasiBody> {
    let fields = match permitted(console, visit, request).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let selector = match (parameter(&fields, "id"), parameter(&fields, "cause")) {
        (Some(id), _) => Selector::Id(id),
        (None, Some(cause)) => Selector::Cause(cause),
        (None, None) => {
            return notice(
                visit,
                StatusCode::BAD_REQUEST,
                "Choose the dead letters: the form has neither id nor cause.",
            );
        }
    };
    carry_out(console, visit, &selector, None).await
}

/// Replays one with another body.
pub(super) async fn edit(console: &Shared, visit: &Visit, request: Request<Incoming>) -> Response<WasiBody> {
    let fields = match permitted(console, visit, request).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let id = parameter(&fields, "id").unwrap_or_default();
    let body = parameter(&fields, "body").unwrap_or_default();
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&body) {
        let fault = format!("The body is no JSON ({error}); nothing was changed.");
        return show(console, visit, &id, Some((body, fault))).await;
    }
    let edit = Edit { body: body.into(), by: "the console".to_owned() };
    carry_out(console, visit, &Selector::Id(id), Some(&edit)).await
}

async fn carry_out(
    console: &Shared,
    visit: &Visit,
    selector: &Selector,
    edit: Option<&Edit>,
) -> Response<WasiBody> {
    let Some(broker) = &console.system.broker else {
        return notice(visit, StatusCode::NOT_FOUND, "RabbitMQ does not carry the events here.");
    };
    let letters = broker.dead_letters();
    match walk(console, letters.replay(selector, false, edit)).await {
        Ok(report) if report.matched == 0 => go_to_with(
            "/console/dead-letters",
            "No dead letter matched; they may have been replayed already.",
        ),
        Ok(report) => {
            let done = format!("{} of {} were returned to their queue.", report.done, report.matched);
            go_to_with("/console/dead-letters", &done)
        }
        Err(reason) => notice(visit, StatusCode::SERVICE_UNAVAILABLE, &reason),
    }
}

/// The fields of a form whose sender may act on events.
async fn permitted(
    console: &Shared,
    visit: &Visit,
    request: Request<Incoming>,
) -> Result<String, Response<WasiBody>> {
    parked_events::authorize(console, visit, &Method::POST).await?;
    let too_large = || notice(visit, StatusCode::PAYLOAD_TOO_LARGE, "The form is too large.");
    form(request).await.ok_or_else(too_large)
}

/// One walk at a time, with a time limit.
async fn walk<T>(console: &Shared, walk: impl Future<Output = Result<T, BrokerError>>) -> Result<T, String> {
    let walked = timeout(LIMIT, async {
        let _walking = console.walking.lock().await;
        walk.await
    });
    match walked.await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(with_causes(&error)),
        Err(_) => Err(format!("RabbitMQ did not answer within {LIMIT:?}.")),
    }
}

async fn by_cause(broker: &Broker) -> Result<Vec<Group>, BrokerError> {
    let letters = broker.dead_letters();
    let mut letters = std::pin::pin!(letters.list().await?);
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    while let Some(letter) = letters.try_next().await? {
        let group = groups.entry(letter.cause.clone()).or_insert_with(|| Group {
            cause: letter.cause.clone(),
            count: 0,
            letters: Vec::new(),
        });
        group.count += 1;
        if group.letters.len() < SHOWN {
            group.letters.push(line(&letter));
        }
    }
    Ok(groups.into_values().collect())
}

fn line(letter: &DeadLetter) -> Line {
    Line {
        id: letter.id.clone(),
        subject: letter.subject.clone(),
        attempts: letter.attempts,
        failed: letter.failed_at.as_deref().and_then(Moment::read),
        error: letter.last_error.clone().unwrap_or_default(),
    }
}
