use std::time::SystemTime;

use askama::Template;
use http::{Response, StatusCode};
use wasmtime_wasi_http::WasiBody;
use waybill_broker::DEAD_LETTER_QUEUE;

use super::orders::{Form, Latest, latest};
use super::page::{Visit, render};
use super::samples::Sample;
use super::shared::Shared;
use crate::answers::problem;
use crate::pages::duration;

/// Orders of the list.
const LATEST: usize = 12;

/// The size of a chart, in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;

#[derive(Template)]
#[template(path = "overview.html")]
struct Page<'a> {
    visit: &'a Visit,
    form: Form,
    state: State,
    charts: Vec<Chart>,
    /// `None` for a visitor who may not see orders.
    latest: Option<Vec<Latest>>,
}

#[derive(Template)]
#[template(path = "state.html")]
struct State {
    tiles: Vec<Tile>,
    checks: Vec<(String, Option<String>)>,
}

struct Tile {
    name: &'static str,
    value: String,
    note: String,
    link: Option<&'static str>,
    is_bad: bool,
}

#[derive(Template)]
#[template(path = "charts.html")]
struct Charts {
    charts: Vec<Chart>,
}

/// A number over the last minutes.
struct Chart {
    name: &'static str,
    now: String,
    peak: u64,
    /// For screen readers.
    words: String,
    line: String,
    area: String,
}

#[derive(Template)]
#[template(path = "latest.html")]
struct LatestOrders {
    latest: Vec<Latest>,
}

/// The first page.
pub(super) fn page(console: &Shared, visit: &Visit) -> Response<WasiBody> {
    let latest = visit.may_see_orders().then(|| latest(console, LATEST));
    render(&Page { visit, form: Form::default(), state: state(console), charts: charts(console), latest })
}

/// One of its parts, for `console.js`.
pub(super) fn part(console: &Shared, name: &str) -> Response<WasiBody> {
    match name {
        "state" => render(&state(console)),
        "charts" => render(&Charts { charts: charts(console) }),
        "latest" => render(&LatestOrders { latest: latest(console, LATEST) }),
        _ => problem(StatusCode::NOT_FOUND, "There is no such part."),
    }
}

fn state(console: &Shared) -> State {
    let depths = console.system.depths.now();
    let unknown = || "–".to_owned();
    let documents = depths.documents;
    let mut tiles = vec![Tile {
        name: "Invoices issued",
        value: documents.map_or_else(unknown, |it| it.invoices.to_string()),
        note: documents.map_or_else(String::new, |it| match it.credit_notes {
            1 => "1 credit note".to_owned(),
            count => format!("{count} credit notes"),
        }),
        link: Some("/console/invoices"),
        is_bad: false,
    }];
    let outbox = depths.outbox.as_ref();
    let age = outbox.and_then(|outbox| outbox.oldest_age);
    tiles.push(Tile {
        name: "Events in the outbox",
        value: outbox.map_or_else(unknown, |outbox| outbox.pending.to_string()),
        note: age
            .map_or_else(|| "none pending".to_owned(), |age| format!("the oldest for {}", duration(age))),
        link: None,
        is_bad: age.is_some_and(|age| age.as_secs() >= 60),
    });
    for (queue, count) in &depths.queues {
        if queue == waybill_contracts::ORDERS_QUEUE {
            let retrying: u32 =
                depths.queues.iter().filter(|(name, _)| name.contains(".retry.")).map(|it| it.1).sum();
            tiles.push(Tile {
                name: "Messages in the queue",
                value: count.to_string(),
                note: format!("{retrying} wait for a retry"),
                link: None,
                is_bad: false,
            });
        } else if queue == DEAD_LETTER_QUEUE {
            tiles.push(Tile {
                name: "Dead letters",
                value: count.to_string(),
                note: if *count == 0 { "none" } else { "need attention" }.to_owned(),
                link: Some("/console/dead-letters"),
                is_bad: *count > 0,
            });
        }
    }
    let parked = outbox.map_or(0, |outbox| outbox.parked);
    tiles.push(Tile {
        name: "Parked events",
        value: outbox.map_or_else(unknown, |_| parked.to_string()),
        note: if parked == 0 { "none" } else { "need attention" }.to_owned(),
        link: Some("/console/dead-letters"),
        is_bad: parked > 0,
    });
    let report = console.system.health.report();
    let shown = |name: &str| name.replace('_', " ");
    let checks = report.checks().iter();
    let checks = checks.map(|(name, found)| (shown(name), found.as_ref().err().cloned())).collect();
    State { tiles, checks }
}

fn charts(console: &Shared) -> Vec<Chart> {
    let samples = console.samples.all();
    let mut charts = vec![chart("Outbox depth", "events", &samples, |sample| sample.outbox)];
    if console.system.broker.is_some() {
        charts.push(chart("Queue depth", "messages", &samples, |sample| sample.queue));
        charts.push(chart("Dead letters", "messages", &samples, |sample| sample.dead));
    }
    charts
}

fn chart(
    name: &'static str,
    unit: &str,
    samples: &[Sample],
    value: impl Fn(&Sample) -> Option<u64>,
) -> Chart {
    let now = SystemTime::now();
    let span = 600.0;
    let points: Vec<(f64, u64)> = samples
        .iter()
        .filter_map(|sample| Some((now.duration_since(sample.at).ok()?.as_secs_f64(), value(sample)?)))
        .filter(|(age, _)| *age <= span)
        .collect();
    let peak = points.iter().map(|(_, value)| *value).max().unwrap_or(0);
    // A chart needs no more than 32 bits.
    let float = |value: u64| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    let top = float(peak.max(1));
    let place = |(age, value): &(f64, u64)| {
        let (x, y) = (WIDTH * (1.0 - age / span), (HEIGHT - 2.0) * (1.0 - float(*value) / top) + 1.0);
        format!("{x:.1},{y:.1}")
    };
    let line = points.iter().map(place).collect::<Vec<_>>().join(" ");
    let area = match (points.first(), points.last()) {
        (Some((first, _)), Some((last, _))) => {
            let x = |age: &f64| WIDTH * (1.0 - age / span);
            format!("{:.1},{HEIGHT} {line} {:.1},{HEIGHT}", x(first), x(last))
        }
        _ => String::new(),
    };
    let latest = points.last().map(|(_, value)| *value);
    let words = match latest {
        Some(latest) => format!("{name} over the last ten minutes: {latest} {unit} now, {peak} at most."),
        None => format!("{name}: no measurement yet."),
    };
    Chart { name, now: latest.map_or_else(|| "–".to_owned(), |it| it.to_string()), peak, words, line, area }
}
