//! The whole system under every kind of fault; `cargo xtask chaos` is the long run of it.

use anyhow::{Result, ensure};
use waybill_tests::chaos::{Fault, Plan, run};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_doubled_or_left_out_by_any_kind_of_fault() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plan = Plan {
        orders: 5_000,
        faults: Fault::ALL.len(),
        seed: 1,
        orders_per_second: 400,
        ledger: folder.path().join("ledger.jsonl"),
    };
    let outcome = run(&plan, |number, acknowledged, fault| {
        println!("fault {number}: {fault:?} ({acknowledged} orders)");
    })
    .await?;
    let Some(outcome) = outcome else { return Ok(()) };
    println!("{}", std::fs::read_to_string(&plan.ledger)?);
    ensure!(outcome.faults == plan.faults && outcome.acknowledged >= plan.orders, "{outcome:?}");
    Ok(())
}
