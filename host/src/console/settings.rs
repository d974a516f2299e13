//! The sellers and their series, to be read and changed. The forms are made of the API's own description, so that each of its members has a
//! field.

mod fields;

use askama::Template;
use http::{Request, Response, StatusCode};
use serde_json::Value;
use wasmtime_wasi_http::WasiBody;
use waybill_contracts::{DEFAULT_SELLER_ID, is_seller_id};

use self::fields::{Field, Input, fields, read};
use super::api;
use super::form::form;
use super::page::{Visit, go_to_with, notice, render, render_as};
use super::shared::Shared;
use crate::http::RequestBody;
use crate::pages::parameter;
use crate::service_client::Refused;

#[derive(Template)]
#[template(path = "settings.html")]
struct Page<'a> {
    visit: &'a Visit,
    seller: &'a str,
    /// The first of all sellers.
    sellers: Vec<String>,
    parts: Vec<Part>,
}

/// What the invoices service keeps as one document.
struct Kind {
    id: &'static str,
    title: &'static str,
    /// The path in the description, and with the seller's identifier for `{id}`.
    path: &'static str,
    /// How else it is set.
    command: &'static str,
    /// The members that come first.
    first: &'static [&'static str],
    saved: &'static str,
}

const SELLER: &str = "seller";

const KINDS: [Kind; 2] = [
    Kind {
        id: SELLER,
        title: "Seller",
        path: "/sellers/{id}",
        command: "waybill seller set",
        first: &[
            "name",
            "address",
            "addressLine2",
            "zipCode",
            "city",
            "subdivision",
            "country",
            "vatId",
            "taxNumber",
            "email",
            "phone",
            "contact",
            "iban",
            "bic",
            "accountNumber",
            "routingNumber",
            "bankName",
            "paymentDays",
        ],
        saved: "The seller is set for all documents from now on.",
    },
    Kind {
        id: "series",
        title: "Numbers and dates",
        path: "/sellers/{id}/series",
        command: "waybill series set",
        first: &["timeZone", "invoicePrefix", "invoiceFormat", "invoiceNumbering", "invoiceStartNumber"],
        saved: "Numbers and dates are set for all documents from now on.",
    },
];

struct Part {
    kind: &'static Kind,
    /// Whether it is not set yet.
    is_specimen: bool,
    /// Whether there is no such seller yet.
    is_new: bool,
    /// The reason where the visitor may not see them.
    fields: Result<Vec<Field>, String>,
    /// What is wrong with none of the fields.
    fault: Option<String>,
}

/// The description of the API, which says what members there are.
async fn description(console: &Shared, visit: &Visit) -> Result<Value, Refused> {
    api::get(&console.system.invoices, visit, "/openapi.json").await
}

fn schema<'a>(description: &'a Value, kind: &Kind) -> &'a Value {
    let body = &description["paths"][kind.path]["put"]["requestBody"];
    let path = body["content"]["application/json"]["schema"]["$ref"].as_str();
    let name = path.and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    &description["components"]["schemas"][name]
}

/// The seller of a query, the default one if it names none; `None` if none can have the identifier that it names.
fn seller(query: &str) -> Option<String> {
    let id = parameter(query, "seller").unwrap_or_else(|| DEFAULT_SELLER_ID.to_owned());
    is_seller_id(&id).then_some(id)
}

fn not_a_seller(visit: &Visit) -> Response<WasiBody> {
    let text = "The identifier of a seller is 1 to 40 letters a to z, digits and hyphens.";
    notice(visit, StatusCode::BAD_REQUEST, text)
}

impl Kind {
    fn path_of(&self, seller: &str) -> String {
        self.path.replace("{id}", seller)
    }
}

/// The identifiers of the first hundred sellers; none for a visitor who may not see them.
async fn sellers(console: &Shared, visit: &Visit) -> Vec<String> {
    let page = api::get::<Value>(&console.system.invoices, visit, "/sellers?limit=100").await;
    let page = page.unwrap_or_default();
    let sellers = page["sellers"].as_array().into_iter().flatten();
    sellers.filter_map(|seller| seller["id"].as_str()).map(str::to_owned).collect()
}

pub(super) async fn page(console: &Shared, visit: &Visit, query: &str) -> Response<WasiBody> {
    let Some(seller) = seller(query) else { return not_a_seller(visit) };
    let reason = |refused: Refused| refused.problem.detail;
    let description = description(console, visit).await.map_err(reason);
    let mut parts = Vec::new();
    for kind in &KINDS {
        let found = match api::get(&console.system.invoices, visit, &kind.path_of(&seller)).await {
            // A seller who is not set yet has an empty form, and no series.
            Err(refused) if refused.is_missing() && kind.id == SELLER => Ok(Value::Null),
            Err(refused) if refused.is_missing() => continue,
            found => found.map_err(reason),
        };
        parts.push(part(kind, description.as_ref(), found));
    }
    let sellers = sellers(console, visit).await;
    render(&Page { visit, seller: &seller, sellers, parts })
}

fn part(kind: &'static Kind, description: Result<&Value, &String>, found: Result<Value, String>) -> Part {
    let is_new = found.as_ref().is_ok_and(Value::is_null);
    let is_specimen = found.as_ref().is_ok_and(|current| current["isSpecimen"] == true);
    let fields = found.and_then(|current| {
        let schema = schema(description.map_err(Clone::clone)?, kind);
        // An example is nobody's address.
        let current = if is_specimen { Value::Null } else { current };
        Ok(fields(schema, &current, kind.first))
    });
    Part { kind, is_specimen, is_new, fields, fault: None }
}

/// Sets one of them, with the rights of the visitor.
pub(super) async fn save(
    console: &Shared,
    visit: &Visit,
    id: &str,
    query: &str,
    request: Request<RequestBody>,
) -> Response<WasiBody> {
    let Some(kind) = KINDS.iter().find(|kind| kind.id == id) else {
        return notice(visit, StatusCode::NOT_FOUND, "There is no such page.");
    };
    let Some(seller) = seller(query) else { return not_a_seller(visit) };
    let path = kind.path_of(&seller);
    let given = match form(visit, request).await {
        Ok(given) => given,
        Err(refusal) => return refusal,
    };
    // Who may not see it may not set it either, whatever the form says.
    if let Err(refused) = api::get::<Value>(&console.system.invoices, visit, &path).await
        && !(refused.is_missing() && kind.id == SELLER)
    {
        return refused.page(visit);
    }
    let description = match description(console, visit).await {
        Ok(description) => description,
        Err(refused) => return refused.page(visit),
    };
    let schema = schema(&description, kind);
    // What a form lacks would be set back to its default.
    let lacks = |field: &Field| parameter(&given, &field.name).is_none();
    if fields(schema, &Value::Null, kind.first).iter().any(lacks) {
        let text = "The form is not complete. Load the page again.";
        return notice(visit, StatusCode::BAD_REQUEST, text);
    }
    let body = read(schema, &given);
    let saved = api::put::<Value>(&console.system.invoices, visit, &path, body.to_string()).await;
    let Err(refused) = saved else {
        return go_to_with(&format!("/console/settings?seller={seller}"), kind.saved);
    };
    if matches!(refused.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return refused.page(visit);
    }
    let status = refused.status;
    let part = explained(kind, fields(schema, &body, kind.first), refused);
    render_as(status, &Page { visit, seller: &seller, sellers: Vec::new(), parts: vec![part] })
}

/// Puts the faults that the service found beside the fields.
fn explained(kind: &'static Kind, mut fields: Vec<Field>, refused: Refused) -> Part {
    let mut others = Vec::new();
    for error in refused.problem.errors {
        match fields.iter_mut().find(|field| field.name == error.field) {
            Some(field) => field.fault = Some(error.rule),
            None => others.push(format!("{} {}", error.field, error.rule)),
        }
    }
    if fields.iter().all(|field| field.fault.is_none()) && others.is_empty() {
        others.push(refused.problem.detail);
    }
    let fault = (!others.is_empty()).then(|| others.join("; "));
    Part { kind, is_specimen: false, is_new: false, fields: Ok(fields), fault }
}
