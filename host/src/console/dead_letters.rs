use std::collections::BTreeMap;

use askama::Template;
use http::{Request, Response, StatusCode};
use wasmtime_wasi_http::WasiBody;
use waybill_broker::{DeadLetter, Edit, Selector};

use super::form::form;
use super::page::{Visit, go_to_with, notice, render};
use super::parked_events::{self, Group as ParkedGroup};
use super::shared::Shared;
use super::walks;
use crate::http::RequestBody;
use crate::pages::{Moment, parameter};

/// Dead letters on a page, for each cause.
const SHOWN: usize = 50;

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
    /// Whether all of them can be named at once.
    can_replay: bool,
    letters: Vec<Line>,
    /// Which one is the first on the page, counted from 1.
    first: usize,
    /// The query of the next page.
    next: Option<String>,
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
    fault: Option<String>,
}

/// All dead letters by cause, and the parked events. `?cause=CAUSE&from=50` shows further ones of a cause, and `?dry-run=CAUSE` what a
/// replay would do.
pub(super) async fn list(console: &Shared, visit: &Visit, query: &str) -> Response<WasiBody> {
    let (mut groups, mut fault) = (Vec::new(), None);
    if let Some(broker) = &console.system.broker {
        match console.dead_letters.list(broker).await {
            Ok(found) => groups = pages(&found.groups, query),
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
    if !visit.may_see_orders() {
        return notice(visit, StatusCode::FORBIDDEN, "Your API key lacks the scope orders:read.");
    }
    let Some(broker) = &console.system.broker else { return missing() };
    let found = match console.dead_letters.get(broker, id).await {
        Ok(Some(found)) => found,
        Ok(None) => return missing(),
        Err(reason) => return notice(visit, StatusCode::SERVICE_UNAVAILABLE, &reason),
    };
    let (body, fault) = match written {
        Some((body, fault)) => (body, Some(fault)),
        None => (String::from_utf8_lossy(&found.body).into_owned(), None),
    };
    let original = found.original_body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned());
    let line = line(&walks::Line::from(&found));
    let DeadLetter { cause, queue, headers, .. } = found;
    let headers = headers.into_iter().collect();
    render(&Letter { visit, line, cause, queue, body, original, headers, fault })
}

/// Replays all dead letters of a cause, or one.
pub(super) async fn replay(
    console: &Shared,
    visit: &Visit,
    request: Request<RequestBody>,
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
pub(super) async fn edit(
    console: &Shared,
    visit: &Visit,
    request: Request<RequestBody>,
) -> Response<WasiBody> {
    let fields = match permitted(console, visit, request).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let id = parameter(&fields, "id").unwrap_or_default();
    let body = parameter(&fields, "body").unwrap_or_default();
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&body) {
        let fault = format!("The body is not JSON ({error}); nothing was changed.");
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
    match console.dead_letters.change(letters.replay(selector, false, edit)).await {
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
    request: Request<RequestBody>,
) -> Result<String, Response<WasiBody>> {
    parked_events::authorize(console, visit).await?;
    form(visit, request).await
}

/// The first page of each cause, or the page of one cause that the query names.
fn pages(groups: &BTreeMap<String, walks::Group>, query: &str) -> Vec<Group> {
    let cause = parameter(query, "cause");
    let from = parameter(query, "from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let page = |(name, group): (&String, &walks::Group)| {
        let from = if cause.is_some() { from } else { 0 };
        let letters: Vec<_> = group.letters.iter().skip(from).take(SHOWN).map(line).collect();
        let next = from.saturating_add(SHOWN);
        let next = (group.letters.len() > next).then(|| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("cause", name).append_pair("from", &next.to_string()).finish()
        });
        Group {
            cause: name.clone(),
            count: group.count,
            can_replay: name != walks::OTHER_CAUSES,
            letters,
            first: from.saturating_add(1),
            next,
        }
    };
    let shown = groups.iter().filter(|(name, _)| cause.as_ref().is_none_or(|cause| cause == *name));
    shown.map(page).collect()
}

fn line(letter: &walks::Line) -> Line {
    Line {
        id: letter.id.clone(),
        subject: letter.subject.clone(),
        attempts: letter.attempts,
        failed: letter.failed_at.as_deref().and_then(Moment::read),
        error: letter.error.clone(),
    }
}
