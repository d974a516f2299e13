//! The schemes that say what an identifier is: of electronic addresses (EAS) and of registrations (ISO 6523 ICD).
//!
//! Both lists are those of the EN 16931 rules 1.3.16 (`BR-CL-25`, `BR-CL-11`); an identifier of another scheme makes a document invalid.

const EAS: &str = concat!(
    "0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188 ",
    "0190 0191 0192 0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213 ",
    "0215 0216 0217 0218 0219 0220 0221 0225 0230 0235 0240 0242 0244 0245 0246 0248 9910 9913 9914 9915 9918 ",
    "9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 ",
    "9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959 AN AQ AS AU EM",
);

/// The scheme of an electronic address that is an e-mail address. Peppol's network does not know it.
pub const EMAIL: &str = "EM";

/// The scheme of Danish company numbers (CVR), as registration and as electronic address.
pub const CVR: &str = "0184";

/// The scheme of Belgian enterprise numbers (KBO, BCE), by which all Belgian businesses are registered in Peppol's network.
pub const ENTERPRISE_NUMBER: &str = "0208";

/// The schemes of electronic addresses, sorted.
pub fn eas() -> impl Iterator<Item = &'static str> {
    EAS.split(' ')
}

/// Whether electronic addresses may be of this scheme.
pub fn is_eas(code: &str) -> bool {
    eas().any(|known| known == code)
}

/// Whether a company may be registered by this scheme: the ICD list is 0002 to 0248 without 0181 and 0182.
pub fn is_icd(code: &str) -> bool {
    code.len() == 4
        && code.bytes().all(|byte| byte.is_ascii_digit())
        && code.parse().is_ok_and(|number: u16| matches!(number, 2..=180 | 183..=248))
}

/// The schemes of addresses that are VAT identifiers, by the identifier's prefix: Peppol's list of participant identifier schemes.
const OF_VAT_IDS: [(&str, &str); 40] = [
    ("AD", "9922"),
    ("AL", "9923"),
    ("AT", "9914"),
    ("BA", "9924"),
    ("BE", "9925"),
    ("BG", "9926"),
    ("CH", "9927"),
    ("CY", "9928"),
    ("CZ", "9929"),
    ("DE", "9930"),
    ("DK", CVR),
    ("EE", "9931"),
    ("EL", "9933"),
    ("ES", "9920"),
    ("FI", "0213"),
    ("FR", "9957"),
    ("GB", "9932"),
    ("HR", "9934"),
    ("HU", "9910"),
    ("IE", "9935"),
    ("IT", "0211"),
    ("LI", "9936"),
    ("LT", "9937"),
    ("LU", "9938"),
    ("LV", "9939"),
    ("MC", "9940"),
    ("ME", "9941"),
    ("MK", "9942"),
    ("MT", "9943"),
    ("NL", "9944"),
    ("PL", "9945"),
    ("PT", "9946"),
    ("RO", "9947"),
    ("RS", "9948"),
    ("SI", "9949"),
    ("SK", "9950"),
    ("SM", "9951"),
    ("TR", "9952"),
    ("VA", "9953"),
    ("XI", "9932"),
];

/// The electronic address that a VAT identifier is, by Peppol's list of participant identifier schemes: scheme and identifier. `None`
/// where the list has no scheme for VAT identifiers of that country.
pub fn of_vat_id(vat_id: &str) -> Option<(&'static str, &str)> {
    let (country, rest) = vat_id.split_at_checked(2)?;
    match country {
        // Company numbers, of which the VAT identifier is made.
        "BE" => Some((ENTERPRISE_NUMBER, rest)),
        "NO" => Some(("0192", rest.get(..9)?)),
        "SE" => Some(("0007", rest.get(..10)?)),
        _ => by_vat_id(vat_id),
    }
}

/// The address whose identifier is the VAT identifier itself.
pub fn by_vat_id(vat_id: &str) -> Option<(&'static str, &str)> {
    let (country, _) = vat_id.split_at_checked(2)?;
    OF_VAT_IDS.iter().find(|(prefix, _)| *prefix == country).map(|(_, scheme)| (*scheme, vat_id))
}

/// Whether identifiers of this scheme are VAT identifiers.
pub(crate) fn is_of_vat_ids(code: &str) -> bool {
    OF_VAT_IDS.iter().any(|(_, scheme)| *scheme == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_one_of_its_list() {
        for code in ["0088", "0204", "0184", "9930", "9957", EMAIL] {
            assert!(is_eas(code), "{code}");
        }
        for code in ["", "9906", "9956", "GLN", "em", "88", "0088 0096"] {
            assert!(!is_eas(code), "{code}");
        }
        assert!(EAS.split(' ').is_sorted());
        for code in ["0002", "0060", "0184", "0248"] {
            assert!(is_icd(code), "{code}");
        }
        for code in ["", "0001", "0181", "0249", "184", "+184", "HRB"] {
            assert!(!is_icd(code), "{code}");
        }
    }

    #[test]
    fn a_vat_id_is_an_electronic_address() {
        for (vat_id, address) in [
            ("DE136695976", ("9930", "DE136695976")),
            ("FR40303265045", ("9957", "FR40303265045")),
            ("IT00743110157", ("0211", "IT00743110157")),
            ("BE0428759497", ("0208", "0428759497")),
            ("NO995525828MVA", ("0192", "995525828")),
            ("SE556188840401", ("0007", "5561888404")),
            ("DK13585628", ("0184", "DK13585628")),
            ("XI980780684", ("9932", "XI980780684")),
        ] {
            assert_eq!(of_vat_id(vat_id), Some(address));
            assert!(is_eas(address.0));
        }
        for other in ["US123", "IS12345", "", "É", "NO1"] {
            assert_eq!(of_vat_id(other), None, "{other}");
        }
    }
}
