//! Which orders can be billed by their seller and to their buyer.

use waybill_contracts::{InvoiceDetails, Line, TaxCategory};

use crate::Parties;
use crate::fault::Fault;
use crate::rate::category;

/// The first fault of an order for its seller and its buyer.
pub fn of_parties(lines: &[Line], details: &InvoiceDetails, parties: &Parties) -> Result<(), Fault> {
    for (index, line) in lines.iter().enumerate() {
        let fault = |field: &str, rule: &str| Err(Fault::new(format!("lines[{index}].{field}"), rule));
        match category(line, parties) {
            TaxCategory::S if parties.exemption_reason.is_some() => {
                return fault("taxRateBasisPoints", "must be 0: the seller is exempt from tax");
            }
            TaxCategory::AE | TaxCategory::K if !parties.has_buyer_vat_id => {
                return fault("taxCategory", "needs the VAT identifier of the customer");
            }
            TaxCategory::K if !parties.has_destination => {
                return fault("taxCategory", "needs the country of the delivery or of the customer");
            }
            TaxCategory::AE | TaxCategory::K | TaxCategory::G if parties.vat_id.is_none() => {
                return fault("taxCategory", "needs the VAT identifier of the seller");
            }
            _ => {}
        }
    }
    for (name, allowances) in [("allowances", &details.allowances), ("charges", &details.charges)] {
        let taxed = allowances.iter().position(|allowance| allowance.tax_rate_basis_points > 0);
        if let Some(index) = taxed.filter(|_| parties.exemption_reason.is_some()) {
            let field = format!("{name}[{index}].taxRateBasisPoints");
            return Err(Fault::new(field, "must be 0: the seller is exempt from tax"));
        }
    }
    Ok(())
}
