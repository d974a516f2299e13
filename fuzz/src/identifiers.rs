//! Identifiers with check digits: VAT identifiers, IBAN, BIC and creditor identifiers; and as two lines a scheme and an identifier.

use waybill_parties::{identifier, scheme, vat_id};
use waybill_service::rules::account::{BIC, CREDITOR_ID, IBAN, LAST_DIGITS};

pub fn check(data: &[u8]) {
    let Some((text, first, rest)) = crate::input::parts(data) else { return };
    identifier::is_valid(first, rest);
    for read in [vat_id::read, IBAN.read, BIC.read, CREDITOR_ID.read, LAST_DIGITS.read] {
        let Some(kept) = read(text) else { continue };
        assert_eq!(read(&kept).as_ref(), Some(&kept), "{text:?} is kept as {kept:?}");
        assert!(kept.len() <= 35 && kept.len() <= text.len(), "{kept}");
        let is_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"+*".contains(&byte);
        assert!(kept.bytes().all(is_code), "{kept}");
    }
    if let Some(iban) = (IBAN.read)(text) {
        check_digits(&[&iban[4..], &iban[..4]].concat());
        each_digit_counts(&iban, IBAN.read);
    }
    if let Some(id) = (CREDITOR_ID.read)(text) {
        check_digits(&[&id[7..], &id[..4]].concat());
    }
    if let Some(id) = vat_id::read(text) {
        assert_eq!(vat_id::read(&vat_id::printed(&id)).as_ref(), Some(&id), "as it is printed");
        if let Some((of, address)) = scheme::of_vat_id(&id) {
            assert!(scheme::is_eas(of) && identifier::is_valid(of, address), "{id}: {of} {address}");
        }
    }
}

/// ISO 7064, MOD 97-10, on the whole number.
fn check_digits(text: &str) {
    let digits = text.chars().map(|letter| letter.to_digit(36).unwrap().to_string()).collect::<String>();
    let remainder = digits.as_bytes().chunks(8).fold(0_u64, |sum, chunk| {
        let chunk = std::str::from_utf8(chunk).unwrap();
        (sum * 10_u64.pow(u32::try_from(chunk.len()).unwrap()) + chunk.parse::<u64>().unwrap()) % 97
    });
    assert_eq!(remainder, 1, "{text}");
}

/// Any other digit in one place is noticed.
fn each_digit_counts(text: &str, read: fn(&str) -> Option<String>) {
    for (at, byte) in text.bytes().enumerate().skip(4).filter(|(_, byte)| byte.is_ascii_digit()) {
        let mut other = text.as_bytes().to_vec();
        other[at] = b'0' + (byte - b'0' + 1) % 10;
        assert_eq!(read(std::str::from_utf8(&other).unwrap()), None, "{text} at {at}");
    }
}
