use std::time::SystemTime;

use askama::Template;
use http::{Response, StatusCode};
use serde::Deserialize;
use uuid::Uuid;
use wasmtime_wasi_http::WasiBody;

use super::api;
use super::page::{Visit, go_to_with, notice, render};
use super::shared::Shared;
use crate::pages::{Moment, duration, moment, money};
use crate::timeline::{Step, Timeline, Trouble};

#[derive(Template)]
#[template(path = "order.html")]
struct Page<'a> {
    visit: &'a Visit,
    id: String,
    timeline: TimelinePart,
    data: Option<Data>,
    refusal: Option<String>,
}

struct Data {
    amount: String,
    customer: String,
    status: String,
    lines: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePart {
    steps: Vec<Point>,
    trouble: Option<Trouble>,
    total: Option<String>,
    trace: Option<(String, Option<String>)>,
    invoice: Option<(String, String)>,
}

/// A step of the timeline.
struct Point {
    name: &'static str,
    meaning: &'static str,
    at: Option<Moment>,
    /// Since the step before.
    after: String,
    /// `done`, `waiting`, `failed`, or `unseen`: done, but not seen by this process.
    state: &'static str,
    /// What follows its failure.
    failure: &'static str,
}

#[derive(Deserialize)]
struct InvoicesOfOrder {
    invoices: Vec<api::Invoice>,
}

/// The page of an order.
pub(super) async fn page(console: &Shared, visit: &Visit, order: Uuid) -> Response<WasiBody> {
    let path = format!("/orders/{order}");
    let found = api::get::<api::Order>(&console.system.orders, visit, &path).await;
    let (data, refusal) = match found {
        Ok(order) => (Some(order), None),
        Err(refused) if refused.is_missing() => {
            return notice(visit, StatusCode::NOT_FOUND, "There is no such order.");
        }
        Err(refused) => (None, Some(refused.problem.detail)),
    };
    let timeline = part(console, visit, order, data.as_ref()).await;
    let data = data.map(|order| Data {
        amount: money(order.amount, &order.currency),
        customer: order.customer_id,
        status: order.status,
        lines: api::describe(&order.lines, &order.currency),
    });
    render(&Page { visit, id: order.to_string(), timeline, data, refusal })
}

/// Only its timeline, for a page that is open.
pub(super) async fn timeline_part(console: &Shared, visit: &Visit, order: Uuid) -> Response<WasiBody> {
    let path = format!("/orders/{order}");
    let data = api::get::<api::Order>(&console.system.orders, visit, &path).await.ok();
    render(&part(console, visit, order, data.as_ref()).await)
}

/// Pays or cancels an order.
pub(super) async fn change(console: &Shared, visit: &Visit, id: &str, step: &str) -> Response<WasiBody> {
    let Ok(order) = Uuid::try_parse(id) else {
        return notice(visit, StatusCode::NOT_FOUND, "There is no such order.");
    };
    let path = format!("/orders/{order}/{step}");
    match api::post::<api::Order>(&console.system.orders, visit, &path, String::new()).await {
        Ok(changed) => {
            go_to_with(&format!("/console/orders/{order}"), &format!("The order is {}.", changed.status))
        }
        Err(refused) => refused.page(visit),
    }
}

async fn part(console: &Shared, visit: &Visit, id: Uuid, order: Option<&api::Order>) -> TimelinePart {
    let path = format!("/invoices?orderId={id}");
    let invoice = api::get::<InvoicesOfOrder>(&console.system.invoices, visit, &path).await.ok();
    let invoice = invoice.and_then(|page| page.invoices.into_iter().next());
    let mut timeline = console.system.timelines.of(id).unwrap_or_else(|| Timeline::unseen(id));
    // The databases know what this process has not seen.
    if let Some(committed) = order.and_then(|order| moment(&order.created_at)) {
        timeline.fill(Step::Committed, committed);
    }
    if let Some(issued) = invoice.as_ref().and_then(|invoice| moment(&invoice.created_at)) {
        timeline.fill(Step::Invoiced, issued);
    }
    let trace = timeline.trace.map(|trace| (trace.to_string(), console.system.traces.of(trace, &visit.host)));
    let (first, last) =
        (timeline.at(Step::Accepted).or(timeline.at(Step::Committed)), timeline.at(Step::Invoiced));
    let total = first.zip(last).and_then(|(first, last)| last.duration_since(first).ok()).map(duration);
    TimelinePart {
        steps: points(&timeline),
        trouble: timeline.trouble.clone().filter(|_| last.is_none()),
        total,
        trace,
        invoice: invoice.map(|invoice| (invoice.id, invoice.number)),
    }
}

fn points(timeline: &Timeline) -> Vec<Point> {
    let latest = timeline.latest();
    let is_final = timeline.trouble.as_ref().is_some_and(|trouble| trouble.is_final);
    let mut before: Option<SystemTime> = None;
    Step::ALL
        .into_iter()
        .map(|step| {
            let at = timeline.at(step);
            let after = at.zip(before).and_then(|(at, before)| at.duration_since(before).ok());
            before = at.or(before);
            let is_next = at.is_none() && latest.is_none_or(|latest| step as usize == latest as usize + 1);
            Point {
                name: name(step),
                meaning: meaning(step),
                at: at.map(Moment::of),
                after: after.map(|after| format!("+{}", duration(after))).unwrap_or_default(),
                state: match (at, latest) {
                    (Some(_), _) => "done",
                    (None, Some(latest)) if (step as usize) < latest as usize => "unseen",
                    (None, _) if is_next && timeline.trouble.is_some() => "failed",
                    (None, _) => "waiting",
                },
                failure: if is_final { "failed, waits for an operator" } else { "failed, will be retried" },
            }
        })
        .collect()
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Accepted => "Accepted",
        Step::Committed => "Committed",
        Step::Published => "Published",
        Step::Delivered => "Delivered",
        Step::Invoiced => "Invoiced",
    }
}

fn meaning(step: Step) -> &'static str {
    match step {
        Step::Accepted => "The request arrived.",
        Step::Committed => "The order and its event are in the database; the caller has its 201.",
        Step::Published => "The relay has delivered the event, and the transport confirmed it.",
        Step::Delivered => "The invoices component has the event.",
        Step::Invoiced => "The invoice and its number are in the database.",
    }
}
