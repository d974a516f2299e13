//! What is known of seller and buyer, from the API to each representation of the invoice.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use waybill_tests::{Waybill, ensure_contains};

use crate::TestEnv;

fn customer() -> Value {
    json!({
        "name": "Musterbehörde",
        "email": "rechnung@behoerde.example",
        "address": "Rue de la Loi 1",
        "addressLine2": "Bâtiment 2",
        "city": "Lyon",
        "state": "Rhône",
        "zipCode": "69001",
        "country": "FR",
        "vatId": "FR 40 303 265 045",
        "companyId": "303265045",
        "companyIdScheme": "0002",
        "contact": "Accounts payable",
        "phone": "+33 1 23 45 67 89",
        "electronicAddress": { "scheme": "0009", "id": "30326504500011" },
        "buyerReference": "04011000-12345-34",
        "paymentDays": 7,
    })
}

/// The invoice of a new order of this customer.
async fn invoice_of(waybill: &Waybill, customer: &Value, rate: i32) -> Result<Value> {
    let lines = json!([{ "sku": "a", "description": "Ink", "quantity": 1, "unitPrice": 1000, "taxRateBasisPoints": rate }]);
    waybill.invoiced(&json!({ "customerId": customer["id"], "lines": lines })).await
}

/// The days from an invoice's issue to the day by which it is to be paid.
fn days_to_pay(invoice: &Value) -> Result<i64> {
    let day = |text: &Value| {
        let text = text.as_str().and_then(|text| text.get(..10)).context("a date")?;
        let format = time::macros::format_description!("[year]-[month]-[day]");
        Ok::<_, anyhow::Error>(time::Date::parse(text, format)?)
    };
    Ok((day(&invoice["dueDate"])? - day(&invoice["createdAt"])?).whole_days())
}

#[tokio::test]
async fn what_is_known_of_a_customer_is_on_the_invoice() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    let made = waybill.gateway.create("/customers", customer().to_string()).await?;
    ensure!(made["vatId"] == "FR40303265045", "{made}");

    let invoice = invoice_of(&waybill, &made, 1900).await?;
    let mut expected = customer();
    expected["vatId"] = "FR40303265045".into();
    ensure!(invoice["customer"] == expected, "{invoice}");
    ensure!(days_to_pay(&invoice)? == 7, "{invoice}");

    let page = waybill.represented(&invoice, "text/html", "de").await?;
    let address = [
        "<strong>Musterbehörde</strong>",
        "Accounts payable",
        "Rue de la Loi 1",
        "Bâtiment 2",
        "69001 LYON",
        "FRANKREICH",
        "<small>Ihre USt-IdNr. FR40303265045</small>",
    ];
    ensure!(page.contains(&address.join("<br>")), "{page}");
    let xml: String =
        waybill.represented(&invoice, "application/xml", "de").await?.lines().map(str::trim).collect();
    ensure_contains(
        &xml,
        [
            "<cbc:BuyerReference>04011000-12345-34</cbc:BuyerReference>",
            "<cbc:EndpointID schemeID=\"9930\">DE123456789</cbc:EndpointID>",
            "<cbc:EndpointID schemeID=\"0009\">30326504500011</cbc:EndpointID>",
            "<cbc:AdditionalStreetName>Bâtiment 2</cbc:AdditionalStreetName><cbc:CityName>Lyon</cbc:CityName>",
            "<cbc:CountrySubentity>Rhône</cbc:CountrySubentity>",
            "<cbc:CompanyID>FR40303265045</cbc:CompanyID>",
            "<cbc:CompanyID schemeID=\"0002\">303265045</cbc:CompanyID>",
            "<cbc:Name>Accounts payable</cbc:Name><cbc:Telephone>+33 1 23 45 67 89</cbc:Telephone>",
        ],
    )?;

    // A later change reaches later invoices only.
    let path = format!("/customers/{}", made["id"].as_str().unwrap_or_default());
    let change = r#"{"vatId":null,"electronicAddress":null,"paymentDays":null,"city":"Paris"}"#;
    waybill.gateway.patch_json(&path, change).await?.expect(200)?;
    let later = invoice_of(&waybill, &made, 1900).await?;
    ensure!(later["customer"].get("vatId").is_none() && later["customer"]["city"] == "Paris", "{later}");
    ensure!(days_to_pay(&later)? == 30, "{later}");
    let first = waybill.invoices.invoice_of(invoice["orderId"].as_str().unwrap_or_default()).await?;
    ensure!(first == invoice, "an issued invoice never changes: {first}");

    let faulty = json!({ "vatId": "FR40303265046", "country": "Frankreich", "electronicAddress": { "scheme": "SIRET" } });
    let refused = waybill.gateway.patch_json(&path, faulty.to_string()).await?;
    refused.expect_problem(422)?;
    let errors = refused.json()?["errors"].take();
    let fields: Vec<_> = errors.as_array().into_iter().flatten().map(|error| &error["field"]).collect();
    ensure!(fields == ["country", "vatId", "electronicAddress.scheme", "electronicAddress.id"], "{errors}");
    Ok(())
}

#[tokio::test]
async fn a_seller_without_vat_id_is_on_the_invoice() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    let seller = json!({
        "name": "Jo Doe",
        "taxNumber": "12/345/67890",
        "address": "Gasse 1",
        "city": "Köln",
        "zipCode": "50667",
        "country": "DE",
        "email": "jo@example.com",
        "legalNotes": "Amtsgericht Köln, HRA 1",
        "exemptionReason": "Kein Ausweis von Umsatzsteuer, da Kleinunternehmer gemäß § 19 UStG",
        "paymentDays": 14,
    });
    waybill.gateway.put_json("/seller", seller.to_string()).await?.expect(200)?;
    let invoice = invoice_of(&waybill, &json!({ "id": "1651654165" }), 0).await?;
    ensure!(invoice["seller"] == seller, "{invoice}");
    let page = waybill.represented(&invoice, "text/html", "de").await?;
    ensure!(page.contains("Steuernummer 12/345/67890") && page.contains("Amtsgericht Köln, HRA 1"), "{page}");
    let xml: String =
        waybill.represented(&invoice, "application/xml", "de").await?.lines().map(str::trim).collect();
    let number = "<cbc:CompanyID>12/345/67890</cbc:CompanyID><cac:TaxScheme><cbc:ID>FC</cbc:ID>";
    ensure!(xml.contains(number) && xml.contains("<cbc:EndpointID schemeID=\"EM\">jo@example.com<"), "{xml}");

    ensure!(
        xml.contains("<cbc:ID>E</cbc:ID>") && xml.contains("§ 19 UStG</cbc:TaxExemptionReason>"),
        "{xml}"
    );
    ensure!(
        page.contains("<p>Kein Ausweis von Umsatzsteuer, da Kleinunternehmer gemäß § 19 UStG</p>"),
        "{page}"
    );

    let american = json!({
        "name": "Ink Inc.", "address": "350 Fifth Avenue", "city": "New York", "subdivision": "NY", "zipCode": "10118",
        "country": "US", "email": "jo@example.com", "paymentDays": 14,
    });
    waybill.gateway.put_json("/seller", american.to_string()).await?.expect(200)?;
    let invoice = invoice_of(&waybill, &json!({ "id": "1651654165" }), 888).await?;
    let page = waybill.represented(&invoice, "text/html", "de").await?;
    ensure!(page.contains("350 Fifth Avenue<br>New York, NY 10118<br>Vereinigte Staaten"), "{page}");
    Ok(())
}
