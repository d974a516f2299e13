//! The adapter by itself, and composed with our components, over what Spin offers and a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod statements;
#[path = "../support/mod.rs"]
mod support;

use std::sync::OnceLock;

use support::bindings::PostgresOnSpin;
use support::bindings::exports::wasmcloud::postgres::types::{PgValue, QueryError, ResultRow};
use support::{Compiled, Host, LIMIT, Variables, compose, get, post};
use tokio::time::timeout;
use wasmtime::Store;
use waybill_contracts::sql::SESSION_SETTINGS;
use waybill_tests::{Direction, Postgres, TcpProxy, component_bytes, eventually};

const TOKEN: &str = "0123456789abcdef-._~+/==";

/// One instance of the adapter.
struct Adapter {
    store: Store<Host>,
    adapter: PostgresOnSpin,
}

impl Adapter {
    async fn new(variables: &Variables) -> Self {
        static COMPILED: OnceLock<Compiled> = OnceLock::new();
        let compiled = COMPILED.get_or_init(|| Compiled::new(&component_bytes("postgres-on-spin")));
        let (store, adapter) = compiled.adapter(variables).await;
        Self { store, adapter }
    }

    async fn query(&mut self, sql: &str, params: &[PgValue]) -> Result<Vec<ResultRow>, QueryError> {
        let interface = self.adapter.wasmcloud_postgres_query();
        let answer = timeout(LIMIT, interface.call_query(&mut self.store, sql, params)).await;
        answer.unwrap_or_else(|_| panic!("no answer: {sql}")).unwrap()
    }

    async fn rows(&mut self, sql: &str, params: &[PgValue]) -> Vec<Vec<(String, PgValue)>> {
        let rows = self.query(sql, params).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        rows.into_iter()
            .map(|row| row.into_iter().map(|entry| (entry.column_name, entry.value)).collect())
            .collect()
    }

    /// The only value of the only row, as its `Debug` text, since the values have no equality.
    async fn value(&mut self, sql: &str, params: &[PgValue]) -> String {
        let rows = self.rows(sql, params).await;
        let [row] = rows.as_slice() else { panic!("{sql}: {rows:?}") };
        let [(_, value)] = row.as_slice() else { panic!("{sql}: {row:?}") };
        format!("{value:?}")
    }
}

fn variables(postgres: &Postgres, database: &str) -> Variables {
    Variables::default()
        .with("database_url", postgres.url(database))
        .with("session_settings", format!("waybill.events_token = {TOKEN}\nwork_mem = 8MB\n"))
}

#[tokio::test]
async fn what_cannot_be_reached_or_is_not_set_is_reported() {
    let mut adapter = Adapter::new(&Variables::default()).await;
    let unset = format!("{:?}", adapter.query("SELECT 1", &[]).await.unwrap_err());
    assert!(unset.contains("database unavailable: the variable database_url is not set"), "{unset}");

    // Nothing listens on port 1.
    let unreachable = Variables::default().with("database_url", "postgres://u:geheim@127.0.0.1:1/d");
    let mut adapter = Adapter::new(&unreachable).await;
    let refused = format!("{:?}", adapter.query("SELECT 1", &[]).await.unwrap_err());
    assert!(refused.contains("database unavailable: ") && !refused.contains("geheim"), "{refused}");
}

#[tokio::test]
async fn a_database_that_stands_still_is_unavailable_when_its_connection_is_closed_in_between() {
    let postgres = Postgres::start().await.unwrap();
    let proxy = TcpProxy::start(postgres.address()).await.unwrap();
    let url = postgres.url_at(proxy.port(), "orders");
    let mut adapter = Adapter::new(&Variables::default().with("database_url", url)).await;
    assert_eq!(adapter.value("SELECT 1", &[]).await, "PgValue::Int4(1)");
    proxy.stall(Direction::ToServer);
    proxy.stall(Direction::ToClient);
    // As a proxy with a time limit does. Nothing else ends the statement.
    let (answer, ()) = tokio::join!(adapter.query("SELECT 2", &[]), async { proxy.cut() });
    let refused = format!("{:?}", answer.unwrap_err());
    assert!(refused.contains("database unavailable: "), "{refused}");
    proxy.heal();
    assert_eq!(adapter.value("SELECT 3", &[]).await, "PgValue::Int4(3)");
}

#[tokio::test]
async fn a_session_of_a_database_that_takes_no_writes_is_ended() {
    let postgres = Postgres::start_migrated().await.unwrap();
    let mut adapter = Adapter::new(&variables(&postgres, "orders")).await;
    let mut session = adapter.value("SELECT pg_backend_pid()", &[]).await;
    postgres.set_read_only("on").await.unwrap();
    let is_on =
        async || Ok(adapter.value("SHOW transaction_read_only", &[]).await.contains("on").then_some(()));
    eventually("the session is read only", LIMIT, is_on).await.unwrap();
    let write = "INSERT INTO outbox (id, event_type, order_id, payload) VALUES (gen_random_uuid(), 'x', gen_random_uuid(), '{}')";
    for _ in 0..2 {
        let refused = format!("{:?}", adapter.query(write, &[]).await.unwrap_err());
        assert!(refused.contains("database unavailable: SQLSTATE 25006"), "{refused}");
        // The next statement has a new session, not one of Spin's pool.
        let next = adapter.value("SELECT pg_backend_pid()", &[]).await;
        assert_ne!(next, session);
        session = next;
    }
}

#[tokio::test]
async fn sessions_have_what_statements_depend_on_whatever_the_database_says() {
    let postgres = Postgres::start().await.unwrap();
    let client = postgres.client("orders").await.unwrap();
    client
        .batch_execute(
            "ALTER DATABASE orders SET synchronous_commit = off; \
             ALTER DATABASE orders SET default_transaction_isolation = 'repeatable read'; \
             ALTER DATABASE orders SET TimeZone = 'Asia/Tokyo'; ALTER DATABASE orders SET DateStyle = 'German'",
        )
        .await
        .unwrap();
    let mut adapter = Adapter::new(&variables(&postgres, "orders")).await;
    for (name, value) in SESSION_SETTINGS {
        let is = adapter.value("SELECT current_setting($1)", &[PgValue::Text(name.to_owned())]).await;
        assert_eq!(is, format!("PgValue::Text({value:?})"), "{name}");
    }
}

#[tokio::test]
async fn the_adapter_waits_for_a_full_server() {
    let postgres = Postgres::start().await.unwrap();
    let mut others = Vec::new();
    while let Ok(other) = postgres.client("orders").await {
        others.push(other);
    }
    let refusals = || postgres.log().matches("too many clients").count();
    let before = refusals();
    let room = async {
        let asked = async || Ok((refusals() > before).then_some(()));
        eventually("the adapter to be refused", LIMIT, asked).await.unwrap();
        others.truncate(1);
    };
    let mut adapter = Adapter::new(&variables(&postgres, "orders")).await;
    let (value, ()) = tokio::join!(adapter.value("SELECT 1", &[]), room);
    assert_eq!(value, "PgValue::Int4(1)");
}

#[tokio::test]
async fn our_components_run_with_the_adapter_as_their_dependency() {
    let postgres = Postgres::start_migrated().await.unwrap();
    let composed = |name| Compiled::new(&compose(component_bytes(name), component_bytes("postgres-on-spin")));

    let (orders, settings) = (composed("orders"), variables(&postgres, "orders"));
    assert_eq!(orders.send(&settings, get("/health")).await.status, 200);
    assert_eq!(orders.send(&settings, get("/orders")).await.json()["orders"].as_array().unwrap().len(), 0);
    let placed = orders.send(&settings, post("/orders", &[], r#"{"amount":5000}"#)).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    let path = placed.headers["location"].to_str().unwrap();
    assert_eq!(orders.send(&settings, get(path)).await.json(), placed.json());
    let unknown = orders.send(&settings, get("/orders/01890a5d-ac96-774b-bcce-b302099a8057")).await;
    assert_eq!(unknown.status, 404);
    let refused = orders.send(&settings, post("/orders", &[], r#"{"amount":1,"customerId":"nobody"}"#)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);

    let (invoices, settings) = (composed("invoices"), variables(&postgres, "invoices"));
    let event = postgres.client("orders").await.unwrap();
    let event: String = event.query_one("SELECT payload::text FROM outbox", &[]).await.unwrap().get(0);
    let authorization = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("ce-specversion", "1.0"),
        ("ce-type", "order.created"),
        ("ce-id", "1"),
        ("ce-source", "/orders"),
    ];
    for _ in 0..3 {
        let taken = invoices.send(&settings, post("/events", &headers, &event)).await;
        assert_eq!(taken.status, 204, "{}", taken.body);
    }
    assert_eq!(invoices.send(&settings, post("/events", &headers[1..], &event)).await.status, 401);
    let found = invoices.send(&settings, get("/invoices")).await.json();
    let [invoice] = found["invoices"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!(invoice["orderId"], placed.json()["id"]);
    assert!(invoice["number"].as_str().unwrap().ends_with("-000001"), "{invoice}");
}
