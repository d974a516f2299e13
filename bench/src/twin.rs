//! The native twin of the orders service: what a good engineer would write with axum and tokio-postgres for the same rows. The same
//! statements, prepared and pipelined over as many connections, a body that is read and checked, identifiers that grow with time.
//! It has no isolation, no keys, no spans and no metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::net::TcpListener;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;
use waybill_statement_macro::bound;

bound!(CreateOrder, "../../components/orders/src/sql/create_order.sql");
bound!(ShowOrder, "../../components/orders/src/sql/show_order.sql");

/// Connections, as many as `waybill` opens.
const CONNECTIONS: usize = 8;

/// The largest body, as of `waybill`.
const BODY_BYTES: usize = 64 << 10;

struct Connection {
    client: Client,
    create: Statement,
    show: Statement,
}

#[derive(Clone)]
struct Twin {
    connections: Arc<Vec<Connection>>,
    next: Arc<AtomicUsize>,
}

impl Twin {
    fn connection(&self) -> &Connection {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        &self.connections[next % self.connections.len()]
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewOrder {
    amount: i64,
    #[serde(default = "default_customer")]
    customer_id: String,
    #[serde(default = "default_currency")]
    currency: String,
}

fn default_customer() -> String {
    waybill_contracts::DEFAULT_CUSTOMER_ID.to_owned()
}

fn default_currency() -> String {
    waybill_contracts::DEFAULT_CURRENCY.to_owned()
}

/// Serves until it is killed.
pub async fn serve(listen: SocketAddr, database: &str) -> Result<()> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await.context("the database")?;
        tokio::spawn(connection);
        let (create, show) =
            (client.prepare(CreateOrder::TEXT).await?, client.prepare(ShowOrder::TEXT).await?);
        connections.push(Connection { client, create, show });
    }
    let twin = Twin { connections: Arc::new(connections), next: Arc::default() };
    let router = Router::new()
        .route("/orders", post(create_order))
        .route("/orders/{id}", get(show_order))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_BYTES))
        .with_state(twin);
    let listener = TcpListener::bind(listen).await?;
    println!("orders    http://{}\nready", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn create_order(State(twin): State<Twin>, Json(new): Json<NewOrder>) -> Response {
    let in_range = (waybill_contracts::MIN_AMOUNT..=waybill_contracts::MAX_AMOUNT).contains(&new.amount);
    let is_currency = waybill_contracts::minor_unit_digits(&new.currency).is_some();
    if !in_range || !is_currency || new.customer_id.is_empty() {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let (id, event_id, at) = (Uuid::now_v7(), Uuid::now_v7(), OffsetDateTime::now_utc());
    let now = written(at);
    let answer = json!({
        "id": id, "customerId": new.customer_id, "amount": new.amount, "currency": new.currency, "status": "pending",
        "version": 1, "createdAt": now, "lines": [],
    });
    let event = json!({
        "orderId": id, "amount": new.amount, "customer": { "id": new.customer_id }, "currency": new.currency, "version": 1,
        "specversion": "1.0", "eventId": event_id, "createdAt": now,
    });
    let event = event.to_string();
    let values = CreateOrder {
        order_id: id,
        customer_id: &new.customer_id,
        amount: new.amount,
        currency: &new.currency,
        created_at: at.into(),
        event_id,
        event_type: waybill_contracts::ORDER_CREATED,
        event: &event,
        traceparent: None,
        tracestate: None,
        lines: "[]",
        are_lines_plain: true,
        details: None,
        vat_id_prefixes: None,
        needs_company: false,
        needs_country: false,
        caller: None,
        idempotency_key: None,
        request_sha256: None,
        answer: None,
    };
    let Connection { client, create, .. } = twin.connection();
    let placed = client.query_one(create, &values.values()).await;
    match placed {
        Ok(_) => {
            (StatusCode::CREATED, [(header::LOCATION, format!("/orders/{id}"))], Json(answer)).into_response()
        }
        Err(error) => {
            eprintln!("{error:?}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn show_order(State(twin): State<Twin>, Path(id): Path<Uuid>) -> Response {
    let Connection { client, show, .. } = twin.connection();
    let Ok(row) = client.query_opt(show, &ShowOrder { order_id: id }.values()).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let Some(row) = row else { return StatusCode::NOT_FOUND.into_response() };
    ([(header::CONTENT_TYPE, "application/json")], row.get::<_, String>(0)).into_response()
}

fn written(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    at.format(format).unwrap_or_default()
}
