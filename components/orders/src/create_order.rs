//! `POST /orders`

use std::borrow::Cow;

use http::StatusCode;
use waybill_billing::UNION_PREFIXES;
use waybill_contracts::{
    InvoiceDetails, Line, ORDER_CREATED, OrderCreated, OrderCustomer, SPEC_VERSION, TaxCategory, order_state,
};
use waybill_service::idempotency::{Idempotency, answered};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::time::Moment;
use waybill_service::{FieldError, Problem, body, endpoint};

use crate::new_order::{CheckedOrder, NewOrder};
use crate::order::Order;
use crate::trace_context::TraceContext;

statement!(CreateOrder, "sql/create_order.sql", execution: GroupCommit);

/// Takes an order: one statement writes it, its event and its key. The answer follows the commit, so an order that was
/// acknowledged is kept.
#[endpoint(
    POST "/orders",
    scope = OrdersWrite,
    idempotent,
    success(201, "The order is kept, and its event with it.", Order),
)]
pub fn create_order(request: Request<NewOrder>) -> Result<Response, Problem> {
    let trace = TraceContext::from_headers(&request.headers);
    let (headers, body) = body::json(request)?;
    let idempotency = Idempotency::read(&headers, "/orders", body.as_ref())?;
    place(body.read()?.checked()?, &trace, &idempotency)
}

fn place(new: CheckedOrder, trace: &TraceContext, idempotency: &Idempotency) -> Result<Response, Problem> {
    // One moment dates everything: the identifiers, the row, the event and the answer. So the order of identifiers is the
    // order of dates, and no second statement has to ask the database what it wrote.
    let now = Moment::now();
    if new.details.due_date.as_ref().is_some_and(|date| now.is_after(date)) {
        return idempotency.replay_or(due_before_it_is_issued());
    }
    if let Some(index) = paid_in_the_future(&new.details, now) {
        return idempotency.replay_or(not_paid_yet(index));
    }
    let (id, event_id) = (now.identifier(), now.identifier());
    let order = Order {
        id: id.to_string(),
        amount: new.amount,
        customer_id: new.customer_id,
        currency: new.currency,
        status: order_state::PENDING.to_owned(),
        version: 1,
        created_at: now.to_string(),
        lines: new.lines,
        details: new.details,
    };
    let event = OrderCreated {
        order_id: id,
        amount: order.amount,
        customer: OrderCustomer { id: order.customer_id.as_str().into(), ..OrderCustomer::default() },
        currency: order.currency.as_str().into(),
        lines: order.lines.as_slice().into(),
        details: Cow::Borrowed(&order.details),
        version: order.version,
        specversion: SPEC_VERSION.into(),
        event_id: Some(event_id),
        created_at: Some(order.created_at.as_str().into()),
    };
    let json = |value: Result<String, serde_json::Error>| value.map_err(|_| Problem::internal());
    let event = json(serde_json::to_string(&event))?;
    let lines = json(serde_json::to_string(&order.lines))?;
    let details =
        (!order.details.is_empty()).then(|| json(serde_json::to_string(&order.details))).transpose()?;
    let answer = json(serde_json::to_string(&order))?;
    let keyed = idempotency.parameters(&answer);
    let written = CreateOrder {
        order_id: id,
        customer_id: &order.customer_id,
        amount: order.amount,
        currency: &order.currency,
        created_at: &order.created_at,
        event_id,
        event_type: ORDER_CREATED,
        event: &event,
        traceparent: trace.traceparent.as_deref(),
        tracestate: trace.tracestate.as_deref(),
        lines: &lines,
        are_lines_plain: order.lines.iter().all(is_plain),
        details: details.as_deref(),
        vat_id_prefixes: has_category(&order.lines, TaxCategory::K).then_some(UNION_PREFIXES),
        needs_company: has_category(&order.lines, TaxCategory::AE),
        needs_country: goes_abroad(&order.lines) && !has_destination(&order.details),
        caller: keyed.caller,
        idempotency_key: keyed.key,
        request_sha256: keyed.request_sha256,
        answer: keyed.answer,
    };
    let row = match written.query_one() {
        Ok(row) => row,
        Err(error) if error.violates("orders_customer_exists") => return Err(unknown_customer()),
        Err(error) => return idempotency.replay_instead_of(error),
    };
    if row.is_placed {
        answered(StatusCode::CREATED, &format!("/orders/{id}"), answer)
    } else if !row.is_customer_known {
        idempotency.replay_or(unknown_customer())
    } else if !row.is_destination_known {
        idempotency.replay_or(without_destination(&order.lines))
    } else if !row.is_customer_billable {
        idempotency.replay_or(not_identified(&order.lines))
    } else {
        idempotency.replay_taken()
    }
}

fn has_category(lines: &[Line], category: TaxCategory) -> bool {
    lines.iter().any(|line| line.tax_category == Some(category))
}

/// Whether something is a supply to another member state or an export, which are exempt by where they go.
fn goes_abroad(lines: &[Line]) -> bool {
    has_category(lines, TaxCategory::K) || has_category(lines, TaxCategory::G)
}

fn has_destination(details: &InvoiceDetails) -> bool {
    details.delivery.as_ref().is_some_and(|delivery| delivery.country.is_some())
}

/// Supplies to another member state and exports need a destination (VAT Directive, art. 138 and 146). An address that nobody knows is not one.
fn without_destination(lines: &[Line]) -> Problem {
    let rule = "needs a delivery.country, or a customer whose country is known";
    let is_abroad = |line: &Line| matches!(line.tax_category, Some(TaxCategory::K | TaxCategory::G));
    let abroad = lines.iter().enumerate().filter(|(_, line)| is_abroad(line));
    let error = |(index, _): (usize, &Line)| FieldError {
        field: format!("lines[{index}].taxCategory").into(),
        rule: rule.into(),
    };
    Problem::invalid_fields(abroad.map(error).collect())
}

/// Supplies to another member state need the customer's VAT identifier (rule BR-IC-02), and reverse charge that or a company number
/// (BR-AE-02).
fn not_identified(lines: &[Line]) -> Problem {
    let error = |(index, line): (usize, &Line)| {
        let rule = match line.tax_category? {
            TaxCategory::K => {
                "needs a customer whose vatId is known, and of a member state of the European Union"
            }
            TaxCategory::AE => "needs a customer whose vatId or companyId is known",
            _ => return None,
        };
        Some(FieldError { field: format!("lines[{index}].taxCategory").into(), rule: rule.into() })
    };
    Problem::invalid_fields(lines.iter().enumerate().filter_map(error).collect())
}

/// The first prepayment of a day that has not begun.
fn paid_in_the_future(details: &InvoiceDetails, now: Moment) -> Option<usize> {
    details.prepayments.iter().position(|paid| paid.date.as_ref().is_some_and(|date| now.is_before(date)))
}

fn not_paid_yet(index: usize) -> Problem {
    let (field, rule) = (format!("prepayments[{index}].date").into(), "must not be after today".into());
    Problem::invalid_fields(vec![FieldError { field, rule }])
}

fn due_before_it_is_issued() -> Problem {
    let rule = "must not be before today".into();
    Problem::invalid_fields(vec![FieldError { field: "dueDate".into(), rule }])
}

/// Whether a line is a whole number of pieces at a whole number of minor units, and says nothing else.
fn is_plain(line: &Line) -> bool {
    let is_natural = line.quantity.integer().is_some_and(|quantity| quantity > 0);
    is_natural && line.unit_price.integer().is_some() && line.is_plain()
}

fn unknown_customer() -> Problem {
    let rule = "must be the identifier of a customer".into();
    Problem::invalid_fields(vec![FieldError { field: "customerId".into(), rule }])
}
