//! Databases whose settings differ from PostgreSQL's defaults.

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use waybill_tests::{Answer, Http, Postgres, Process, WaybillConfig};

use crate::TestEnv;

const ORDERS: usize = 40;
const SETTINGS: [&str; 5] = [
    "default_transaction_isolation TO 'repeatable read'",
    "synchronous_commit TO off",
    "lock_timeout TO '1ms'",
    "\"TimeZone\" TO 'Pacific/Auckland'",
    "\"DateStyle\" TO 'SQL, DMY'",
];

#[tokio::test]
async fn payments_and_cancellations_at_the_same_time_do_not_fail_under_a_stricter_isolation() -> Result<()> {
    let postgres = Postgres::start_migrated().await?;
    let env = TestEnv::local()?;
    let client = postgres.client("postgres").await?;
    for setting in SETTINGS {
        client.batch_execute(&format!("ALTER DATABASE orders SET {setting}")).await?;
    }
    let serve =
        WaybillConfig::command(["serve", "orders", "--orders-listen", "127.0.0.1:0"], env.folder.path())
            .databases(&postgres);
    let processes = try_join_all((0..3).map(|_| Process::start(&serve))).await?;
    let services: Vec<_> =
        processes.iter().map(|process| process.address("orders")).collect::<Result<_>>()?;
    let mut ids = Vec::new();
    for _ in 0..ORDERS {
        let order = services[0].create("/orders", r#"{"amount":5000}"#).await?;
        ids.push(order["id"].as_str().unwrap_or_default().to_owned());
    }
    let mut answers = Vec::new();
    for id in &ids {
        let changes =
            services.iter().flat_map(|service| ["pay", "cancel"].map(|what| change(service, id, what)));
        answers.extend(try_join_all(changes).await?);
    }
    let failed: Vec<_> = answers.iter().filter(|answer| !matches!(answer.status, 200 | 409)).collect();
    ensure!(failed.is_empty(), "{} of {} failed, such as {:?}", failed.len(), answers.len(), failed[0]);
    // Times are those of any other database.
    let order = services[0].get(&format!("/orders/{}", ids[0])).await?.json()?;
    let created = order["createdAt"].as_str().unwrap_or_default().to_owned();
    ensure!(created.ends_with('Z') && created.as_bytes()[4] == b'-', "{created}");
    Ok(())
}

async fn change(orders: &Http, id: &str, what: &str) -> Result<Answer> {
    orders.post_json(&format!("/orders/{id}/{what}"), "{}").await
}
