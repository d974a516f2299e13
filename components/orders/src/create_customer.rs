//! `POST /customers`

use http::StatusCode;
use waybill_billing::MAX_CASH_DISCOUNTS;
use waybill_service::faults::Faults;
use waybill_service::idempotency::{Idempotency, answered};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::rules::parties::{
    ElectronicAddress, ICD, INVOICE_PROFILE, PAYMENT_DAYS, PaymentTerms, VAT_ID, has_postal_code,
    is_registered,
};
use waybill_service::rules::{COUNTRY, EMAIL, Items, Object};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::time::Moment;
use waybill_service::{Fields, Problem, body, endpoint};

use crate::customer::{Customer, DATE, PLACE_RULE, email_is_taken};
use crate::new_order::NewCashDiscount;

statement!(CreateCustomer, "sql/create_customer.sql");

/// A customer to create.
#[derive(Debug, Fields)]
#[fields(check = has_place(city, state), change = CustomerChange)]
#[fields(check = is_registered(company_id, company_id_scheme))]
#[fields(check = has_postal_code(country, zip_code))]
pub struct NewCustomer {
    /// The name of a person or a company.
    #[rule(LineOfText::LONG)]
    name: String,
    /// The e-mail address, which no other customer has.
    #[rule(EMAIL)]
    email: String,
    /// Street and number (BT-50).
    #[rule(LineOfText::LONG)]
    address: String,
    /// A second line of the address (BT-51).
    #[rule(LineOfText::LONG)]
    address_line2: Option<String>,
    /// The city (BT-52).
    #[rule(LineOfText::LONG)]
    city: Option<String>,
    /// State or region (BT-54). Without `city` it is required, and the city.
    #[rule(LineOfText::LONG)]
    state: Option<String>,
    /// The postal code (BT-53). Where a country has none, and in Ireland, it may be left out.
    #[rule(LineOfText::SHORT)]
    zip_code: Option<String>,
    /// ISO 3166-1, two letters (BT-55).
    #[rule(COUNTRY)]
    country: String,
    /// The VAT identifier, with the prefix of its country (BT-48). Letters become capitals, and separators are removed.
    #[rule(VAT_ID, example = "FR40303265045")]
    vat_id: Option<String>,
    /// The number in a register of companies (BT-47).
    #[rule(LineOfText::CODE)]
    company_id: Option<String>,
    /// Which register that is: an ISO 6523 code (ICD), such as `0106` for the Dutch chamber of commerce (BT-47-1).
    #[rule(ICD, example = "0106")]
    company_id_scheme: Option<String>,
    /// The contact person (BT-56).
    #[rule(LineOfText::LONG)]
    contact: Option<String>,
    /// The telephone number (BT-57).
    #[rule(LineOfText::CODE)]
    phone: Option<String>,
    /// Where electronic documents go (BT-49).
    #[rule(Object::<ElectronicAddress>::new())]
    electronic_address: Option<ElectronicAddress>,
    /// The customer's routing reference for invoices (BT-10), such as a Leitweg-ID.
    #[rule(LineOfText::LONG)]
    buyer_reference: Option<String>,
    /// How many days the customer has to pay; without it, the seller's number of days.
    #[rule(PAYMENT_DAYS)]
    payment_days: Option<i32>,
    /// The terms of payment in words (BT-20), for orders that have neither terms nor discounts of their own. Discounts are `cashDiscounts`.
    #[rule(PaymentTerms)]
    payment_terms: Option<String>,
    /// Discounts for an early payment, for orders that have neither terms nor discounts of their own.
    #[rule(Items::<NewCashDiscount>::up_to(MAX_CASH_DISCOUNTS, "discounts"))]
    cash_discounts: Option<Vec<NewCashDiscount>>,
    /// The profile by which the customer wants electronic invoices; without it, the strictest one that an invoice satisfies.
    #[rule(INVOICE_PROFILE)]
    invoice_profile: Option<String>,
    /// The date of birth, `YYYY-MM-DD`.
    #[rule(DATE)]
    date_of_birth: Option<String>,
}

/// Creates a customer.
#[endpoint(
    POST "/customers",
    scope = CustomersWrite,
    idempotent,
    conflicts,
    success(201, "The customer is kept.", Customer),
)]
pub fn create_customer(request: Request<NewCustomer>) -> Result<Response, Problem> {
    let (headers, body) = body::json(request)?;
    let idempotency = Idempotency::read(&headers, "/customers", body.as_ref())?;
    let customer = body.read()?.into_customer();
    let answer = serde_json::to_string(&customer).map_err(|_| Problem::internal())?;
    let location = format!("/customers/{}", customer.id);
    let keyed = idempotency.parameters(&answer);
    let written = CreateCustomer {
        customer: &answer,
        caller: keyed.caller,
        idempotency_key: keyed.key,
        request_sha256: keyed.request_sha256,
        answer: keyed.answer,
    };
    match written.query_one() {
        Ok(row) if row.is_made => answered(StatusCode::CREATED, &location, answer),
        Ok(_) => idempotency.replay_or(email_is_taken()),
        Err(error) => idempotency.replay_instead_of(error),
    }
}

/// The systems that Waybill replaces put the city into `state`.
fn has_place(city: Option<&Option<String>>, state: Option<&Option<String>>, faults: &mut Faults) {
    if let (Some(None), Some(None)) = (city, state) {
        faults.add("state", PLACE_RULE);
    }
}

impl CustomerChange {
    /// A company number that is given with its register is one of it, and an address that is given with its country has the postal code that
    /// the country has. What only one of both is given of, the database knows the other.
    pub fn checked(self) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        is_registered(self.company_id.as_ref(), self.company_id_scheme.as_ref(), &mut faults);
        has_postal_code(self.country.as_ref(), self.zip_code.as_ref(), &mut faults);
        faults.refuse_any()?;
        Ok(self)
    }
}

impl NewCustomer {
    fn into_customer(self) -> Customer {
        let now = Moment::now();
        Customer {
            id: now.identifier().to_string(),
            name: self.name,
            email: self.email,
            address: self.address,
            address_line2: self.address_line2,
            city: self.city,
            state: self.state,
            zip_code: self.zip_code,
            country: self.country,
            vat_id: self.vat_id,
            company_id: self.company_id,
            company_id_scheme: self.company_id_scheme,
            contact: self.contact,
            phone: self.phone,
            electronic_address: self.electronic_address,
            buyer_reference: self.buyer_reference,
            payment_days: self.payment_days,
            payment_terms: self.payment_terms,
            cash_discounts: self
                .cash_discounts
                .map(|discounts| discounts.into_iter().map(Into::into).collect()),
            invoice_profile: self.invoice_profile,
            date_of_birth: self.date_of_birth,
            created_at: now.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use waybill_parties::postal_code;
    use waybill_service::fields::from_json;

    use super::*;

    const GOOD: &str = r#"{"name":"Jo","email":"jo@example.com","address":"1 Street","state":"Berlin","zipCode":"10115","country":"DE"}"#;

    #[test]
    fn a_customer_is_read() {
        let customer: NewCustomer = from_json(GOOD.as_bytes()).unwrap();
        assert_eq!((customer.name.as_str(), customer.date_of_birth), ("Jo", None));
    }

    #[test]
    fn every_fault_is_named() {
        let problem = from_json::<NewCustomer>(
            br#"{"email":"x","country":"Germany","dateOfBirth":"never","vip":true}"#,
        )
        .unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.to_string()).collect();
        assert_eq!(fields, ["vip", "name", "email", "address", "country", "dateOfBirth", "state"]);
        let faulty = GOOD.replace(
            r#""state":"Berlin""#,
            r#""city":" ","vatId":"DE136695977","companyId":"","electronicAddress":{"scheme":"x"},"paymentDays":-1"#,
        );
        let problem = from_json::<NewCustomer>(faulty.as_bytes()).unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.to_string()).collect();
        assert_eq!(
            fields,
            ["city", "vatId", "companyId", "electronicAddress.scheme", "electronicAddress.id", "paymentDays"]
        );
    }

    #[test]
    fn a_company_number_is_one_of_its_register() {
        let fault = |members: &str| {
            let body = GOOD.replace("{\"name\"", &format!("{{{members},\"name\""));
            let problem = from_json::<NewCustomer>(body.as_bytes()).err()?;
            Some(problem.errors()[0].field.to_string())
        };
        for members in [
            r#""companyId":"12345678","companyIdScheme":"0106""#,
            r#""companyId":"5501692829","companyIdScheme":"0196""#,
            r#""companyId":"303265045","companyIdScheme":"0002""#,
            r#""companyId":"HRB 1""#,
        ] {
            assert_eq!(fault(members), None, "{members}");
        }
        for (members, field) in [
            (r#""companyIdScheme":"0106""#, "companyId"),
            (r#""companyId":"1234567","companyIdScheme":"0106""#, "companyId"),
            (r#""companyId":"303265046","companyIdScheme":"0002""#, "companyId"),
            (r#""companyId":"1","companyIdScheme":"KVK""#, "companyIdScheme"),
            (r#""companyId":"1","companyIdScheme":"9930""#, "companyIdScheme"),
        ] {
            assert_eq!(fault(members).as_deref(), Some(field), "{members}");
        }
    }

    #[test]
    fn a_customer_has_a_postal_code_where_there_are_some() {
        let of = |country: &str| {
            GOOD.replace(r#""zipCode":"10115","#, "").replace(r#""DE""#, &format!("\"{country}\""))
        };
        for country in ["HK", "AE", "QA", "PA", "JM", "IE"] {
            let customer: NewCustomer = from_json(of(country).as_bytes()).unwrap();
            assert_eq!(customer.into_customer().zip_code, None, "{country}");
        }
        let problem = from_json::<NewCustomer>(of("DE").as_bytes()).unwrap_err();
        assert_eq!((&*problem.errors()[0].field, &*problem.errors()[0].rule), ("zipCode", postal_code::RULE));
    }

    #[test]
    fn a_customer_has_a_city_or_a_state() {
        let city = GOOD.replace("state", "city");
        let customer: NewCustomer = from_json(city.as_bytes()).unwrap();
        assert_eq!((customer.city.as_deref(), customer.state), (Some("Berlin"), None));
        let neither = GOOD.replace(r#""state":"Berlin","#, "");
        let problem = from_json::<NewCustomer>(neither.as_bytes()).unwrap_err();
        let error = &problem.errors()[0];
        assert_eq!((error.field.as_ref(), error.rule.as_ref()), ("state", PLACE_RULE));
    }

    #[test]
    fn what_a_customer_does_not_have_is_not_written() {
        let read = |body: &str| {
            let customer = from_json::<NewCustomer>(body.as_bytes()).unwrap().into_customer();
            serde_json::to_value(customer).unwrap()
        };
        let written = read(GOOD);
        let names: Vec<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["address", "country", "createdAt", "dateOfBirth", "email", "id", "name", "state", "zipCode"]
        );
        let registered =
            GOOD.replace("{\"name\"", r#"{"companyId":"12345678","companyIdScheme":"0106","name""#);
        assert_eq!(read(&registered)["companyIdScheme"], "0106");
        let company = GOOD.replace(
            "{\"name\"",
            r#"{"vatId":"CHE-116.281.710 MWST","electronicAddress":{"id":"991-01234-44","scheme":"0204"},"name""#,
        );
        let written = read(&company);
        assert_eq!(written["vatId"], "CHE116281710MWST");
        assert_eq!(
            written["electronicAddress"],
            serde_json::json!({ "scheme": "0204", "id": "991-01234-44" })
        );
    }
}
