//! API keys: which requests are accepted, and on which address.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{Process, Waybill};

use crate::TestEnv;
use crate::access_keys::{BEYOND, ORDER, create, get, order, said, wrong_id, wrong_secret};

const EVENTS_TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn beyond_loopback_a_request_needs_a_key_of_its_scope() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    said(&waybill, "waybill keys create").await?;
    let reader = create(&env, &["orders:read", "invoices:read"]).await?;
    let writer = create(&env, &["orders:write"]).await?;
    for entry in [&waybill.gateway, &waybill.orders] {
        for key in [None, Some("nonsense"), Some(&*wrong_secret(&writer)), Some(&*wrong_id(&writer))] {
            let answer = order(entry, key).await?;
            answer.expect_problem(401).with_context(|| format!("{key:?}"))?;
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            ensure!(challenge.starts_with(r#"Bearer realm="waybill""#), "{challenge}");
        }
        let answer = order(entry, Some(&reader)).await?;
        answer.expect_problem(403)?;
        ensure!(answer.text().contains("orders:write"), "the scope is named: {}", answer.text());
        order(entry, Some(&writer)).await?.expect(201)?;
        for (name, value) in [("x-api-key", writer.clone()), ("apikey", writer.clone())] {
            let headers = [("content-type", "application/json"), (name, &*value)];
            entry.send(Method::POST, "/orders", &headers, ORDER).await?.expect(201)?;
        }
        // To write is not to read.
        get(entry, "/orders", &writer).await?.expect_problem(403)?;
        get(entry, "/orders", &reader).await?.expect(200)?;
    }
    for entry in [&waybill.gateway, &waybill.invoices] {
        entry.get("/invoices").await?.expect_problem(401)?;
        get(entry, "/invoices", &reader).await?.expect(200)?;
        // A key without a scope of the service is unknown to it.
        get(entry, "/invoices", &writer).await?.expect_problem(401)?;
    }
    get(&waybill.orders, "/nothing", &writer).await?.expect_problem(404)?;
    waybill.orders.get("/nothing").await?.expect_problem(401)
}

#[tokio::test]
async fn paths_without_customer_data_need_no_key_and_events_have_their_own_token() -> Result<()> {
    let env = TestEnv::servers().await?;
    let config = env.config_at(BEYOND).variable("WAYBILL_EVENTS_TOKEN", EVENTS_TOKEN);
    let config = config.variable("WAYBILL_CORS_ORIGINS", "https://shop.example.com");
    let waybill = Waybill::start(&config).await?;
    for entry in [&waybill.orders, &waybill.invoices] {
        for path in ["/health", "/docs", "/openapi.json"] {
            entry.get(path).await?.expect(200).context(path)?;
        }
    }
    let preflight = [
        ("origin", "https://shop.example.com"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-api-key"),
    ];
    let answer = waybill.gateway.send(Method::OPTIONS, "/orders", &preflight, "").await?;
    answer.expect(200)?;
    let allowed = answer.header("access-control-allow-headers").unwrap_or_default();
    ensure!(allowed.contains("x-api-key"), "{allowed}");

    // The component refuses a wrong token and takes the right one, so both have reached it.
    for (token, status) in [("fedcba9876543210fedcba9876543210", 401), (EVENTS_TOKEN, 204)] {
        let event = r#"{"orderId":"019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e","amount":1,"customer":{"id":"1"}}"#;
        waybill
            .invoices
            .post_event(token, "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d", event)
            .await?
            .expect(status)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_request_is_answered_however_long_its_body_is() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    for bytes in [0, 64 << 10, 512 << 10] {
        waybill.gateway.post_json("/orders", vec![b' '; bytes]).await?.expect_problem(401)?;
    }
    Ok(())
}

#[tokio::test]
async fn one_service_in_a_process_of_its_own_asks_for_keys_too() -> Result<()> {
    let env = TestEnv::servers().await?;
    Waybill::run(&env.command(&["migrate"])).await?.succeeded()?;
    let key = create(&env, &["orders:write", "invoices:read"]).await?;
    let orders = Process::start(&env.command(&["serve", "orders", "--orders-listen", BEYOND])).await?;
    let invoices = Process::start(&env.command(&["serve", "invoices", "--invoices-listen", BEYOND])).await?;
    let (orders, invoices) = (orders.address("orders")?, invoices.address("invoices")?);
    order(&orders, None).await?.expect_problem(401)?;
    order(&orders, Some(&key)).await?.expect(201)?;
    invoices.get("/invoices").await?.expect_problem(401)?;
    get(&invoices, "/invoices", &key).await?.expect(200)
}

#[tokio::test]
async fn loopback_needs_a_key_only_if_configured() -> Result<()> {
    let env = TestEnv::local()?;
    // Before the first start: the folder is not there yet.
    let key = create(&env, &["orders:write"]).await?;
    let waybill = env.up().await?;
    order(&waybill.gateway, None).await?.expect(201)?;
    waybill.stop().await?;

    let waybill = Waybill::start(&env.config().argument("--key-check").argument("required")).await?;
    order(&waybill.gateway, None).await?.expect_problem(401)?;
    order(&waybill.gateway, Some(&key)).await?.expect(201)?;
    // A key that is made while it runs: the command uses its PostgreSQL.
    let another = create(&env, &["orders:write"]).await?;
    order(&waybill.gateway, Some(&another)).await?.expect(201)
}

#[tokio::test]
async fn a_disabled_key_check_accepts_every_request_and_logs_it() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config_at(BEYOND).variable("WAYBILL_KEY_CHECK", "off")).await?;
    order(&waybill.gateway, None).await?.expect(201)?;
    said(&waybill, "--key-check off").await
}
