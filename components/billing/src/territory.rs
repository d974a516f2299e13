//! The territory in which the European Union's VAT applies (VAT Directive, art. 5 to 8).

/// The prefixes of VAT identifiers of the member states, which are their ISO 3166-1 codes but for Greece, and of Northern Ireland (`XI`),
/// which counts as one in trade of goods.
pub const UNION_PREFIXES: &str =
    "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI";

/// Parts of member states where the Union's VAT does not apply (art. 6), by the beginning of their postal codes: the Canary Islands, Ceuta
/// and Melilla; the French departments and territories overseas (98000 is Monaco's); Heligoland and Büsingen; Livigno and Campione, each by
/// the code that it has alone (the earlier ones, 23030 and 22060, are also those of towns around them); Mount Athos; Åland.
const OUTSIDE: [(&str, &str); 14] = [
    ("ES", "35"),
    ("ES", "38"),
    ("ES", "51"),
    ("ES", "52"),
    ("FR", "97"),
    ("FR", "986"),
    ("FR", "987"),
    ("FR", "988"),
    ("DE", "27498"),
    ("DE", BUSINGEN),
    ("IT", "23041"),
    ("IT", "22061"),
    ("GR", "63086"),
    ("FI", "22"),
];

/// The postal code of Büsingen am Hochrhein, a German town where Switzerland's VAT applies.
const BUSINGEN: &str = "78266";

/// The country whose VAT applies in a country: Monaco's is France's (VAT Directive, art. 7), the Isle of Man's the United Kingdom's (the same,
/// and Isle of Man Act 1979), and Liechtenstein's Switzerland's (MWSTG art. 3 (a)).
fn with_vat_of(country: &str) -> &str {
    match country {
        "MC" => "FR",
        "IM" => "GB",
        "LI" => "CH",
        country => country,
    }
}

/// Where something was delivered to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// ISO 3166-1, two letters.
    pub country: String,
    /// The postal code, if known.
    pub zip_code: Option<String>,
}

impl Destination {
    /// The place of an address; `None` if its country is not known.
    pub fn of(country: Option<&String>, zip_code: Option<&String>) -> Option<Self> {
        Some(Self { country: country?.clone(), zip_code: zip_code.cloned() })
    }

    /// Whether it is in the country of a VAT identifier's prefix, and where that country's VAT applies. All of the United Kingdom is home
    /// to a business in Northern Ireland (`XI`). Büsingen is in the territory of Switzerland's VAT.
    pub(crate) fn is_in(&self, prefix: &str) -> bool {
        let of_prefix = with_vat_of(country_of(prefix));
        if of_prefix == "CH" && self.is_in_busingen() {
            return true;
        }
        with_vat_of(&self.country) == of_prefix && !self.is_outside()
    }

    /// Whether the Union's VAT on goods applies there: in a member state, or in Northern Ireland. `None` for an address in the United Kingdom
    /// without a postal code.
    fn is_in_union(&self) -> Option<bool> {
        match self.country.as_str() {
            "GB" => self.is_in_northern_ireland(),
            // It shares the United Kingdom's VAT, but not Northern Ireland's place in the Union.
            "IM" => Some(false),
            _ => Some(UNION_PREFIXES.split(' ').any(|prefix| self.is_in(prefix))),
        }
    }

    /// Whether goods from the Union may be there without export.
    pub(crate) fn may_be_in_union(&self) -> bool {
        self.is_in_union() != Some(false)
    }

    /// Whether goods from the Union may be there by export.
    pub(crate) fn may_be_outside_of_union(&self) -> bool {
        self.is_in_union() != Some(true)
    }

    /// Whether an address in the United Kingdom is in Northern Ireland, whose postal codes are those of the area BT. `None` without one.
    fn is_in_northern_ireland(&self) -> Option<bool> {
        let letters = |char: &char| char.is_ascii_alphanumeric();
        let zip_code: String = self.zip_code.iter().flat_map(|code| code.chars()).filter(letters).collect();
        let zip_code = zip_code.to_ascii_uppercase();
        // As people write it: `bt1 5gs`, `GB-BT1 5GS`.
        let zip_code = zip_code.strip_prefix("GB").unwrap_or(&zip_code);
        (!zip_code.is_empty()).then(|| zip_code.starts_with("BT"))
    }

    fn is_in_busingen(&self) -> bool {
        self.country == "DE" && self.digits_of_zip_code() == BUSINGEN
    }

    fn is_outside(&self) -> bool {
        let zip_code = self.digits_of_zip_code();
        OUTSIDE.iter().any(|(country, begin)| *country == self.country && zip_code.starts_with(begin))
    }

    /// People write more than the digits: `630 86`, `F-97400`, `AX-22100`.
    fn digits_of_zip_code(&self) -> String {
        self.zip_code.iter().flat_map(|code| code.chars()).filter(char::is_ascii_digit).collect()
    }
}

/// Whether a VAT identifier is of a member state, or of Northern Ireland, which counts as one in trade of goods.
pub(crate) fn is_of_union(vat_id: &str) -> bool {
    UNION_PREFIXES.split(' ').any(|member| member == prefix(vat_id))
}

/// The prefix of a VAT identifier.
pub(crate) fn prefix(vat_id: &str) -> &str {
    vat_id.get(..2).unwrap_or_default()
}

/// The country of a VAT identifier's prefix, as ISO 3166-1 code.
pub(crate) fn country_of(prefix: &str) -> &str {
    match prefix {
        "EL" => "GR",
        "XI" => "GB",
        prefix => prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(country: &str, zip_code: &str) -> Destination {
        Destination { country: country.into(), zip_code: Some(zip_code.into()) }
    }

    #[test]
    fn parts_of_member_states_are_outside_of_the_union_s_vat() {
        for place in [
            at("DE", "50667"),
            at("ES", "28001"),
            at("GR", "10431"),
            at("MC", "98000"),
            at("FR", "75001"),
            // Chiuro has the code that was Livigno's as well.
            at("IT", "23030"),
            at("GB", "BT1 5GS"),
        ] {
            assert_eq!(place.is_in_union(), Some(true), "{place:?}");
        }
        for place in [
            at("ES", "35001"),
            at("IT", "23041"),
            at("IT", "22061"),
            at("FR", "97400"),
            at("DE", "27498"),
            at("US", "10118"),
            at("GB", "SW1A 2AA"),
            at("GB", "M1 1AE"),
            at("AX", "22100"),
            at("GR", "630 86"),
            at("FR", "F-97400"),
            at("FI", "AX-22100"),
            at("FR", "98800"),
        ] {
            assert_eq!(place.is_in_union(), Some(false), "{place:?}");
        }
        assert!(
            at("GR", "10431").is_in("EL") && at("GB", "BT1").is_in("XI") && !at("AT", "1010").is_in("DE")
        );
    }

    #[test]
    fn countries_that_share_their_vat_are_one() {
        for (place, prefix) in [
            (at("MC", "98000"), "FR"),
            (at("FR", "75001"), "MC"),
            (at("LI", "9490"), "CH"),
            (at("CH", "8200"), "LI"),
            (at("DE", "78266"), "CH"),
            (at("DE", "D-78266"), "LI"),
            (at("IM", "IM1 1AA"), "GB"),
            (at("GB", "SW1A 2AA"), "IM"),
            (at("IM", "IM1 1AA"), "XI"),
        ] {
            assert!(place.is_in(prefix), "{place:?} {prefix}");
        }
        for (place, prefix) in [
            (at("DE", "78266"), "DE"),
            (at("DE", "50667"), "CH"),
            (at("JE", "JE1 1AA"), "GB"),
            (at("AT", "6800"), "LI"),
        ] {
            assert!(!place.is_in(prefix), "{place:?} {prefix}");
        }
        assert_eq!(at("IM", "IM1 1AA").is_in_union(), Some(false));
        assert_eq!(at("DE", "78266").is_in_union(), Some(false));
    }

    #[test]
    fn postal_codes_distinguish_northern_ireland() {
        for (zip_code, expected) in [
            ("BT1 5GS", Some(true)),
            ("bt15gs", Some(true)),
            ("GB-BT1 5GS", Some(true)),
            ("B1 1AA", Some(false)),
            ("M1 1AE", Some(false)),
            (" ", None),
        ] {
            assert_eq!(at("GB", zip_code).is_in_union(), expected, "{zip_code}");
        }
        let unknown = Destination { country: "GB".into(), zip_code: None };
        assert!(unknown.may_be_in_union() && unknown.may_be_outside_of_union());
    }

    #[test]
    fn identifiers_of_the_union_have_the_prefix_of_a_member_or_of_northern_ireland() {
        for (vat_id, expected) in [
            ("DE136695976", true),
            ("EL094259216", true),
            ("XI980780684", true),
            ("GB980780684", false),
            ("CHE1", false),
            ("", false),
            ("É", false),
        ] {
            assert_eq!(is_of_union(vat_id), expected, "{vat_id}");
        }
    }
}
