//! Identifiers of parties by their schemes: shape and check digits, where the scheme's registrar publishes them.
//!
//! Peppol refuses documents with identifiers that break these rules (`PEPPOL-COMMON-R040` to `R050` of BIS Billing 3.0.19, which
//! leaves out SIREN, SIRET, KVK, OIN and Leitweg-ID). Other schemes take any identifier.

use crate::scheme;
use crate::vat_id::check::{gs1, luhn, sum, value};

/// Whether an identifier can be one of this scheme, a code of the EAS or the ICD list.
pub fn is_valid(scheme: &str, id: &str) -> bool {
    match scheme {
        // SIREN and SIRET; those of La Poste's branches sum up to a multiple of 5 in place of the check digit.
        "0002" => digits::<9>(id).is_some_and(|id| luhn(&id).is_multiple_of(10)),
        "0009" => digits::<14>(id).is_some_and(|digits| {
            let is_la_poste = id.starts_with("356000000") && digits.iter().sum::<u32>().is_multiple_of(5);
            is_la_poste || luhn(&digits).is_multiple_of(10)
        }),
        // Swedish organisation number.
        "0007" => digits::<10>(id).is_some_and(|id| luhn(&id).is_multiple_of(10)),
        // GLN.
        "0088" => digits::<13>(id).is_some_and(|id| gs1(&id).is_multiple_of(10)),
        // Dutch chamber of commerce (KVK), and government organisation (OIN).
        "0106" => digits::<8>(id).is_some(),
        "0190" => digits::<20>(id).is_some(),
        // Australian business number.
        "0151" => digits::<11>(id).is_some_and(|mut id| {
            let has_first = id[0] > 0;
            id[0] = id[0].saturating_sub(1);
            has_first && sum(&id, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89)
        }),
        // Norwegian organisation number.
        "0192" => {
            digits::<9>(id).is_some_and(|id| (11 - sum(&id, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == id[8])
        }
        // Italian public administration (IPA), and tax code.
        "0201" => id.len() == 6 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "0210" => {
            let is_person = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_person || digits::<11>(id).is_some()
        }
        "0204" => is_leitweg_id(id),
        // Belgian enterprise number.
        "0208" => digits::<10>(id)
            .is_some_and(|id| id[0] < 2 && (value(&id[..8]) + value(&id[8..])).is_multiple_of(97)),
        scheme::EMAIL => {
            let is_part = |part: &str| !part.is_empty() && !part.contains(['@', ' ']);
            id.split_once('@').is_some_and(|(name, domain)| is_part(name) && is_part(domain))
        }
        // Danish company number, with the prefix of the VAT identifier (R042). Its check digit is not checked: the newest have none.
        scheme::CVR => id.strip_prefix("DK").is_some_and(|number| digits::<8>(number).is_some()),
        // The networks do not check the digits of VAT identifiers.
        _ if scheme::is_of_vat_ids(scheme) => {
            // The shortest are Romanian: RO and two digits.
            let is_code = id.len() >= 4 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_code && scheme::by_vat_id(id).is_some_and(|(of, _)| of == scheme)
        }
        _ => true,
    }
}

fn digits<const N: usize>(text: &str) -> Option<[u32; N]> {
    let bytes: &[u8; N] = text.as_bytes().try_into().ok()?;
    bytes.iter().all(u8::is_ascii_digit).then(|| bytes.map(|byte| u32::from(byte - b'0')))
}

/// A German public buyer's identifier: a coarse part of 2 to 12 digits, perhaps a fine part of up to 30 letters and digits, and two check
/// digits, with hyphens between. Source: `KoSIT`, Formatspezifikation Leitweg-ID 2.0.2. The check digits are not checked: buyers use
/// identifiers, and administrations publish examples, that do not have the right ones.
fn is_leitweg_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let (coarse, fine, check) = match parts[..] {
        [coarse, check] => (coarse, "", check),
        [coarse, fine, check] if !fine.is_empty() => (coarse, fine, check),
        _ => return false,
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (2..=12).contains(&coarse.len())
        && are_digits(coarse)
        && fine.len() <= 30
        && fine.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && check.len() == 2
        && are_digits(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_the_shape_and_the_check_digits_of_its_scheme() {
        for (scheme, id, wrong) in [
            ("0002", "303265045", "303265046"),
            ("0009", "30326504500011", "30326504500013"),
            ("0009", "35600000000048", "35600000000049"),
            ("0007", "5567037485", "5567037486"),
            ("0007", "2021005448", "202100-5448"),
            ("0088", "4012345000009", "4012345678900"),
            ("0088", "7300010000001", "730001000000"),
            ("0106", "12345678", "1234567"),
            ("0151", "51824753556", "51824753557"),
            ("0184", "DK13585628", "DK1"),
            ("0184", "DK13585628", "13585628"),
            ("0184", "DK13585628", "DK1234567"),
            ("0184", "DK13585628", "DK12"),
            ("0184", "DK13585628", "DKABCDEFGH"),
            ("0184", "DK13585628", "DK123456789012"),
            ("0184", "DK13585628", "FR13585628"),
            ("0190", "00000001003214345000", "1"),
            ("0192", "991825827", "991825828"),
            ("0201", "UFY9MH", "UFY9M"),
            ("0204", "04011000-12345-34", "04011000-12345-3"),
            ("0204", "991-01234-44", "991-01234"),
            ("0204", "04011000-1234512345-06", "4"),
            ("0208", "0428759497", "0428759498"),
            ("0210", "00743110157", "0074311015"),
            ("0211", "IT00743110157", "00743110157"),
            ("0213", "FI09853608", "09853608"),
            ("9925", "BE0428759497", "0428759497"),
            ("9930", "DE123456789", "DE 123456789"),
            ("9947", "RO19", "RO1"),
            ("9930", "DE136695976", "ATU13585627"),
            ("9932", "XI980780684", "FR40303265045"),
            ("9957", "FR40303265045", "FR1"),
            ("EM", "a@example.com", "a@b@example.com"),
        ] {
            assert!(is_valid(scheme, id), "{scheme} {id}");
            assert!(!is_valid(scheme, wrong), "{scheme} {wrong}");
        }
        for (scheme, id) in [("0060", "anything"), ("9959", "12-3456789"), ("0246", "x")] {
            assert!(is_valid(scheme, id), "{scheme} {id}");
        }
        assert!(!is_valid("0088", "４０12345000009"));
    }

    /// What a scheme that is derived from a VAT identifier has is valid in it.
    #[test]
    fn the_address_of_a_vat_id_is_valid() {
        for vat_id in [
            "DE136695976",
            "BE0428759497",
            "NO995525828MVA",
            "SE556188840401",
            "DK13585628",
            "CHE116281710MWST",
            "EL094259216",
            "RO19",
            "MC12",
        ] {
            let (scheme, id) = scheme::of_vat_id(vat_id).unwrap();
            assert!(is_valid(scheme, id), "{vat_id}: {scheme} {id}");
        }
    }
}
