//! Orders that are made up from seeds.

use std::collections::BTreeMap;
use std::env;

use anyhow::{Result, ensure};
use waybill_contracts::TaxCategory;
use waybill_document_tests::Made;
use waybill_documents::{Document, Kind};
use waybill_tests::Validators;

use crate::check;

/// How many orders are made up, unless `WAYBILL_MADE_ORDERS` says otherwise.
const ORDERS: u64 = 500;

#[test]
fn documents_of_made_up_orders_are_valid_and_their_sums_are_right() -> Result<()> {
    let Some(mut validators) = Validators::start()? else { return Ok(()) };
    let mut written = BTreeMap::new();
    let mut faults = Vec::new();
    let orders = env::var("WAYBILL_MADE_ORDERS").map_or(Ok(ORDERS), |orders| orders.parse())?;
    for seed in 0..orders {
        let Made { order, document } = Made::of(seed);
        if let Err(fault) = check(&mut validators, &document, Some(&order), &mut written) {
            println!("seed {seed}: {}", format!("{fault:#}").lines().nth(1).unwrap_or_default());
            faults.push(format!("The order of seed {seed}: {order}\n{fault:#}"));
        }
    }
    ensure!(faults.is_empty(), "{} of {orders} are not valid. The first:\n{}", faults.len(), faults[0]);
    println!("written: {written:?}");
    for (syntax, profile, at_least) in
        [("ubl", "en16931", 400), ("cii", "en16931", 400), ("ubl", "xrechnung", 50), ("ubl", "peppol", 50)]
    {
        let count = written.get(&(syntax, profile)).copied().unwrap_or_default();
        ensure!(
            count >= at_least,
            "only {count} documents of {ORDERS} as {syntax} by {profile}: {written:?}"
        );
    }
    Ok(())
}

/// What documents are checked of: a kind that is not made is not checked.
#[test]
fn made_up_orders_have_parties_and_taxes_of_every_kind() {
    type Property = (&'static str, fn(&Document) -> bool);
    let kinds: [Property; 12] = [
        ("an exempt seller", |document| document.seller.exemption_reason.is_some()),
        ("a seller with a tax number only", |document| {
            document.seller.vat_id.is_none() && document.seller.tax_number.is_some()
        }),
        ("a seller without any number", |document| {
            document.seller.vat_id.is_none() && document.seller.tax_number.is_none()
        }),
        ("a seller in the United States", |document| document.seller.country == "US"),
        ("a Norwegian seller", |document| document.seller.country == "NO"),
        ("an Icelandic seller", |document| document.seller.country == "IS"),
        ("reverse charge to a buyer without VAT identifier", |document| {
            let is_reversed = document.bill.taxes.iter().any(|sum| sum.category == TaxCategory::AE);
            is_reversed && document.customer.vat_id.is_none()
        }),
        ("named taxes", |document| document.bill.components().next().is_some()),
        ("a specimen with an account", |document| {
            document.seller.is_specimen && document.details.payment.is_some()
        }),
        ("a credit note after deposits", |document| {
            matches!(document.kind, Kind::CreditNote { .. }) && !document.details.prepayments.is_empty()
        }),
        ("terms of the customer", |document| document.customer.payment_terms.is_some()),
        ("a supply within the Union", |document| {
            document.bill.taxes.iter().any(|sum| sum.category == TaxCategory::K)
        }),
    ];
    let made: Vec<Document> = (0..ORDERS).map(|seed| Made::of(seed).document).collect();
    for (kind, is_so) in kinds {
        assert!(made.iter().any(is_so), "{kind}");
    }
}
