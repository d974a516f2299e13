//! What the component tests share: the real components on a real database, and a link that fails on command.

#![allow(missing_docs, dead_code, clippy::missing_panics_doc)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tokio::sync::watch;
use wasmtime::component::Component;
use waybill::components;
use waybill::databases::migrate;
use waybill::runtime::{
    Blueprint, Engine, HttpError, HttpService, Limits, MessageService, PgValue, ResultRow, Sql, SqlReply,
    WasiVersion,
};
use waybill::settings::ComponentName;
use waybill_contracts::sql::QueryFailure;
use waybill_postgres::{Database, ServerConfig};
use waybill_telemetry::{Context, Service};
use waybill_tests::{Wasi, component_bytes};

/// A database of the test's own with the service's schema.
pub async fn database(name: ComponentName) -> Database {
    Database::connect(config(name).await).await.unwrap()
}

/// A database of invoices whose sessions know the token that `POST /events` asks for.
pub async fn database_with_events_token(token: &str) -> Database {
    let mut config = config(ComponentName::Invoices).await;
    config.session_settings.set("waybill.events_token", token);
    Database::connect(config).await.unwrap()
}

/// How a new database with the service's schema is reached.
pub async fn config(name: ComponentName) -> ServerConfig {
    let migrated = waybill_test_database::database(name.as_str(), async |database| {
        migrate::apply(database, name, &migrate::migrations(name)).await.map(drop)
    });
    migrated.await.unwrap()
}

pub fn blueprint(name: &'static str, limits: Limits, sql: Arc<dyn Sql>) -> Blueprint {
    blueprint_on(&Engine::new(limits), name, sql)
}

fn blueprint_on(engine: &Engine, name: &'static str, sql: Arc<dyn Sql>) -> Blueprint {
    // Shown when the test fails.
    let _ = tracing_subscriber::fmt().with_test_writer().try_init();
    let component = component(engine, name, &component_bytes(&wasi().component(name)));
    Blueprint::new(name, engine, &component, sql, Service::off()).unwrap()
}

/// The orders component as [`http`] has it, but with another title in its OpenAPI document.
pub fn retitled_orders(engine: &Engine) -> Component {
    let mut bytes = component_bytes(&wasi().component("orders"));
    let title = br#""title": "Waybill: orders""#;
    let at = bytes.windows(title.len()).position(|part| part == title).unwrap();
    bytes[at..at + title.len()].copy_from_slice(br#""title": "Another: orders""#);
    component(engine, "orders", &bytes)
}

/// The version of WASI of the components under test. Folders of tests whose names end so are links to those for WASI 0.2.
pub fn wasi() -> Wasi {
    if env!("CARGO_CRATE_NAME").ends_with("_wasip3") { Wasi::V0_3 } else { Wasi::V0_2 }
}

/// A component, compiled once for all tests.
fn component(engine: &Engine, name: &str, bytes: &[u8]) -> Component {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    let known = if name == "orders" { ComponentName::Orders } else { ComponentName::Invoices };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    let file = components::compiled_file(&folder, engine, known, bytes).unwrap();
    engine.load(&file, WasiVersion::of(bytes)).unwrap()
}

pub fn http(name: &'static str, limits: Limits, sql: Arc<dyn Sql>) -> HttpService {
    http_on(&Engine::new(limits), name, sql)
}

pub fn http_on(engine: &Engine, name: &'static str, sql: Arc<dyn Sql>) -> HttpService {
    let blueprint = blueprint_on(engine, name, sql);
    // The way in that differs between the versions.
    if wasi() == Wasi::V0_3 { HttpService::by_wasi_http(blueprint) } else { HttpService::new(blueprint) }
        .unwrap()
}

pub fn messages(limits: Limits, sql: Arc<dyn Sql>) -> MessageService {
    MessageService::new(blueprint("invoices", limits, sql)).unwrap()
}

/// The orders service over a database of its own.
pub async fn orders() -> (Database, HttpService) {
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
    (database, orders)
}

/// The invoices service over a database, with its handler of events.
pub fn invoices_over(database: &Database) -> (MessageService, HttpService) {
    let sql = Arc::new(database.clone());
    (messages(Limits::default(), sql.clone()), http("invoices", Limits::default(), sql))
}

/// The same over a database of its own.
pub async fn invoices() -> (Database, MessageService, HttpService) {
    let database = database(ComponentName::Invoices).await;
    let (handler, invoices) = invoices_over(&database);
    (database, handler, invoices)
}

/// A response, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

pub fn get(path: &str) -> http::request::Builder {
    Request::get(path).header("host", "test")
}

pub fn post_json(path: &str) -> http::request::Builder {
    Request::post(path).header("host", "test").header("content-type", "application/json")
}

pub async fn send(service: &HttpService, request: http::request::Builder, body: &str) -> Answer {
    try_send(service, request, body).await.unwrap()
}

pub async fn try_send(
    service: &HttpService,
    request: http::request::Builder,
    body: &str,
) -> Result<Answer, HttpError> {
    let request = request.body(Bytes::from(body.to_owned())).unwrap();
    let response: Response<_> = service.handle(request, Context::new()).await?;
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Ok(Answer { status: head.status, headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() })
}

/// What a [`Link`] does with a statement.
#[derive(Clone)]
pub enum Behaviour {
    /// Passes it on to the database.
    Pass,
    /// Answers with this error and does nothing.
    Fail(QueryFailure),
    /// Does it and then answers with this error, as when a connection is lost before the answer arrives.
    FailAfterwards(QueryFailure),
    Stall,
    /// Passes it on as soon as this is [`Behaviour::Pass`].
    Hold,
    /// Ends the instance.
    Trap,
}

/// A link to a database that misbehaves on command.
pub struct Link {
    pub database: Database,
    pub behaviour: watch::Sender<Behaviour>,
    /// The texts of the statements that have reached the link so far.
    pub seen: Mutex<Vec<String>>,
}

impl Link {
    pub fn new(database: Database) -> Arc<Self> {
        Arc::new(Self { database, behaviour: watch::Sender::new(Behaviour::Pass), seen: Mutex::default() })
    }

    pub fn set(&self, behaviour: Behaviour) {
        self.behaviour.send_replace(behaviour);
    }

    pub async fn wait_until_seen(&self, count: usize) {
        let seen = async {
            while self.seen.lock().unwrap().len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), seen).await.expect("a statement reaches the link");
    }
}

impl Sql for Link {
    fn query<'a>(
        &'a self,
        statement: &'a str,
        params: Vec<PgValue>,
    ) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>> {
        let behaviour = self.behaviour.borrow().clone();
        self.seen.lock().unwrap().push(statement.to_owned());
        Box::pin(async move {
            match behaviour {
                Behaviour::Pass => Sql::query(&self.database, statement, params).await,
                Behaviour::Fail(error) => Ok(Err(error)),
                Behaviour::FailAfterwards(error) => {
                    Sql::query(&self.database, statement, params).await.unwrap().unwrap();
                    Ok(Err(error))
                }
                Behaviour::Stall => std::future::pending().await,
                Behaviour::Hold => {
                    let passes = |now: &Behaviour| matches!(now, Behaviour::Pass);
                    self.behaviour.subscribe().wait_for(passes).await.unwrap();
                    Sql::query(&self.database, statement, params).await
                }
                Behaviour::Trap => Err(wasmtime::format_err!("the link traps on command")),
            }
        })
    }

    fn query_batch<'a>(&'a self, statements: &'a str) -> BoxFuture<'a, SqlReply<()>> {
        Box::pin(async move { Sql::query_batch(&self.database, statements).await })
    }
}

/// The one row of a query, as JSON by the names of its columns.
pub async fn row(database: &Database, query: &str) -> serde_json::Value {
    let rows = database.rows(&format!("SELECT to_json(q)::text FROM ({query}) AS q"), &[]).await.unwrap();
    assert_eq!(rows.len(), 1, "{query}");
    serde_json::from_str(rows[0].get(0)).unwrap()
}

/// A whole number from the first row of a statement.
pub async fn number(database: &Database, statement: &str) -> i64 {
    database.rows(statement, &[]).await.unwrap()[0].get(0)
}
