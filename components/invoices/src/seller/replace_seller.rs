//! `PUT /seller`

use http::StatusCode;
use waybill_documents::Seller;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::rules::{COUNTRY, EMAIL, Integer};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::{Fields, Problem, body, endpoint};

use super::account::{BIC, IBAN};
use super::vat_id::VAT_ID;

statement!(ReplaceSeller, "seller/sql/replace_seller.sql");

/// How many days a customer may have to pay; a hundred years are as good as never.
const PAYMENT_DAYS: Integer<i32> = Integer::new(0, 36_500);

/// Who sells. What is not given is not printed.
#[derive(Debug, Fields)]
pub struct NewSeller {
    /// The name that the business is registered under.
    #[rule(LineOfText::LONG)]
    name: String,
    /// The VAT identifier, with the prefix of its country.
    #[rule(VAT_ID, example = "DE123456789")]
    vat_id: String,
    /// Street and number.
    #[rule(LineOfText::LONG)]
    address: String,
    /// The city.
    #[rule(LineOfText::LONG)]
    city: String,
    /// The postal code.
    #[rule(LineOfText::SHORT)]
    zip_code: String,
    /// ISO 3166-1, two letters.
    #[rule(COUNTRY)]
    country: String,
    /// The e-mail address.
    #[rule(EMAIL)]
    email: String,
    /// Whom to ask.
    #[rule(LineOfText::LONG)]
    contact: Option<String>,
    /// The telephone number.
    #[rule(LineOfText::CODE)]
    phone: Option<String>,
    /// How many days a customer has to pay.
    #[rule(PAYMENT_DAYS, default = 30)]
    payment_days: i32,
    /// The account to pay to; spaces are removed.
    #[rule(IBAN, example = "DE02120300000000202051")]
    iban: Option<String>,
    /// The bank of that account.
    #[rule(BIC, example = "BYLADEM1001")]
    bic: Option<String>,
}

/// Sets the seller that invoices are issued by from now on. Issued invoices keep theirs.
#[endpoint(PUT "/seller", scope = SellerWrite, success(200, "The seller as it is now.", Seller))]
pub fn replace_seller(request: Request<NewSeller>) -> Result<Response, Problem> {
    let (_, body) = body::json(request)?;
    let new = body.read()?;
    let seller = ReplaceSeller {
        name: &new.name,
        vat_id: &new.vat_id,
        address: &new.address,
        city: &new.city,
        zip_code: &new.zip_code,
        country: &new.country,
        email: &new.email,
        contact: new.contact.as_deref(),
        phone: new.phone.as_deref(),
        payment_days: new.payment_days,
        iban: new.iban.as_deref(),
        bic: new.bic.as_deref(),
    };
    seller.query_one()?;
    Ok(respond::json(StatusCode::OK, &Seller::from(new)))
}

impl From<NewSeller> for Seller {
    fn from(new: NewSeller) -> Self {
        Self {
            name: new.name,
            vat_id: new.vat_id,
            address: new.address,
            city: new.city,
            zip_code: new.zip_code,
            country: new.country,
            email: new.email,
            contact: new.contact,
            phone: new.phone,
            payment_days: new.payment_days,
            iban: new.iban,
            bic: new.bic,
            is_specimen: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use waybill_service::fields::from_json;

    use super::*;

    const COMPLETE: &str = r#"{"name":"Ink & Paper GmbH","vatId":"DE136695976","address":"Gasse 1","city":"Köln",
        "zipCode":"50667","country":"DE","email":"rechnung@example.com","iban":"DE02 1203 0000 0000 2020 51","bic":"BYLADEM1001"}"#;

    #[test]
    fn a_seller_is_read_with_its_account_without_spaces() {
        let seller = from_json::<NewSeller>(COMPLETE.as_bytes()).map(Seller::from).unwrap();
        assert_eq!(seller.iban.as_deref(), Some("DE02120300000000202051"));
        assert_eq!((seller.payment_days, seller.contact), (30, None));
    }

    #[test]
    fn every_fault_is_named() {
        let faulty = COMPLETE
            .replace("DE136695976", "XX136695976")
            .replace("2020 51", "2020 52")
            .replace("BYLADEM1001", "BANK")
            .replace(r#""country":"DE""#, r#""country":"UK","paymentDays":-1,"phone":"""#)
            .replace("rechnung@", "rechnung")
            .replace("Köln", "\u{a0}");
        let problem = from_json::<NewSeller>(faulty.as_bytes()).unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.to_string()).collect();
        assert_eq!(fields, ["vatId", "city", "country", "email", "phone", "paymentDays", "iban", "bic"]);
    }
}
