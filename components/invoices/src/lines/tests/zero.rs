use waybill_billing::Parties;
use waybill_contracts::TaxCategory;

use super::{document_by, line, lines};

/// What docs/invoicing.md says of a rate of zero.
#[test]
fn a_line_at_zero_is_zero_rated_and_an_amount_without_lines_states_no_tax() {
    let small_business = "§ 19 UStG";
    let charging = Parties::default;
    let exempt = || Parties { exemption_reason: Some(small_business.into()), ..Parties::default() };
    let at = |rate| Parties { amount_tax_rate_basis_points: Some(rate), ..Parties::default() };
    let zero = lines(&[line("a", "A", "1", "5000", "0")]);
    let teaching = zero.replace('}', r#","exemptionReason":"§ 4 Nr. 21 UStG"}"#);
    for (seller, members, category, reason, is_unstated, tax) in [
        (charging(), "", TaxCategory::E, None, true, 0),
        (at(1900), "", TaxCategory::S, None, false, 798),
        (at(0), "", TaxCategory::Z, None, false, 0),
        (exempt(), "", TaxCategory::E, Some(small_business), false, 0),
        (charging(), zero.as_str(), TaxCategory::Z, None, false, 0),
        // The rate of amounts is not that of lines.
        (at(1900), zero.as_str(), TaxCategory::Z, None, false, 0),
        (charging(), teaching.as_str(), TaxCategory::E, Some("§ 4 Nr. 21 UStG"), false, 0),
        (exempt(), zero.as_str(), TaxCategory::E, Some(small_business), false, 0),
    ] {
        let bill = document_by(seller, 5000, members).unwrap().bill;
        let [sum] = bill.taxes.as_slice() else { panic!("{:?}", bill.taxes) };
        assert_eq!((sum.category, sum.tax, sum.is_unstated), (category, tax, is_unstated), "{members}");
        assert_eq!(sum.exemption_reason.as_deref(), reason, "{members}");
    }
}
