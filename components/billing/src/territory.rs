//! The territory in which the European Union's VAT applies (VAT Directive, art. 5 to 8).

/// The prefixes of VAT identifiers of the member states, which are their ISO 3166-1 codes but for Greece, and of Northern Ireland (`XI`),
/// which counts as one in trade of goods.
pub const UNION_PREFIXES: &str =
    "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI";

/// Parts of member states where the Union's VAT does not apply (art. 6), by the beginning of their postal codes: the Canary Islands, Ceuta
/// and Melilla; the French departments and territories overseas (98000 is Monaco's); Heligoland and Büsingen; Livigno and Campione; Mount
/// Athos; Åland.
const OUTSIDE: [(&str, &str); 15] = [
    ("ES", "35"),
    ("ES", "38"),
    ("ES", "51"),
    ("ES", "52"),
    ("FR", "97"),
    ("FR", "986"),
    ("FR", "987"),
    ("FR", "988"),
    ("DE", "27498"),
    ("DE", "78266"),
    ("IT", "23041"),
    ("IT", "23030"),
    ("IT", "22061"),
    ("GR", "63086"),
    ("FI", "22"),
];

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

    /// Whether it is in the member state of a VAT identifier's prefix, where the Union's VAT applies. Northern Ireland (`XI`) is a part of
    /// the United Kingdom, and Monaco counts as France.
    pub(crate) fn is_in(&self, prefix: &str) -> bool {
        let country = match self.country.as_str() {
            "MC" => "FR",
            country => country,
        };
        country == country_of(prefix) && !self.is_outside()
    }

    /// Whether the Union's VAT applies there for certain: nothing tells Northern Ireland from the rest of the United Kingdom.
    pub(crate) fn is_in_union(&self) -> bool {
        self.country != "GB" && self.may_be_in_union()
    }

    /// Whether goods from the Union can go there without export: a member state, or Northern Ireland.
    pub(crate) fn may_be_in_union(&self) -> bool {
        UNION_PREFIXES.split(' ').any(|prefix| self.is_in(prefix))
    }

    fn is_outside(&self) -> bool {
        // As people write it: `630 86`, `F-97400`, `AX-22100`.
        let digits = |char: &char| char.is_ascii_digit();
        let zip_code: String = self.zip_code.iter().flat_map(|code| code.chars()).filter(digits).collect();
        OUTSIDE.iter().any(|(country, begin)| *country == self.country && zip_code.starts_with(begin))
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
        for place in
            [at("DE", "50667"), at("ES", "28001"), at("GR", "10431"), at("MC", "98000"), at("FR", "75001")]
        {
            assert!(place.is_in_union(), "{place:?}");
        }
        for place in [
            at("ES", "35001"),
            at("FR", "97400"),
            at("DE", "27498"),
            at("US", "10118"),
            at("GB", "SW1"),
            at("AX", "22100"),
            at("GR", "630 86"),
            at("FR", "F-97400"),
            at("FI", "AX-22100"),
            at("FR", "98800"),
        ] {
            assert!(!place.is_in_union(), "{place:?}");
        }
        assert!(at("GB", "BT1").may_be_in_union() && !at("CH", "3000").may_be_in_union());
        assert!(
            at("GR", "10431").is_in("EL") && at("GB", "BT1").is_in("XI") && !at("AT", "1010").is_in("DE")
        );
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
