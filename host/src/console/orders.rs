use askama::Template;
use http::{Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use wasmtime_wasi_http::WasiBody;
use waybill_contracts::order_state;

use super::api;
use super::form::form;
use super::page::{Visit, go_to, render, render_as};
use super::shared::Shared;
use crate::http::RequestBody;
use crate::pages::{Moment, duration, minor_units, money, parameter};
use crate::service_client::Refused;
use crate::timeline::{Step, Timeline, Trouble};

/// Orders of a page.
const PAGE: usize = 25;

/// The form of a test order, with its faults.
pub(super) struct Form {
    pub amount: String,
    pub currency: String,
    pub customer: String,
    pub amount_fault: Option<String>,
    pub currency_fault: Option<String>,
    pub customer_fault: Option<String>,
    pub fault: Option<String>,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            amount: "50.00".to_owned(),
            currency: waybill_contracts::DEFAULT_CURRENCY.to_owned(),
            customer: waybill_contracts::DEFAULT_CUSTOMER_ID.to_owned(),
            amount_fault: None,
            currency_fault: None,
            customer_fault: None,
            fault: None,
        }
    }
}

/// One of the latest orders, as far as this process has seen its steps.
pub(super) struct Latest {
    pub id: String,
    pub accepted: Option<Moment>,
    pub state: &'static str,
    pub took: String,
    pub trouble: Option<Trouble>,
}

/// The latest orders, the newest first.
pub(super) fn latest(console: &Shared, most: usize) -> Vec<Latest> {
    console.system.timelines.latest(most).iter().map(line).collect()
}

fn line(timeline: &Timeline) -> Latest {
    let took = timeline.at(Step::Accepted).zip(timeline.at(Step::Invoiced));
    let took = took.and_then(|(from, to)| to.duration_since(from).ok());
    Latest {
        id: timeline.order.to_string(),
        accepted: timeline.at(Step::Accepted).or(timeline.at(Step::Published)).map(Moment::of),
        state: match timeline.latest() {
            Some(Step::Accepted | Step::Committed) | None => "committed",
            Some(Step::Published) => "published",
            Some(Step::Delivered) => "delivered",
            Some(Step::Invoiced) => "invoiced",
        },
        took: took.map_or_else(|| "–".to_owned(), duration),
        trouble: timeline.trouble.clone(),
    }
}

#[derive(Template)]
#[template(path = "orders.html")]
struct Page<'a> {
    visit: &'a Visit,
    orders: Vec<Row>,
    states: [&'static str; 3],
    status: String,
    next: Option<String>,
}

struct Row {
    id: String,
    customer: String,
    amount: String,
    status: String,
    created: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrdersPage {
    orders: Vec<api::Order>,
    next_cursor: Option<String>,
}

/// A page of orders, the newest first.
pub(super) async fn page(console: &Shared, visit: &Visit, query: &str) -> Response<WasiBody> {
    let status = parameter(query, "status").filter(|status| order_state::ALL.contains(&status.as_str()));
    let cursor = parameter(query, "cursor");
    let path = {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &PAGE.to_string());
        query.extend_pairs(status.iter().map(|status| ("status", status)));
        query.extend_pairs(cursor.iter().map(|cursor| ("cursor", cursor)));
        format!("/orders?{}", query.finish())
    };
    match api::get::<OrdersPage>(&console.system.orders, visit, &path).await {
        Ok(page) => render(&Page {
            visit,
            orders: page.orders.into_iter().map(row).collect(),
            states: order_state::ALL,
            status: status.clone().unwrap_or_default(),
            next: page.next_cursor.map(|cursor| {
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.extend_pairs(status.iter().map(|status| ("status", status)));
                query.append_pair("cursor", &cursor).finish()
            }),
        }),
        Err(refused) => refused.page(visit),
    }
}

fn row(order: api::Order) -> Row {
    Row {
        amount: money(order.amount, &order.currency),
        created: Moment::read(&order.created_at),
        id: order.id,
        customer: order.customer_id,
        status: order.status,
    }
}

#[derive(Template)]
#[template(path = "place_order.html")]
struct PlaceOrder<'a> {
    visit: &'a Visit,
    form: Form,
}

/// Places a test order, and shows its timeline.
pub(super) async fn place(
    console: &Shared,
    visit: &Visit,
    request: Request<RequestBody>,
) -> Response<WasiBody> {
    let fields = match form(visit, request).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let field = |name: &str| parameter(&fields, name).unwrap_or_default();
    let mut form = Form {
        amount: field("amount"),
        currency: field("currency").trim().to_uppercase(),
        customer: field("customer").trim().to_owned(),
        ..Form::default()
    };
    let amount = match minor_units(&form.amount, &form.currency) {
        Ok(amount) => amount,
        Err(fault) => {
            form.amount_fault = Some(fault);
            return render_as(StatusCode::UNPROCESSABLE_ENTITY, &PlaceOrder { visit, form });
        }
    };
    let body = json!({"amount": amount, "currency": form.currency, "customerId": form.customer});
    match api::post::<api::Order>(&console.system.orders, visit, "/orders", body.to_string()).await {
        Ok(order) => go_to(&format!("/console/orders/{}", order.id)),
        Err(refused) => {
            let status = refused.status;
            if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                return refused.page(visit);
            }
            explain(&mut form, refused);
            render_as(status, &PlaceOrder { visit, form })
        }
    }
}

/// Puts the faults that the service found beside the fields.
fn explain(form: &mut Form, refused: Refused) {
    for error in refused.problem.errors {
        let place = match error.field.as_str() {
            "amount" => &mut form.amount_fault,
            "currency" => &mut form.currency_fault,
            "customerId" => &mut form.customer_fault,
            _ => &mut form.fault,
        };
        *place = Some(error.rule);
    }
    if form.amount_fault.is_none() && form.currency_fault.is_none() && form.customer_fault.is_none() {
        form.fault.get_or_insert(refused.problem.detail);
    }
}
