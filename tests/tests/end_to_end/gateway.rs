//! The gateway: the host's own and Kong, which answer alike.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{Answer, Http, Kong, Waybill};

use crate::TestEnv;

const JSON: (&str, &str) = ("content-type", "application/json");

/// The one origin whose pages may call.
const SHOP: &str = "https://shop.example.com";

/// A request, and what is to be seen of its answer.
struct Row {
    method: Method,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    status: u16,
    /// Headers of the answer, with what they begin with.
    answer: &'static [(&'static str, &'static str)],
    /// What is in the body.
    text: &'static str,
}

const fn row(method: Method, path: &'static str, status: u16) -> Row {
    Row { method, path, headers: &[], body: "", status, answer: &[], text: "" }
}

/// The table. The first line is the replaced system's, whose gateway answered it with 404.
fn table() -> Vec<Row> {
    let created: &[_] =
        &[("location", "/orders/"), ("content-type", "application/json"), ("x-request-id", "")];
    let origin: &[_] = &[("origin", SHOP), JSON];
    vec![
        Row {
            headers: &[JSON],
            body: r#"{"amount": 5000 }"#,
            answer: created,
            text: "5000",
            ..row(Method::POST, "/orders", 201)
        },
        Row { text: "nextCursor", ..row(Method::GET, "/orders?limit=1", 200) },
        Row { text: "1651654165", ..row(Method::GET, "/customers/1651654165", 200) },
        Row { text: "customers", ..row(Method::GET, "/customers", 200) },
        Row { text: "invoices", ..row(Method::GET, "/invoices", 200) },
        Row { text: "creditNotes", ..row(Method::GET, "/credit-notes", 200) },
        Row { text: "webhookEndpoints", ..row(Method::GET, "/webhook-endpoints", 200) },
        Row { answer: &[("content-type", "text/html")], ..row(Method::GET, "/docs", 200) },
        Row { answer: &[("content-type", "text/html")], ..row(Method::GET, "/docs/orders", 200) },
        Row { answer: &[("content-type", "text/html")], ..row(Method::GET, "/docs/invoices", 200) },
        Row { text: "/orders", ..row(Method::GET, "/openapi/orders.json", 200) },
        Row { text: "/invoices", ..row(Method::GET, "/openapi/invoices.json", 200) },
        Row { text: "/orders", ..row(Method::GET, "/openapi.json", 200) },
        // A path goes on as it is, and what the service says comes back.
        Row {
            answer: &[("content-type", "application/problem+json")],
            ..row(Method::GET, "/orders/00000000-0000-7000-8000-000000000000", 404)
        },
        Row { answer: &[("allow", "")], ..row(Method::DELETE, "/orders", 405) },
        Row {
            headers: &[JSON],
            body: r#"{"amount": 0}"#,
            text: "amount",
            ..row(Method::POST, "/orders", 422)
        },
        // What is for the inside has no route, and neither has what only begins like a route.
        Row { headers: &[JSON], body: "{}", ..row(Method::POST, "/events", 404) },
        row(Method::GET, "/health", 404),
        row(Method::GET, "/ordersandmore", 404),
        row(Method::GET, "/nothing", 404),
        Row {
            headers: &[
                ("origin", SHOP),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "x-api-key,content-type"),
            ],
            answer: &[("access-control-allow-origin", SHOP), ("access-control-max-age", "3600")],
            ..row(Method::OPTIONS, "/orders", 200)
        },
        Row {
            headers: origin,
            body: r#"{"amount": 1}"#,
            answer: &[
                ("access-control-allow-origin", SHOP),
                ("access-control-expose-headers", "content-disposition,content-language,"),
            ],
            ..row(Method::POST, "/orders", 201)
        },
        Row {
            headers: &[("x-request-id", "a-caller's-own")],
            answer: &[("x-request-id", "a-caller's-own")],
            ..row(Method::GET, "/orders", 200)
        },
    ]
}

async fn answers_like_the_table(gateway: &Http) -> Result<()> {
    for row in table() {
        let what = format!("{} {}", row.method, row.path);
        let answer = gateway.send(row.method, row.path, row.headers, row.body).await?;
        ensure!(answer.status == row.status, "{what}: {} {}", answer.status, answer.text());
        ensure!(answer.text().contains(row.text), "{what}: no {} in {}", row.text, answer.text());
        for (name, begin) in row.answer {
            let given =
                answer.header(name).with_context(|| format!("{what}: no {name} in {:?}", answer.headers))?;
            ensure!(given.starts_with(begin), "{what}: {name} is {given}");
        }
    }
    // A body of the largest size is taken, and one byte more is not.
    let at = |length: usize| format!("{{\"amount\": 1{}}}", " ".repeat(length - 13));
    for (length, status) in [(65_536, 201), (65_537, 413)] {
        let answer: Answer = gateway.post_json("/orders", at(length)).await?;
        ensure!(answer.status == status, "{length} bytes: {} {}", answer.status, answer.text());
    }
    // Pages of origins that are not configured get no CORS headers, and their requests are refused.
    let evil = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
    let preflight = gateway.send(Method::OPTIONS, "/orders", &evil, "").await?;
    let order = gateway.send(Method::POST, "/orders", &[evil[0], JSON], r#"{"amount": 1}"#).await?;
    order.expect(403)?;
    for answer in [preflight, order] {
        let allowed = answer.header("access-control-allow-origin");
        ensure!(allowed.is_none_or(|origin| origin == SHOP), "{allowed:?} of {}", answer.status);
    }
    Ok(())
}

#[tokio::test]
async fn the_hosts_own_gateway_answers_like_the_table() -> Result<()> {
    let env = TestEnv::local()?;
    let config = env.config().variable("WAYBILL_CORS_ORIGINS", SHOP);
    answers_like_the_table(&Waybill::start(&config).await?.gateway).await
}

#[tokio::test]
async fn kong_answers_like_the_table() -> Result<()> {
    let env = TestEnv::local()?;
    // Kong passes on what others send, so the services behind it say that it answers for them.
    let config = env.config().argument("--key-check").argument("off").variable("WAYBILL_CORS_ORIGINS", SHOP);
    let waybill = Waybill::start(&config).await?;
    let Some(kong) = Kong::start(waybill.orders.authority(), waybill.invoices.authority(), SHOP).await?
    else {
        return Ok(());
    };
    answers_like_the_table(&kong.gateway).await
}

#[tokio::test]
async fn a_browser_is_led_to_the_console_and_a_program_to_what_there_is() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let led = waybill.gateway.send(Method::GET, "/", &browser, "").await?;
    ensure!(led.status == 303 && led.header("location") == Some("/console"), "{led:?}");
    let index = waybill.gateway.get("/").await?.json()?;
    ensure!(index["name"] == "Waybill" && index["console"] == "/console", "{index}");
    let listed = ["resources", "documentation", "openapi"].map(|list| index[list].as_array().cloned());
    let paths: Vec<_> = listed.into_iter().flatten().flatten().collect();
    ensure!(
        paths.iter().any(|path| path == "/orders") && paths.iter().all(|path| path != "/events"),
        "{index}"
    );
    for path in &paths {
        let path = path.as_str().context("a path is a text")?;
        waybill.gateway.get(path).await?.expect(200).with_context(|| path.to_owned())?;
    }
    Ok(())
}
