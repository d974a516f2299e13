//! What `examples/` shows, as its README says to run it.

use anyhow::{Result, ensure};
use hyper::Method;
use waybill_tests::{Waybill, component_path};

use crate::TestEnv;

#[tokio::test]
async fn a_component_of_ones_own_keeps_notes_on_the_sql_capability() -> Result<()> {
    let env = TestEnv::local()?;
    let component = format!("orders={}", component_path("notes").display());
    let config = env.config().argument("--component").argument(component);
    let waybill = Waybill::start(&config).await?;
    for (note, id) in [("buy ink", "1"), ("it's; DROP TABLE notes", "2")] {
        let added = waybill.orders.send(Method::POST, "/notes", &[], note).await?;
        ensure!(added.status == 201 && added.text() == id, "{} {}", added.status, added.text());
    }
    waybill.stop().await?;

    let waybill = Waybill::start(&config).await?;
    let notes = waybill.orders.get("/notes").await?;
    ensure!(notes.status == 200 && notes.text() == "it's; DROP TABLE notes\nbuy ink", "{}", notes.text());
    for (note, status) in [("", 400), (" ", 400)] {
        ensure!(waybill.orders.send(Method::POST, "/notes", &[], note).await?.status == status, "{note:?}");
    }
    ensure!(waybill.orders.get("/orders").await?.status == 404, "another component serves /orders");
    Ok(())
}
