//! A service that follows orders by Waybill's webhooks, to be copied: it decides which orders are to be shipped.
//!
//! An order becomes an invoice at once, so the events of its invoice are those of the order: `invoice.issued` when it was placed,
//! `invoice.paid`, and `invoice.credited` when it was canceled.

mod shipments;

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::shipments::{Shipment, Shipments};

/// Waybill delivers again what was answered with such a status, for three days.
const TRY_AGAIN: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

struct Service {
    webhook: Webhook,
    shipments: Shipments,
}

/// What of an event this service reads; members that it does not know are ignored, as a later version may add some.
#[derive(Deserialize)]
struct Event {
    r#type: String,
    data: Invoice,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    order_id: Uuid,
}

/// Serves until `stop`, or until the connection to the database ends: what runs this service starts it again then.
pub async fn serve(
    listener: TcpListener,
    database_url: &str,
    secret: &str,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let webhook =
        Webhook::new(secret).map_err(|error| anyhow!("the secret of the webhook endpoint: {error}"))?;
    let (shipments, connection) = Shipments::connect(database_url).await?;
    let routes = Router::new()
        .route("/hooks", post(receive))
        .route("/shipments", get(list))
        .with_state(Arc::new(Service { webhook, shipments }));
    let serving = axum::serve(listener, routes).with_graceful_shutdown(stop).into_future();
    tokio::select! {
        served = serving => Ok(served?),
        ended = connection => ended.context("the connection to the database ended"),
    }
}

/// Answers after the commit: an event that was acknowledged is kept.
async fn receive(State(service): State<Arc<Service>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // Before anything of the body is read.
    if service.webhook.verify(&body, &headers).is_err() {
        return StatusCode::BAD_REQUEST;
    }
    let id = headers.get(HEADER_WEBHOOK_ID).and_then(|id| Uuid::try_parse_ascii(id.as_bytes()).ok());
    let (Some(id), Ok(event)) = (id, serde_json::from_slice::<Event>(&body)) else {
        return StatusCode::BAD_REQUEST;
    };
    let (is_paid, is_canceled) = match event.r#type.as_str() {
        "invoice.issued" => (false, false),
        "invoice.paid" => (true, false),
        "invoice.credited" => (false, true),
        // A type of a later version is nothing to this service.
        _ => return StatusCode::NO_CONTENT,
    };
    match service.shipments.record(id, event.data.order_id, is_paid, is_canceled).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            eprintln!("event {id} was not recorded and will come again: {error:#}");
            TRY_AGAIN
        }
    }
}

async fn list(State(service): State<Arc<Service>>) -> Result<Json<Vec<Shipment>>, StatusCode> {
    service.shipments.list().await.map(Json).map_err(|error| {
        eprintln!("shipments were not listed: {error:#}");
        TRY_AGAIN
    })
}
