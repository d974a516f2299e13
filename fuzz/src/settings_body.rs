//! The bodies of `PUT /seller` and `PUT /series`, and the files of `waybill seller set` and `waybill series set`.

use invoices::fuzzing::{NewSeller, NewSeries, Seller, SeriesSettings, is_number_beside_digits};
use serde::Serialize;
use waybill_parties::{identifier, scheme, vat_id};
use waybill_service::fields::{Fields, from_json};

use crate::request_body::read;

pub fn check(data: &[u8]) {
    if let Some(seller) = read::<NewSeller>(data).map(Seller::from) {
        check_seller(&seller);
    }
    if let Some(series) = read::<NewSeries>(data).map(SeriesSettings::from) {
        check_series(&series);
    }
}

/// What is shown can be edited and set again.
fn set_again<T: Fields, S: From<T> + Serialize>(shown: &S) -> S {
    from_json::<T>(&serde_json::to_vec(shown).unwrap()).map(S::from).unwrap()
}

fn check_seller(seller: &Seller) {
    assert_eq!(set_again::<NewSeller, Seller>(seller), *seller);
    assert!(!seller.is_specimen, "only what nobody set is a specimen");
    assert!(!seller.name.trim().is_empty() && waybill_contracts::is_country(&seller.country));
    if let Some(vat_id) = &seller.vat_id {
        assert_eq!(vat_id::read(vat_id).as_ref(), Some(vat_id));
    }
    if let Some(address) = &seller.electronic_address {
        assert!(scheme::is_eas(&address.scheme) && identifier::is_valid(&address.scheme, &address.id));
    }
    assert!(seller.iban.iter().all(|iban| iban.bytes().all(|byte| byte.is_ascii_alphanumeric())));
}

fn check_series(series: &SeriesSettings) {
    assert_eq!(set_again::<NewSeries, SeriesSettings>(series), *series);
    for (format, prefix) in [
        (&series.invoice_format, &series.invoice_prefix),
        (&series.credit_note_format, &series.credit_note_prefix),
    ] {
        assert_eq!(format.matches("{number").count(), 1, "{format}");
        if !is_number_beside_digits(format, prefix) {
            number_is_set_apart(format, prefix);
        }
    }
}

/// A printed number has no digit directly before or after it that is not its own.
fn number_is_set_apart(format: &str, prefix: &str) {
    let (before, rest) = format.split_once("{number").unwrap();
    let (_, after) = rest.split_once('}').unwrap();
    let print = |part: &str| {
        let year = part.replace("{year:2}", "26").replace("{year}", "2026");
        year.replace("{prefix}", prefix)
    };
    assert!(!print(before).ends_with(|letter: char| letter.is_ascii_digit()), "{format} {prefix}");
    assert!(!print(after).starts_with(|letter: char| letter.is_ascii_digit()), "{format} {prefix}");
}
