//! An invoice of one seller that has a number of another's series, or that another than the order's seller issued.

use anyhow::{Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use waybill_tests::Ledger;

use super::{AS_USUAL, BY_FORCE, Report, TestEnv};

#[tokio::test]
async fn an_invoice_or_credit_note_in_another_sellers_series_is_found() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    let seller = json!({
        "name": "Paper Inc.", "address": "1 Street", "city": "New York", "zipCode": "10118", "country": "US", "email": "a@example.com",
    });
    let headers = [("content-type", "application/json")];
    waybill.invoices.send(Method::PUT, "/sellers/paper", &headers, seller.to_string()).await?.expect(200)?;
    for seller in ["default", "paper", "paper", "default", "paper"] {
        let placed = json!({ "amount": 5000, "sellerId": seller }).to_string();
        let placed = waybill.orders.post_json("/orders", placed).await?;
        placed.expect(201)?;
        let id = placed.json()?["id"].as_str().unwrap_or_default().to_owned();
        waybill.invoices.invoice_of(&id).await?;
        waybill.orders.post_json(&format!("/orders/{id}/cancel"), "").await?.expect(200)?;
    }
    Ledger::settled(&waybill).await?;
    waybill.stop().await?;
    let clean = Report::of(&env, 0).await?;
    ensure!(clean.code == 0 && clean.findings.is_empty(), "{clean:?}");
    let chains = clean.summary["chains"].as_array().map_or(0, Vec::len);
    ensure!(chains == 4, "a chain for each series of each seller: {clean:?}");

    // As somebody could who owns the tables, and makes all hashes and counters fit.
    let invoices = env.postgres()?.client("invoices").await?;
    let kinds = async |change: &str| -> Result<Vec<Value>> {
        let anew = "UPDATE invoices AS i SET chain_sha256 = NULL;
            UPDATE invoices AS i SET chain_sha256 = sha256(invoice_sha256(i)) WHERE number = 1;
            UPDATE invoices AS i SET chain_sha256 = sha256((SELECT chain_sha256 FROM invoices AS b WHERE b.series = i.series AND b.number = 1)
                || invoice_sha256(i)) WHERE number = 2;
            UPDATE invoices AS i SET chain_sha256 = sha256((SELECT chain_sha256 FROM invoices AS b WHERE b.series = i.series AND b.number = 2)
                || invoice_sha256(i)) WHERE number = 3;
            UPDATE credit_notes AS c SET chain_sha256 = sha256(credit_note_sha256(c)) WHERE number = 1;
            UPDATE credit_notes AS c SET chain_sha256 = sha256((SELECT chain_sha256 FROM credit_notes AS b WHERE b.series = c.series AND b.number = 1)
                || credit_note_sha256(c)) WHERE number = 2;
            UPDATE credit_notes AS c SET chain_sha256 = sha256((SELECT chain_sha256 FROM credit_notes AS b WHERE b.series = c.series AND b.number = 2)
                || credit_note_sha256(c)) WHERE number = 3";
        invoices.batch_execute(&format!("{BY_FORCE}; {change}; {anew}; {AS_USUAL}")).await?;
        let report = Report::of(&env, 0).await?;
        Ok(report.findings.iter().map(|finding| finding["kind"].clone()).collect())
    };
    // The third invoice of one seller becomes the third of the other.
    let moved = "ALTER TABLE invoices DROP CONSTRAINT invoices_series_of_seller;
        UPDATE invoices SET series = split_part(series, '/', 2) WHERE series LIKE 'paper/%' AND number = 3;
        UPDATE invoice_series SET last_number = CASE WHEN series LIKE 'paper/%' THEN 2 ELSE 3 END";
    ensure!(kinds(moved).await? == ["series_of_another_seller"], "{moved}");
    // In its name, too: the order says who the seller is.
    let renamed = "UPDATE invoices SET seller = (SELECT seller FROM sellers_to_keep WHERE id = 'default')
        WHERE series NOT LIKE 'paper/%' AND number = 3";
    let found = kinds(renamed).await?;
    ensure!(
        found == ["seller_differs", "series_of_another_seller"],
        "its credit note is the other's still: {found:?}"
    );
    let note = "UPDATE credit_notes SET series = split_part(series, '/', 2) WHERE series LIKE 'paper/%' AND number = 3;
        UPDATE credit_note_series SET last_number = CASE WHEN series LIKE 'paper/%' THEN 2 ELSE 3 END";
    ensure!(kinds(note).await? == ["seller_differs"], "{note}");
    Ok(())
}
