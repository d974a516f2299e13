//! VAT identifiers by their shapes.

use waybill_service::rules::Text;

/// A VAT identifier with the prefix of its country (rule BR-CO-09 of EN 16931), in the shape that this country gives.
pub const VAT_ID: Text<String> = Text {
    rule: "must be a VAT identifier with the prefix of its country, without spaces, such as \"DE123456789\"",
    read: |text| Some(text.to_owned()).filter(|text| is_vat_id(text)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^[A-Z]{2}[0-9A-Z+*]{2,13}$")),
};

/// What follows the prefix in the European Union, and in Northern Ireland, which counts as it in trade of goods: `9` is a digit,
/// `A` a letter or a digit, `+` one of these or `+` or `*`; anything else is itself. Several shapes are separated by spaces.
/// Source: <https://ec.europa.eu/taxation_customs/vies/#/faq>, question 11.
const SHAPES: [(&str, &str); 28] = [
    ("AT", "U99999999"),
    ("BE", "9999999999"),
    ("BG", "999999999 9999999999"),
    ("CY", "99999999A"),
    ("CZ", "99999999 999999999 9999999999"),
    ("DE", "999999999"),
    ("DK", "99999999"),
    ("EE", "999999999"),
    ("EL", "999999999"),
    ("ES", "A9999999A"),
    ("FI", "99999999"),
    ("FR", "AA999999999"),
    ("HR", "99999999999"),
    ("HU", "99999999"),
    ("IE", "9+99999A 9999999AA"),
    ("IT", "99999999999"),
    ("LT", "999999999 999999999999"),
    ("LU", "99999999"),
    ("LV", "99999999999"),
    ("MT", "99999999"),
    ("NL", "++++++++++++"),
    ("PL", "9999999999"),
    ("PT", "999999999"),
    ("RO", "99 999 9999 99999 999999 9999999 99999999 999999999 9999999999"),
    ("SE", "999999999999"),
    ("SI", "99999999"),
    ("SK", "9999999999"),
    ("XI", "999999999 999999999999 GD999 HA999"),
];

fn is_vat_id(text: &str) -> bool {
    let Some((prefix, rest)) = text.split_at_checked(2) else { return false };
    match SHAPES.iter().find(|(country, _)| *country == prefix) {
        Some((_, shapes)) => shapes.split(' ').any(|shape| has_shape(rest, shape)),
        // Greece's prefix is EL, not its code.
        None => prefix != "GR" && waybill_contracts::is_country(prefix) && is_elsewhere(rest),
    }
}

/// Outside of the Union shapes differ; this much fits the column.
fn is_elsewhere(rest: &str) -> bool {
    (2..=13).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, place): (u8, u8)| {
        let is_code = byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match place {
            b'9' => byte.is_ascii_digit(),
            b'A' => is_code,
            b'+' => is_code || matches!(byte, b'+' | b'*'),
            place => byte == place,
        }
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::is_vat_id;

    #[test]
    fn a_vat_id_has_the_prefix_and_the_shape_of_its_country() {
        for text in [
            "DE136695976",
            "ATU13585627",
            "EL123456789",
            "NL123456789B01",
            "ESX1234567X",
            "FRXX999999999",
            "IE1S23456L",
            "IE1234567WA",
            "XIGD123",
            "GB999999973",
            "CHE123456788",
            "NO123456785MVA",
        ] {
            assert!(is_vat_id(text), "{text}");
        }
        for text in [
            "",
            "D",
            "DE",
            "DE12345678",
            "DE1234567890",
            "de136695976",
            "DE 136695976",
            "GR123456789",
            "XX136695976",
            "UK999999973",
            "AT113585627",
            "ÄÖ123",
        ] {
            assert!(!is_vat_id(text), "{text}");
        }
    }
}
