//! Which orders can be billed by their seller and to their buyer.

use waybill_contracts::{Allowance, InvoiceDetails, Line, TaxCategory};

use crate::Parties;
use crate::fault::Fault;
use crate::rate::category;
use crate::territory::{Destination, is_of_union, prefix};

/// The first fault of an order for its seller and its buyer.
pub fn of_parties(lines: &[Line], details: &InvoiceDetails, parties: &Parties) -> Result<(), Fault> {
    for (index, line) in lines.iter().enumerate() {
        let category = category(line, parties);
        let fault = if parties.exemption_reason.is_some() {
            of_exempt_seller(category, !line.taxes.is_empty())
        } else {
            of_category(category, parties)
        };
        fault.map_or(Ok(()), |(field, rule)| Err(Fault::new(format!("lines[{index}].{field}"), rule)))?;
    }
    if parties.exemption_reason.is_none() {
        return Ok(());
    }
    for (name, allowances) in [("allowances", &details.allowances), ("charges", &details.charges)] {
        for (index, allowance) in allowances.iter().enumerate() {
            let Allowance { tax_rate_basis_points, tax_category, taxes, .. } = allowance;
            let stated = tax_category.unwrap_or(if *tax_rate_basis_points > 0 || !taxes.is_empty() {
                TaxCategory::S
            } else {
                TaxCategory::E
            });
            if let Some((field, rule)) = of_exempt_seller(stated, !taxes.is_empty()) {
                return Err(Fault::new(format!("{name}[{index}].{field}"), rule));
            }
        }
    }
    Ok(())
}

/// A seller who is exempt charges no tax, and what is sold is exempt for that reason, whatever is sold to whom.
fn of_exempt_seller(category: TaxCategory, has_taxes: bool) -> Option<(&'static str, &'static str)> {
    match category {
        _ if has_taxes => Some(("taxes", "must be left out: the seller is exempt from tax")),
        TaxCategory::S => Some(("taxRateBasisPoints", "must be 0: the seller is exempt from tax")),
        TaxCategory::E | TaxCategory::O => None,
        TaxCategory::Z | TaxCategory::AE | TaxCategory::K | TaxCategory::G => {
            Some(("taxCategory", "must be E or O, or left out: the seller is exempt from tax"))
        }
    }
}

/// Whether seller, buyer and destination are such that a category is right: rules BR-AE-02, BR-IC-02 and BR-G-02, and the VAT Directive,
/// art. 138 (supplies from one member state to another) and 146 (exports).
fn of_category(category: TaxCategory, parties: &Parties) -> Option<(&'static str, &'static str)> {
    let Parties { vat_id, tax_number, buyer_vat_id, has_buyer_company_id, destination, .. } = parties;
    let of_seller = vat_id.as_deref().map(prefix);
    let rule = match category {
        TaxCategory::AE if buyer_vat_id.is_none() && !has_buyer_company_id => {
            "needs the VAT identifier of the customer, or the company number"
        }
        TaxCategory::AE if vat_id.is_none() && tax_number.is_none() => {
            "needs the VAT identifier or tax number of the seller"
        }
        TaxCategory::K if buyer_vat_id.is_none() => "needs the VAT identifier of the customer",
        TaxCategory::K | TaxCategory::G if destination.is_none() => {
            "needs the country of the delivery or of the customer"
        }
        TaxCategory::K | TaxCategory::G if vat_id.is_none() => "needs the VAT identifier of the seller",
        TaxCategory::K if !vat_id.as_deref().is_some_and(is_of_union) => {
            "must not be K: the seller's VAT identifier is not of a member state of the European Union"
        }
        TaxCategory::K if !buyer_vat_id.as_deref().is_some_and(is_of_union) => {
            "needs the customer's VAT identifier of a member state of the European Union"
        }
        TaxCategory::K if buyer_vat_id.as_deref().map(prefix) == of_seller => {
            "needs the customer's VAT identifier of another member state than the seller's"
        }
        TaxCategory::K if !destination.as_ref().is_some_and(Destination::may_be_in_union) => {
            "needs a delivery to a member state of the European Union"
        }
        TaxCategory::K if is_at_home(parties) => "needs a delivery to another member state than the seller's",
        TaxCategory::G if is_at_home(parties) => "needs a delivery to another country than the seller's",
        TaxCategory::G
            if vat_id.as_deref().is_some_and(is_of_union)
                && !destination.as_ref().is_some_and(Destination::may_be_outside_of_union) =>
        {
            "needs a delivery to a country outside of the European Union"
        }
        _ => return None,
    };
    Some(("taxCategory", rule))
}

/// Whether it was delivered to the country of the seller's VAT identifier.
fn is_at_home(parties: &Parties) -> bool {
    let vat_id = parties.vat_id.as_deref().unwrap_or_default();
    parties.destination.as_ref().is_some_and(|place| place.is_in(prefix(vat_id)))
}
