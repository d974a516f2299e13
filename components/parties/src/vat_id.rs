//! VAT identifiers: prefix, shape and check digits of each country.
//!
//! An identifier that passes may still be unassigned: only the tax authority's register knows. What this catches is a typing
//! error, and the fatal rule BR-CO-09 of EN 16931.

use check::{Check, has_check_digits};

pub(crate) mod check;

/// A country's prefix, and what follows it: `9` is a digit, `l` a letter, `a` a letter or a digit, `+` one of these or `+` or `*`;
/// anything else is itself. Several shapes are separated by spaces.
///
/// Source: <https://ec.europa.eu/taxation_customs/vies/#/faq>, question 11, for the European Union and Northern Ireland (`XI`), which
/// counts as it in trade of goods. The Dutch shape there allows `+` and `*`, which no identifier has. Great Britain, Norway and
/// Switzerland by their tax authorities.
const COUNTRIES: [(&str, &str, Check); 31] = [
    ("AT", "U99999999", check::at),
    ("BE", "9999999999", check::be),
    ("BG", "999999999 9999999999", check::bg),
    ("CH", "E999999999 E999999999MWST E999999999TVA E999999999IVA", check::ch),
    ("CY", "99999999l", check::cy),
    ("CZ", "99999999 999999999 9999999999", check::cz),
    ("DE", "999999999", check::mod_11_10),
    ("DK", "99999999", check::dk),
    ("EE", "999999999", check::ee),
    ("EL", "999999999", check::el),
    ("ES", "a9999999a", check::es),
    ("FI", "99999999", check::fi),
    ("FR", "aa999999999", check::fr),
    ("GB", "999999999 999999999999 GD999 HA999", check::gb),
    ("HR", "99999999999", check::mod_11_10),
    ("HU", "99999999", check::hu),
    ("IE", "9+99999l 9999999ll", check::ie),
    ("IT", "99999999999", check::it),
    ("LT", "999999999 999999999999", check::lt),
    ("LU", "99999999", check::lu),
    ("LV", "99999999999", check::lv),
    ("MT", "99999999", check::mt),
    ("NL", "999999999B99", check::nl),
    ("NO", "999999999 999999999MVA", check::no),
    ("PL", "9999999999", check::pl),
    ("PT", "999999999", check::pt),
    ("RO", "99 999 9999 99999 999999 9999999 99999999 999999999 9999999999", check::ro),
    ("SE", "999999999999", check::se),
    ("SI", "99999999", check::si),
    ("SK", "9999999999", check::sk),
    ("XI", "999999999 999999999999 GD999 HA999", check::gb),
];

/// The most characters after the prefix, of a country that is not in the table: China's have 18.
const MAX_ELSEWHERE: usize = 20;

/// Countries around the European Union that tax by VAT, beyond those of `COUNTRIES`; and Greece, whose prefix is another.
const MORE_WITH_VAT: [&str; 14] =
    ["AD", "AL", "BA", "GR", "IS", "LI", "MC", "MD", "ME", "MK", "RS", "SM", "TR", "UA"];

/// The country of a VAT identifier by its prefix: ISO 3166-1.
pub fn country(vat_id: &str) -> Option<&str> {
    match vat_id.get(..2)? {
        "EL" => Some("GR"),
        "XI" => Some("GB"),
        prefix => Some(prefix),
    }
}

/// Whether a seller in this country has a VAT identifier or a tax number: the European Union and the countries around it.
pub fn is_required_in(country: &str) -> bool {
    let is_prefix_only = matches!(country, "EL" | "XI");
    MORE_WITH_VAT.contains(&country)
        || (!is_prefix_only && COUNTRIES.iter().any(|(known, ..)| *known == country))
}

/// Reads an identifier with the prefix of its country (ISO 3166-1; `EL` for Greece, `XI` for Northern Ireland). White space, points and
/// hyphens are left out, as in `CHE-116.281.710 MWST`, and letters become capitals. `None` if prefix, shape or check digits are not those of a country.
pub fn read(text: &str) -> Option<String> {
    let is_separator = |char: char| char.is_whitespace() || matches!(char, '.' | '-');
    let vat_id: String =
        text.chars().filter(|char| !is_separator(*char)).map(|char| char.to_ascii_uppercase()).collect();
    let (prefix, rest) = vat_id.split_at_checked(2)?;
    let is_valid = match COUNTRIES.iter().find(|(country, ..)| *country == prefix) {
        Some((_, shapes, check)) => {
            shapes.split(' ').any(|shape| has_shape(rest, shape)) && has_check_digits(*check, rest)
        }
        // Greece's prefix is EL, not its code.
        None => prefix != "GR" && waybill_contracts::is_country(prefix) && is_elsewhere(rest),
    };
    is_valid.then_some(vat_id)
}

/// The identifier as it is printed: the Swiss one in groups, as their law writes it.
pub fn printed(vat_id: &str) -> String {
    match vat_id.strip_prefix("CHE").filter(|rest| rest.is_ascii() && rest.len() >= 9) {
        Some(rest) => {
            let suffix = if rest.len() > 9 { format!(" {}", &rest[9..]) } else { String::new() };
            format!("CHE-{}.{}.{}{suffix}", &rest[..3], &rest[3..6], &rest[6..9])
        }
        None => vat_id.to_owned(),
    }
}

/// Whether it may be an identifier of a country that is not in the table.
fn is_elsewhere(rest: &str) -> bool {
    (2..=MAX_ELSEWHERE).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, place): (u8, u8)| {
        let is_code = byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match place {
            b'9' => byte.is_ascii_digit(),
            b'l' => byte.is_ascii_uppercase(),
            b'a' => is_code,
            b'+' => is_code || matches!(byte, b'+' | b'*'),
            place => byte == place,
        }
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests;
