//! The seller and the numbers are set on the console.

use anyhow::{Context as _, Result, ensure};
use hyper::Method;
use serde_json::json;
use waybill_tests::{Answer, Http};

use crate::TestEnv;
use crate::access_keys::create;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

const SELLER: &str = "name=Ink+%26+Paper+GmbH&address=Gasse+1&city=K%C3%B6ln&zipCode=50667&country=DE&vatId=DE+136695976&\
     email=rechnung%40example.com&paymentDays=14&electronicAddress.scheme=0204&electronicAddress.id=991-01234-44&legalNotes=HRB+1&iban=";

async fn save(gateway: &Http, part: &str, form: &str) -> Result<Answer> {
    gateway.send(Method::POST, &format!("/console/settings/{part}"), &[FORM], form.to_owned()).await
}

/// The form with all other fields of its page, which are empty.
async fn whole(gateway: &Http, part: &str, form: &str) -> Result<String> {
    let page = gateway.get("/console/settings").await?.text();
    let section = page.split("</form>").find(|it| it.contains(&format!("/console/settings/{part}\"")));
    let (_, section) = section.and_then(|it| it.split_once("<form ")).context("no such form")?;
    let names = section.split(" name=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let others = names.filter(|name| !form.split('&').any(|it| it.split('=').next() == Some(*name)));
    Ok(others.fold(form.to_owned(), |whole, name| format!("{whole}&{name}=")))
}

#[tokio::test]
async fn seller_and_numbers_are_set_on_the_console() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let gateway = &waybill.gateway;
    let empty = gateway.get("/console/settings").await?.text();
    ensure!(empty.contains("No seller is set"), "{empty}");
    ensure!(!empty.contains("Example seller"), "an example is not a seller: {empty}");
    ensure!(
        empty.contains(r#"id="series-invoiceStartNumber" name="invoiceStartNumber" value="1""#),
        "{empty}"
    );

    save(gateway, "seller", SELLER).await?.expect(400)?;
    let whole_seller = whole(gateway, "seller", SELLER).await?;
    save(gateway, "seller", &whole_seller).await?.expect(303)?;
    let seller = gateway.get("/seller").await?.json()?;
    let expected = json!({
        "name": "Ink & Paper GmbH", "address": "Gasse 1", "city": "Köln", "zipCode": "50667", "country": "DE", "vatId": "DE136695976",
        "email": "rechnung@example.com", "paymentDays": 14, "electronicAddress": { "scheme": "0204", "id": "991-01234-44" },
        "legalNotes": "HRB 1",
    });
    ensure!(seller == expected, "{seller}");
    let page = gateway.get("/console/settings").await?.text();
    for text in
        [r#"value="Ink &#38; Paper GmbH""#, "<option selected>DE</option>", "<option selected>0204</option>"]
    {
        ensure!(page.contains(text), "{text} is not in {page}");
    }

    let faulty =
        whole_seller.replace("DE+136695976", "DE136695977").replace("paymentDays=14", "paymentDays=soon");
    let refused = save(gateway, "seller", &faulty).await?;
    refused.expect(422)?;
    for text in
        ["VAT ID must be a VAT identifier", "Payment days must be an integer", r#"value="soon""#, "Gasse 1"]
    {
        ensure!(refused.text().contains(text), "{text} is not in {}", refused.text());
    }
    ensure!(gateway.get("/seller").await?.json()? == expected, "nothing is changed");

    // An empty prefix is one.
    let series = "timeZone=Europe%2FBerlin&invoicePrefix=INV-&creditNotePrefix=&invoiceStartNumber=1001";
    let whole_series = whole(gateway, "series", series).await?;
    save(gateway, "series", &whole_series).await?.expect(303)?;
    let set = gateway.get("/series").await?.json()?;
    ensure!(set["creditNotePrefix"] == "" && set["invoiceStartNumber"] == 1001, "{set}");
    ensure!(
        set["timeZone"] == "Europe/Berlin" && set["invoiceFormat"] == "{prefix}{year}-{number:6}",
        "{set}"
    );
    save(gateway, "prices", "a=1").await?.expect(404)?;

    // A choice that is refused stays on the form, whatever it is.
    let refused = save(gateway, "seller", &whole_seller.replace("country=DE", "country=XX")).await?;
    refused.expect(422)?;
    ensure!(refused.text().contains("<option selected>XX</option>"), "{}", refused.text());

    // Another seller, from its identifier on.
    let new = gateway.get("/console/settings?seller=paper").await?.text();
    ensure!(new.contains("not set yet") && !new.contains("series-title"), "{new}");
    let paper = whole_seller.replace("Ink+%26+Paper", "Paper");
    save(gateway, "seller?seller=paper", &paper).await?.expect(303)?;
    let page = gateway.get("/console/settings?seller=paper").await?.text();
    for text in [
        r#"value="Paper GmbH""#,
        "/console/settings?seller=default",
        r#"aria-current="page">paper</a>"#,
        "waybill series set --seller paper",
    ] {
        ensure!(page.contains(text), "{text} is not in {page}");
    }
    save(gateway, "series?seller=paper", &whole_series.replace("INV-", "P-")).await?.expect(303)?;
    ensure!(gateway.get("/sellers/paper/series").await?.json()?["invoicePrefix"] == "P-");
    ensure!(gateway.get("/series").await?.json()?["invoicePrefix"] == "INV-", "the other's are as they were");
    ensure!(gateway.get("/seller").await?.json()? == expected, "the other is as it was");
    gateway.get("/console/settings?seller=A%22").await?.expect(400)?;
    save(gateway, "series?seller=nobody", &whole_series).await?.expect(404)
}

#[tokio::test]
async fn settings_are_changed_with_the_rights_of_the_visitor_only() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let gateway = &waybill.gateway;
    let key = create(&env, &["orders:read", "invoices:read"]).await?;
    // A second after the first key, the console shows nothing without one.
    waybill_tests::eventually(
        "the console to ask for a key",
        std::time::Duration::from_secs(10),
        async || Ok((save(gateway, "seller", SELLER).await?.status == 401).then_some(())),
    )
    .await?;
    let signed_in = gateway.send(Method::POST, "/console/sign-in", &[FORM], format!("key={key}")).await?;
    let cookie =
        signed_in.header("set-cookie").unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
    let headers = [FORM, ("cookie", cookie.as_str())];
    let refused = gateway.send(Method::POST, "/console/settings/seller", &headers, SELLER.to_owned()).await?;
    refused.expect(403)?;
    let foreign = [FORM, ("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    gateway.send(Method::POST, "/console/settings/seller", &foreign, SELLER.to_owned()).await?.expect(403)?;
    let bearer = format!("Bearer {key}");
    let seller =
        gateway.send(Method::GET, "/seller", &[("authorization", bearer.as_str())], "").await?.json()?;
    ensure!(seller["isSpecimen"] == true, "nothing is changed: {seller}");
    Ok(())
}
