//! A seller as a request gives it.

use waybill_documents::Seller;
use waybill_parties::vat_id;
use waybill_service::Fields;
use waybill_service::faults::Faults;
use waybill_service::rules::account::{
    ACCOUNT_NUMBER, BIC, IBAN, ROUTING_NUMBER, has_account, is_one_account,
};
use waybill_service::rules::parties::{
    ElectronicAddress, ICD, PAYMENT_DAYS, VAT_ID, has_postal_code, is_registered,
};
use waybill_service::rules::{COUNTRY, Integer, Object};
use waybill_service::text::LineOfText;

use super::contact::{PHONE, PUBLIC_EMAIL};

/// The seller. Members that are missing are not printed.
#[derive(Debug, Fields)]
#[fields(check = identify(country, vat_id, tax_number))]
#[fields(check = is_registered(company_id, company_id_scheme))]
#[fields(check = has_postal_code(country, zip_code))]
#[fields(check = is_one_account(iban, account_number, routing_number))]
#[fields(check = has_account(iban, account_number, bic, bank_name))]
#[fields(check = exempt(exemption_reason, amount_tax_rate_basis_points))]
pub struct NewSeller {
    /// The name that the business is registered under (BT-27).
    #[rule(LineOfText::LONG)]
    name: String,
    /// The VAT identifier, with the prefix of its country (BT-31). Letters become capitals, and separators are removed. Where sellers
    /// have one, it or `taxNumber` is required.
    #[rule(VAT_ID, example = "DE136695976")]
    vat_id: Option<String>,
    /// The number that the tax office gave (BT-32), of a seller without VAT identifier.
    #[rule(LineOfText::CODE, example = "12/345/67890")]
    tax_number: Option<String>,
    /// The number in a register of companies (BT-30).
    #[rule(LineOfText::CODE)]
    company_id: Option<String>,
    /// Which register that is: an ISO 6523 code (ICD), such as `0002` for SIREN.
    #[rule(ICD)]
    company_id_scheme: Option<String>,
    /// Street and number (BT-35).
    #[rule(LineOfText::LONG)]
    address: String,
    /// A second line of the address (BT-36).
    #[rule(LineOfText::LONG)]
    address_line2: Option<String>,
    /// The city (BT-37).
    #[rule(LineOfText::LONG)]
    city: String,
    /// The postal code (BT-38). Where a country has none, and in Ireland, it may be left out.
    #[rule(LineOfText::SHORT)]
    zip_code: Option<String>,
    /// State, province or region (BT-39).
    #[rule(LineOfText::LONG)]
    subdivision: Option<String>,
    /// ISO 3166-1, two letters (BT-40).
    #[rule(COUNTRY)]
    country: String,
    /// The e-mail address (BT-43).
    #[rule(PUBLIC_EMAIL)]
    email: String,
    /// The contact person (BT-41).
    #[rule(LineOfText::LONG)]
    contact: Option<String>,
    /// The telephone number (BT-42).
    #[rule(PHONE)]
    phone: Option<String>,
    /// Where electronic documents go (BT-34). Without it, documents have the VAT identifier for it, or else the e-mail address.
    #[rule(Object::<ElectronicAddress>::new())]
    electronic_address: Option<ElectronicAddress>,
    /// What the law wants on business letters besides, such as register and managing directors (BT-33).
    #[rule(LineOfText::LONGEST)]
    legal_notes: Option<String>,
    /// Why the seller charges no VAT (BT-120), if so.
    #[rule(LineOfText::LONG)]
    exemption_reason: Option<String>,
    /// The rate of the tax that the amount of an order without lines includes, in basis points: 1900 is 19 %. 0 or nothing with an
    /// `exemptionReason`.
    #[rule(Integer::new(0, 10_000))]
    amount_tax_rate_basis_points: Option<i32>,
    /// How many days a customer has to pay.
    #[rule(PAYMENT_DAYS, default = 30)]
    payment_days: i32,
    /// The account to pay to (BT-84); spaces are removed.
    #[rule(IBAN, example = "DE02120300000000202051")]
    iban: Option<String>,
    /// The bank of the account (BT-86).
    #[rule(BIC, example = "BYLADEM1001")]
    bic: Option<String>,
    /// The number of an account that has no IBAN (BT-84).
    #[rule(ACCOUNT_NUMBER, example = "123456789")]
    account_number: Option<String>,
    /// The number of its bank in the country, such as an ABA routing number or a BSB (BT-86).
    #[rule(ROUTING_NUMBER, example = "021000021")]
    routing_number: Option<String>,
    /// The name of the bank, as it is printed.
    #[rule(LineOfText::LONG)]
    bank_name: Option<String>,
}

/// A seller who charges no tax has none in amounts.
fn exempt(reason: Option<&Option<String>>, amount_tax_rate: Option<&Option<i32>>, faults: &mut Faults) {
    if let (Some(Some(_)), Some(Some(1..))) = (reason, amount_tax_rate) {
        faults.add("amountTaxRateBasisPoints", "must be 0 or be left out where there is an exemptionReason");
    }
}

/// By what authorities know a seller.
fn identify(
    country: Option<&String>,
    vat_id: Option<&Option<String>>,
    tax_number: Option<&Option<String>>,
    faults: &mut Faults,
) {
    if let (Some(country), Some(None), Some(None)) = (country, vat_id, tax_number)
        && vat_id::is_required_in(country)
    {
        faults.add("vatId", "or taxNumber is required of a seller in this country");
    }
    // The law on Norwegian bookkeeping, section 5-1-2, and rule NO-R-001 of Peppol.
    if let (Some(country), Some(Some(vat_id))) = (country, vat_id)
        && country == "NO"
        && vat_id.starts_with("NO")
        && !vat_id.ends_with("MVA")
    {
        faults.add("vatId", "must end with MVA in Norway, such as \"NO995525828MVA\"");
    }
}

impl From<NewSeller> for Seller {
    fn from(new: NewSeller) -> Self {
        Self {
            name: new.name,
            vat_id: new.vat_id,
            tax_number: new.tax_number,
            company_id: new.company_id,
            company_id_scheme: new.company_id_scheme,
            address: new.address,
            address_line2: new.address_line2,
            city: new.city,
            zip_code: new.zip_code.unwrap_or_default(),
            subdivision: new.subdivision,
            country: new.country,
            email: new.email,
            contact: new.contact,
            phone: new.phone,
            electronic_address: new
                .electronic_address
                .map(|ElectronicAddress { scheme, id }| waybill_documents::ElectronicAddress { scheme, id }),
            legal_notes: new.legal_notes,
            exemption_reason: new.exemption_reason,
            amount_tax_rate_basis_points: new.amount_tax_rate_basis_points,
            payment_days: new.payment_days,
            iban: new.iban,
            bic: new.bic,
            account_number: new.account_number,
            routing_number: new.routing_number,
            bank_name: new.bank_name,
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

    #[test]
    fn a_seller_is_known_to_the_tax_office_where_sellers_are() {
        let read = |country: &str, members: &str| {
            let body = COMPLETE
                .replace(r#""vatId":"DE136695976","#, members)
                .replace(r#""country":"DE""#, &format!(r#""country":"{country}""#));
            from_json::<NewSeller>(body.as_bytes())
                .map(Seller::from)
                .map_err(|problem| problem.errors()[0].field.to_string())
        };
        for country in ["DE", "GB", "NO", "IS", "GR"] {
            assert_eq!(read(country, "").unwrap_err(), "vatId", "{country}");
        }
        assert_eq!(read("US", "").unwrap().vat_id, None);
        let small = read("DE", r#""taxNumber":"12/345/67890","exemptionReason":"§ 19 UStG","#).unwrap();
        assert_eq!((small.vat_id, small.tax_number.as_deref()), (None, Some("12/345/67890")));
        let swiss = read("CH", r#""vatId":"CHE-116.281.710 MWST","#).unwrap();
        assert_eq!(swiss.vat_id.as_deref(), Some("CHE116281710MWST"));
        assert_eq!(read("US", r#""companyIdScheme":"0002","#).unwrap_err(), "companyId");
        let swedish = |id: &str| {
            let members = format!(r#""vatId":"SE556703748501","companyId":"{id}","companyIdScheme":"0007","#);
            read("SE", &members).map(|seller| seller.company_id)
        };
        assert_eq!(swedish("556703-7485").unwrap_err(), "companyId");
        assert_eq!(swedish("5567037485").unwrap().as_deref(), Some("5567037485"));
        assert_eq!(read("NO", r#""vatId":"NO995525828","#).unwrap_err(), "vatId");
        assert!(read("NO", r#""vatId":"NO 995 525 828 mva","#).is_ok());
    }

    #[test]
    fn a_seller_has_a_postal_code_where_there_are_some() {
        let read = |country: &str| {
            let body = COMPLETE
                .replace(r#""zipCode":"50667","#, "")
                .replace(r#""country":"DE""#, &format!(r#""country":"{country}""#));
            from_json::<NewSeller>(body.as_bytes()).map(Seller::from)
        };
        let seller = serde_json::to_value(read("HK").unwrap()).unwrap();
        assert_eq!(seller.get("zipCode"), None);
        assert_eq!(read("DE").unwrap_err().errors()[0].field, "zipCode");
    }

    #[test]
    fn a_seller_has_an_iban_or_another_account_number() {
        let with = |members: &str| {
            let iban = r#""iban":"DE02 1203 0000 0000 2020 51","bic":"BYLADEM1001""#;
            from_json::<NewSeller>(COMPLETE.replace(iban, members).as_bytes())
                .map(Seller::from)
                .map_err(|problem| problem.errors()[0].field.to_string())
        };
        let number =
            r#""accountNumber":"123456789","routingNumber":"021000021","bankName":"Bank of Examples""#;
        let seller = with(number).unwrap();
        assert_eq!((seller.account_number.as_deref(), seller.iban), (Some("123456789"), None));
        assert_eq!(
            with(&format!(r#"{number},"iban":"DE02120300000000202051""#)).unwrap_err(),
            "accountNumber"
        );
        assert_eq!(with(r#""accountNumber":"DE02120300000000202051""#).unwrap_err(), "accountNumber");
        for (members, field) in [(r#""bic":"BYLADEM1001""#, "bic"), (r#""bankName":"Bank""#, "bankName")] {
            assert_eq!(with(members).unwrap_err(), field);
        }
        for members in [
            r#""routingNumber":"021000021""#,
            r#""routingNumber":"021000021","iban":"DE02120300000000202051""#,
        ] {
            assert_eq!(with(members).unwrap_err(), "routingNumber", "{members}");
        }
    }

    #[test]
    fn a_seller_who_charges_no_tax_has_none_in_amounts() {
        let fault = |members: &str| {
            let body = COMPLETE.replace(r#""country":"DE""#, &format!(r#""country":"DE",{members}"#));
            let problem = from_json::<NewSeller>(body.as_bytes()).err()?;
            Some(problem.errors()[0].field.to_string())
        };
        let reason = r#""exemptionReason":"§ 19 UStG""#;
        let both = format!(r#"{reason},"amountTaxRateBasisPoints":1900"#);
        assert_eq!(fault(&both).as_deref(), Some("amountTaxRateBasisPoints"));
        for members in [reason, &both.replace("1900", "0"), r#""amountTaxRateBasisPoints":1900"#] {
            assert_eq!(fault(members), None, "{members}");
        }
    }

    #[test]
    fn a_seller_can_be_reached() {
        let fault = |from: &str, to: &str| {
            let problem = from_json::<NewSeller>(COMPLETE.replace(from, to).as_bytes()).err()?;
            Some(problem.errors()[0].field.to_string())
        };
        for email in
            ["a@b", "Jo <jo@example.com>", r#"\"a b\"@example.com"#, "jo@example..com", "jo@.example.com"]
        {
            assert_eq!(fault("rechnung@example.com", email).as_deref(), Some("email"), "{email}");
        }
        for phone in ["12", "n/a", "+"] {
            let with_phone = format!(r#""country":"DE","phone":"{phone}""#);
            assert_eq!(fault(r#""country":"DE""#, &with_phone).as_deref(), Some("phone"), "{phone}");
        }
        assert_eq!(fault(r#""country":"DE""#, r#""country":"DE","phone":"110""#), None);
    }
}
