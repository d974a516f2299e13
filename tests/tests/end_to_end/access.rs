//! API keys: who is let in, and on which address.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{Process, Waybill};

use crate::TestEnv;
use crate::access_keys::{
    BEYOND, ORDER, create, done, get, is, is_problem, order, said, wrong_id, wrong_secret,
};

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
            is_problem(&answer, 401).with_context(|| format!("{key:?}"))?;
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            ensure!(challenge.starts_with(r#"Bearer realm="waybill""#), "{challenge}");
        }
        let answer = order(entry, Some(&reader)).await?;
        is_problem(&answer, 403)?;
        ensure!(answer.text().contains("orders:write"), "the scope is named: {}", answer.text());
        is(&order(entry, Some(&writer)).await?, 201)?;
        for (name, value) in [("x-api-key", writer.clone()), ("apikey", writer.clone())] {
            let headers = [("content-type", "application/json"), (name, &*value)];
            is(&entry.send(Method::POST, "/orders", &headers, ORDER).await?, 201)?;
        }
        // To write is not to read.
        is_problem(&get(entry, "/orders", &writer).await?, 403)?;
        is(&get(entry, "/orders", &reader).await?, 200)?;
    }
    for entry in [&waybill.gateway, &waybill.invoices] {
        is_problem(&entry.get("/invoices").await?, 401)?;
        is(&get(entry, "/invoices", &reader).await?, 200)?;
        // A key without a scope of the service is unknown to it.
        is_problem(&get(entry, "/invoices", &writer).await?, 401)?;
    }
    is_problem(&get(&waybill.orders, "/nothing", &writer).await?, 404)?;
    is_problem(&waybill.orders.get("/nothing").await?, 401)
}

#[tokio::test]
async fn what_tells_nothing_of_anybody_is_open_and_events_have_their_own_token() -> Result<()> {
    let env = TestEnv::servers().await?;
    let config = env.config_at(BEYOND).variable("WAYBILL_EVENTS_TOKEN", EVENTS_TOKEN);
    let config = config.variable("WAYBILL_CORS_ORIGINS", "https://shop.example.com");
    let waybill = Waybill::start(&config).await?;
    for entry in [&waybill.orders, &waybill.invoices] {
        for path in ["/health", "/docs", "/openapi.json"] {
            is(&entry.get(path).await?, 200).context(path)?;
        }
    }
    let preflight = [
        ("origin", "https://shop.example.com"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-api-key"),
    ];
    let answer = waybill.gateway.send(Method::OPTIONS, "/orders", &preflight, "").await?;
    is(&answer, 200)?;
    let allowed = answer.header("access-control-allow-headers").unwrap_or_default();
    ensure!(allowed.contains("x-api-key"), "{allowed}");

    // The component refuses a wrong token and takes the right one, so both have reached it.
    for (token, status) in [("fedcba9876543210fedcba9876543210", 401), (EVENTS_TOKEN, 204)] {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("ce-specversion", "1.0"),
            ("ce-id", "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d"),
            ("ce-source", "/orders"),
            ("ce-type", "order.created"),
        ];
        let event = r#"{"orderId":"019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e","amount":1,"customer":{"id":"1"}}"#;
        is(&waybill.invoices.send(Method::POST, "/events", &headers, event).await?, status)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_request_is_answered_however_long_its_body_is() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    for bytes in [0, 64 << 10, 512 << 10] {
        is_problem(&waybill.gateway.post_json("/orders", vec![b' '; bytes]).await?, 401)?;
    }
    Ok(())
}

#[tokio::test]
async fn one_service_in_a_process_of_its_own_asks_for_keys_too() -> Result<()> {
    let env = TestEnv::servers().await?;
    done(&Waybill::run(&env.command(&["migrate"])).await?)?;
    let key = create(&env, &["orders:write", "invoices:read"]).await?;
    let orders = Process::start(&env.command(&["serve", "orders", "--orders-listen", BEYOND])).await?;
    let invoices = Process::start(&env.command(&["serve", "invoices", "--invoices-listen", BEYOND])).await?;
    let (orders, invoices) = (orders.address("orders")?, invoices.address("invoices")?);
    is_problem(&order(&orders, None).await?, 401)?;
    is(&order(&orders, Some(&key)).await?, 201)?;
    is_problem(&invoices.get("/invoices").await?, 401)?;
    is(&get(&invoices, "/invoices", &key).await?, 200)
}

#[tokio::test]
async fn loopback_needs_no_key_unless_it_is_told_to() -> Result<()> {
    let env = TestEnv::local()?;
    // Before the first start: the folder is not there yet.
    let key = create(&env, &["orders:write"]).await?;
    let waybill = env.up().await?;
    is(&order(&waybill.gateway, None).await?, 201)?;
    waybill.stop().await?;

    let waybill = Waybill::start(&env.config().argument("--key-check").argument("required")).await?;
    is_problem(&order(&waybill.gateway, None).await?, 401)?;
    is(&order(&waybill.gateway, Some(&key)).await?, 201)?;
    // A key that is made while it runs: the command uses its PostgreSQL.
    let another = create(&env, &["orders:write"]).await?;
    is(&order(&waybill.gateway, Some(&another)).await?, 201)
}

#[tokio::test]
async fn a_check_that_is_off_lets_everybody_in_and_says_so() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config_at(BEYOND).variable("WAYBILL_KEY_CHECK", "off")).await?;
    is(&order(&waybill.gateway, None).await?, 201)?;
    said(&waybill, "--key-check off").await
}
