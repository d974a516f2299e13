//! Every behaviour on every host that is here, but for wasmCloud 1.9, whose tests are in `wasmcloud/tests`.

use anyhow::{Result, ensure};
use conformance::{Elsewhere, Host, run};
use waybill_tests::Wasi;

#[tokio::test]
async fn waybill() -> Result<()> {
    // Its databases have one user, which is Waybill.
    let of_databases = [
        "an_order_is_a_row_and_its_event_goes_when_it_is_delivered",
        "an_expected_refusal_is_no_error_of_the_database",
    ];
    all_behaviours(&Host::Waybill, Wasi::V0_2, &of_databases).await
}

#[tokio::test]
async fn waybill_on_servers() -> Result<()> {
    all_behaviours(&Host::WaybillServers, Wasi::V0_2, &[]).await
}

#[tokio::test]
async fn waybill_on_servers_with_wasi_0_3() -> Result<()> {
    all_behaviours(&Host::WaybillServers, Wasi::V0_3, &[]).await
}

#[tokio::test]
async fn spin() -> Result<()> {
    all_behaviours(&Host::Spin, Wasi::V0_2, &[]).await
}

#[tokio::test]
async fn wasmcloud2() -> Result<()> {
    all_behaviours(&Host::Wasmcloud2, Wasi::V0_2, &[]).await
}

#[tokio::test]
async fn wasmcloud2_with_wasi_0_3() -> Result<()> {
    all_behaviours(&Host::Wasmcloud2, Wasi::V0_3, &["an_order_is_one_trace_to_its_invoice"]).await
}

#[tokio::test]
async fn wasmcloud2_over_rabbitmq() -> Result<()> {
    all_behaviours(&Host::Wasmcloud2Rabbitmq, Wasi::V0_2, &["an_order_is_one_trace_to_its_invoice"]).await
}

async fn all_behaviours(host: &Host, wasi: Wasi, not_checked: &[&str]) -> Result<()> {
    let Some(system) = host.start(wasi, Elsewhere::default()).await? else { return Ok(()) };
    let report = run(&system).await;
    println!("{report}");
    ensure!(report.not_checked() == not_checked, "not checked: {:?}", report.not_checked());
    report.passed()
}
