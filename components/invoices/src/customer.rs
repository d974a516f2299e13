//! The customer of an order's event.
//!
//! What an event says is printed on an invoice that never changes. So what would make the document invalid is rejected with the reason; the
//! members that only older producers fill otherwise, such as a blank `state`, are taken as missing.

use serde::Deserialize as _;
use serde_json::Value;
use waybill_billing::cash_discount_fault;
use waybill_contracts::CashDiscount;
use waybill_documents::{Customer, ElectronicAddress};
use waybill_parties::{identifier, scheme};
use waybill_service::fields::{Check, Given};
use waybill_service::json::RawValue;
use waybill_service::rules::COUNTRY;
use waybill_service::rules::parties::{
    EAS, ICD, IDENTIFIER_RULE, INVOICE_PROFILE, PAYMENT_DAYS, PaymentTerms, VAT_ID,
};
use waybill_service::text::LineOfText;

use crate::lines::CONTRACT_RULE;

/// Reads what an event says of its customer; the error names the member and its rule.
pub fn read(value: Option<&RawValue>) -> Result<Customer, String> {
    let customer =
        value.and_then(|value| serde_json::from_str(value.get()).ok().or_else(|| of_others(value)));
    let mut customer: Customer = customer.ok_or_else(|| format!("customer {CONTRACT_RULE}"))?;
    checked("country", &mut customer.country, &COUNTRY)?;
    checked("vatId", &mut customer.vat_id, &VAT_ID)?;
    // One that is not known here changes no document.
    customer.invoice_profile = customer.invoice_profile.filter(|name| (INVOICE_PROFILE.read)(name).is_some());
    // The replaced system had no limit for these; a line of a document has one.
    for (name, text) in [
        ("name", &mut customer.name),
        ("email", &mut customer.email),
        ("address", &mut customer.address),
        ("state", &mut customer.state),
        ("zipCode", &mut customer.zip_code),
    ] {
        checked(name, text, &LineOfText::LONGEST)?;
    }
    for (name, text) in [
        ("addressLine2", &mut customer.address_line2),
        ("city", &mut customer.city),
        ("companyId", &mut customer.company_id),
        ("contact", &mut customer.contact),
        ("phone", &mut customer.phone),
        ("buyerReference", &mut customer.buyer_reference),
    ] {
        checked(name, text, &LineOfText::LONG)?;
    }
    let is_filled = |address: &ElectronicAddress| {
        ![&address.scheme, &address.id].iter().any(|text| text.trim().is_empty())
    };
    // The version before took any identifier of this scheme. Where a document is sent to changes nothing that it bills.
    let is_of_before = |scheme: &str, id: &str| scheme == scheme::CVR && !identifier::is_valid(scheme, id);
    customer.electronic_address =
        customer.electronic_address.filter(is_filled).filter(|to| !is_of_before(&to.scheme, &to.id));
    if let Some(ElectronicAddress { scheme, id }) = &customer.electronic_address {
        check("electronicAddress.scheme", scheme, &EAS)?;
        check("electronicAddress.id", id, &LineOfText::LONG)?;
        if !identifier::is_valid(scheme, id) {
            return Err(format!("customer.electronicAddress.id {IDENTIFIER_RULE}"));
        }
    }
    checked("companyIdScheme", &mut customer.company_id_scheme, &ICD)?;
    match (&customer.company_id_scheme, &customer.company_id) {
        (Some(scheme), Some(id)) if is_of_before(scheme, id) => customer.company_id_scheme = None,
        (Some(scheme), Some(id)) if !identifier::is_valid(scheme, id) => {
            return Err(format!("customer.companyId {IDENTIFIER_RULE}"));
        }
        // A register by itself says nothing.
        (Some(_), None) => customer.company_id_scheme = None,
        _ => {}
    }
    if let Some(days) = customer.payment_days {
        check("paymentDays", &days.to_string(), &PAYMENT_DAYS)?;
    }
    if let Some(terms) = customer.payment_terms.take().filter(|text| !text.trim().is_empty()) {
        customer.payment_terms = Some(check("paymentTerms", &terms, &PaymentTerms)?);
    }
    match cash_discount_fault(&customer.cash_discounts) {
        Some(fault) => Err(format!("customer.{fault}")),
        None => Ok(customer),
    }
}

/// A customer of a producer that uses these names for values of other types: they are ignored like unknown members.
fn of_others(value: &RawValue) -> Option<Customer> {
    let mut members: serde_json::Map<String, Value> = serde_json::from_str(value.get()).ok()?;
    members.retain(|name, value| match name.as_str() {
        "paymentTerms" => value.is_string(),
        "cashDiscounts" => Vec::<CashDiscount>::deserialize(&*value).is_ok(),
        _ => true,
    });
    serde_json::from_value(Value::Object(members)).ok()
}

/// Checks a member, and keeps it as its rule writes it. A blank one is missing.
fn checked<C: Check<Value = String>>(
    name: &str,
    member: &mut Option<String>,
    rule: &C,
) -> Result<(), String> {
    *member = match member.take().filter(|text| !text.trim().is_empty()) {
        Some(text) => Some(check(name, &text, rule)?),
        None => None,
    };
    Ok(())
}

fn check<C: Check>(name: &str, text: &str, rule: &C) -> Result<C::Value, String> {
    let value = rule.check(Given::Parameter(text));
    value.map_err(|faults| faults.within(format!("customer.{name}")).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Customer, String> {
        read(Some(&serde_json::from_str::<Box<RawValue>>(text).unwrap()))
    }

    #[test]
    fn a_customer_of_an_older_producer_is_taken() {
        for text in [
            r#"{"id":"a"}"#,
            r#"{"id":"a","name":null,"country":null,"vip":true}"#,
            r#"{"id":"a","country":" ","vatId":"","paymentTerms":" "}"#,
            r#"{"id":"a","paymentTerms":30,"cashDiscounts":{"days":14}}"#,
            r#"{"id":"a","companyIdScheme":"0106"}"#,
            r#"{"id":"a","electronicAddress":{"scheme":"0088","id":" "}}"#,
            r#"{"id":"a","electronicAddress":{"scheme":"","id":"4012345678901"}}"#,
        ] {
            assert_eq!(read_text(text), Ok(Customer::default()), "{text}");
        }
        let replaced = read_text(r#"{"id":"a","state":"Berlin","zipCode":"10115","country":"DE"}"#).unwrap();
        assert_eq!((replaced.state.as_deref(), replaced.city), (Some("Berlin"), None));
    }

    #[test]
    fn a_company_is_taken_with_all_members() {
        let text = r#"{"addressLine2":"Hof 2","city":"Bern","vatId":"CHE-116.281.710 MWST","companyId":"CHE-1","companyIdScheme":"0183","contact":"Jo",
            "phone":"1","electronicAddress":{"scheme":"0204","id":"04011000-12345-34"},"buyerReference":"r","paymentDays":14,
            "paymentTerms":"sonst netto","cashDiscounts":[{"days":14,"rateBasisPoints":200}]}"#;
        let written = serde_json::to_value(read_text(text).unwrap()).unwrap();
        let mut expected: serde_json::Value = serde_json::from_str(text).unwrap();
        expected["vatId"] = "CHE116281710MWST".into();
        assert_eq!(written, expected);
    }

    #[test]
    fn a_danish_identifier_that_the_version_before_took_is_left_out() {
        for id in ["DK12", "DK1234567", "13585628", "DK13585628"] {
            let text = format!(
                r#"{{"electronicAddress":{{"scheme":"0184","id":"{id}"}},"companyId":"{id}","companyIdScheme":"0184"}}"#
            );
            let customer = read_text(&text).unwrap();
            let is_valid = id == "DK13585628";
            assert_eq!(customer.company_id.as_deref(), Some(id));
            assert_eq!(customer.company_id_scheme.as_deref(), is_valid.then_some("0184"), "{id}");
            assert_eq!(customer.electronic_address.map(|to| to.id).as_deref(), is_valid.then_some(id));
        }
    }

    #[test]
    fn what_would_make_the_document_invalid_is_rejected_with_the_reason() {
        for (text, reason) in [
            (r#"{"country":"Germany"}"#, "customer.country must be the ISO 3166-1 code of a country"),
            (r#"{"country":"de"}"#, "customer.country must be the ISO 3166-1 code of a country"),
            (r#"{"vatId":"DE136695977"}"#, "customer.vatId must be a VAT identifier"),
            (r#"{"city":"a\u0007"}"#, "customer.city must be a string of 1 to 255 characters"),
            (r#"{"name":"\u200b"}"#, "customer.name must be a string of 1 to 1000 characters"),
            (r#"{"address":"a\u0007b"}"#, "customer.address must be a string of 1 to 1000 characters"),
            (r#"{"zipCode":"1\n2"}"#, "customer.zipCode must be a string of 1 to 1000 characters"),
            (
                r#"{"electronicAddress":{"scheme":"0088","id":"4012345678900"}}"#,
                "customer.electronicAddress.id must have the form and the check digits of its scheme",
            ),
            (
                r#"{"electronicAddress":{"scheme":"GLN","id":"1"}}"#,
                "customer.electronicAddress.scheme must be a code",
            ),
            (
                r#"{"electronicAddress":{"scheme":"0088","id":"a\u0007"}}"#,
                "customer.electronicAddress.id must be a string",
            ),
            (r#"{"electronicAddress":{"scheme":"0088"}}"#, "customer must be as its contract says"),
            (
                r#"{"companyId":"1","companyIdScheme":"KVK"}"#,
                "customer.companyIdScheme must be an ISO 6523 code",
            ),
            (
                r#"{"companyId":"1234567","companyIdScheme":"0106"}"#,
                "customer.companyId must have the form and the check digits of its scheme",
            ),
            (r#"{"paymentDays":-1}"#, "customer.paymentDays must be an integer from 0 to 36500"),
            (
                r#"{"paymentTerms":"netto\n#SKONTO#"}"#,
                "customer.paymentTerms must have no line that begins with #",
            ),
            (
                r#"{"cashDiscounts":[{"days":0,"rateBasisPoints":200}]}"#,
                "customer.cashDiscounts[0].days must be from 1 to 366",
            ),
            (r#"{"name":1}"#, "customer must be as its contract says"),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(error.starts_with(reason), "{text}: {error}");
        }
    }
}
