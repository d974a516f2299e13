use super::*;

/// One of each shape, with its last digit or letter changed for the invalid ones.
const VALID: [(&str, &str); 44] = [
    ("ATU13585627", "ATU13585626"),
    ("BE0428759497", "BE0428759498"),
    ("BG175074752", "BG175074751"),
    ("BG7523169263", "BG7523169261"),
    ("CHE116281710", "CHE116281711"),
    ("CHE116281710MWST", "CHE116281711MWST"),
    ("CHE116281710TVA", "CHE116281710TAV"),
    ("CHE116281710IVA", "CHE16281710IVA"),
    ("CY10259033P", "CY10259033Z"),
    ("CZ25123891", "CZ25123890"),
    ("CZ640903926", "CZ640903927"),
    ("CZ7103192745", "CZ7103192746"),
    ("DE136695976", "DE136695978"),
    ("DK13585628", "DK13585627"),
    ("EE100931558", "EE100594103"),
    ("EL094259216", "EL123456781"),
    ("ES54362315K", "ES54362315Z"),
    ("ESX2482300W", "ESX2482300A"),
    ("ESJ99216582", "ESJ99216583"),
    ("ESM1234567L", "ESM1234567X"),
    ("FI20774740", "FI20774741"),
    ("FR40303265045", "FR84323140391"),
    ("FRK7399859412", "FRK7399859413"),
    ("GB980780684", "GB802311781"),
    ("GBGD499", "GBGD500"),
    ("GBHA500", "GBHA499"),
    ("HR33392005961", "HR33392005962"),
    ("HU12892312", "HU12892313"),
    ("IE6433435F", "IE6433435E"),
    ("IE6433435OA", "IE6433435OB"),
    ("IE8D79739I", "IE8D79738I"),
    ("IT00743110157", "IT00743110158"),
    ("LT119511515", "LT100001919018"),
    ("LT100001919017", "LT119511516"),
    ("LU15027442", "LU15027443"),
    ("LV40003521600", "LV40003521601"),
    ("MT11679112", "MT11679113"),
    ("NL004495445B01", "NL123456789B90"),
    ("NL123456789B13", "NL123456789B12"),
    ("NO995525828MVA", "NO995525829MVA"),
    ("PL8567346215", "PL8567346216"),
    ("PT501964843", "PT501964842"),
    ("RO18547290", "RO18547291"),
    ("SE556188840401", "SE556188840501"),
];

#[test]
fn an_identifier_has_prefix_shape_and_check_digits_of_its_country() {
    for (valid, invalid) in VALID {
        assert_eq!(read(valid).as_deref(), Some(valid));
        assert_eq!(read(invalid), None, "{invalid}");
    }
    for valid in ["SI50223054", "SK2022749619", "XI980780684", "XIGD123", "AU51824753556", "US123456789"] {
        assert_eq!(read(valid).as_deref(), Some(valid));
    }
    // The longest that countries give: the Emirates, India, Saudi Arabia, Brazil, China, Japan and Canada.
    for valid in [
        "AE100123456700003",
        "IN29AAGCB7383J1Z4",
        "SA300000000000003",
        "BR11222333000181",
        "CN91310000MA1FL6GG5K",
        "JPT1234567890123",
        "CA123456789RT0001",
    ] {
        assert_eq!(read(valid).as_deref(), Some(valid));
    }
    for text in [
        "",
        "D",
        "DE",
        "DE12345678",
        "DE1366959760",
        "136695976",
        "GR094259216",
        "XX136695976",
        "UK980780684",
        "EU372004219",
        "AT113585627",
        "SI50223055",
        "SK2022749618",
        "XI980780685",
        "ÄÖ123",
        "FRÄ40303265045",
        "US1",
        "NL004495445B00",
        "US123456789012345678901",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn a_changed_digit_is_noticed() {
    // Identifiers without check digits, and of countries with several kinds of them.
    let others = ["GBGD499", "GBHA500", "BG7523169263", "NL123456789B13"];
    for (valid, _) in VALID.into_iter().filter(|(valid, _)| !others.contains(valid)) {
        // Dutch and Swedish check digits do not cover the suffixes B01 and 01.
        let suffix = if valid.starts_with("NL") || valid.starts_with("SE") { 3 } else { 0 };
        for at in 2..valid.len() - suffix {
            let digit = valid.as_bytes()[at];
            if digit.is_ascii_digit() {
                let changed = char::from(b'0' + (digit - b'0' + 1) % 10);
                let text = format!("{}{changed}{}", &valid[..at], &valid[at + 1..]);
                assert_eq!(read(&text), None, "{text} of {valid}");
            }
        }
    }
}

#[test]
fn separators_are_left_out_and_printed_where_a_law_has_them() {
    for (text, vat_id, text_printed) in [
        ("CHE-116.281.710 MWST", "CHE116281710MWST", "CHE-116.281.710 MWST"),
        ("CHE-116.281.710", "CHE116281710", "CHE-116.281.710"),
        ("DE 136 695 976", "DE136695976", "DE136695976"),
        ("de136\u{a0}695\u{202f}976 ", "DE136695976", "DE136695976"),
        ("BE 0428.759.497", "BE0428759497", "BE0428759497"),
    ] {
        assert_eq!(read(text).as_deref(), Some(vat_id));
        assert_eq!(printed(vat_id), text_printed);
    }
    for text in ["", "CHE", "CHE1", "CHEé12345678"] {
        assert_eq!(printed(text), text);
    }
}

#[test]
fn sellers_of_countries_with_vat_need_an_identifier() {
    for country in ["DE", "GR", "GB", "CH", "NO", "IS", "AT"] {
        assert!(is_required_in(country), "{country}");
    }
    for country in ["US", "CA", "HK", "EL", "XI", ""] {
        assert!(!is_required_in(country), "{country}");
    }
}
