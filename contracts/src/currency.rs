//! ISO 4217, list one (current currencies and funds), amendments up to 180 included.
//!
//! Codes without a minor unit (metals such as `XAU`, units of account such as `XDR`, `XTS` for tests, `XXX` for none) are
//! left out on purpose: an amount in minor units has no meaning in them.

/// How many digits stand after the decimal mark in amounts of this currency: 2 for `EUR`, 0 for `JPY`, 3 for `KWD`.
///
/// `None` where the code is not one of an active currency; codes are upper case.
pub fn minor_unit_digits(code: &str) -> Option<usize> {
    let code: [u8; 3] = code.as_bytes().try_into().ok()?;
    // The most used currencies are found with the fewest comparisons: 139 of 165 have two digits.
    [2, 0, 3, 4].into_iter().find(|digits| with_digits(*digits).binary_search(&code).is_ok())
}

/// The codes of all active currencies.
pub fn currencies() -> impl Iterator<Item = String> {
    let all = [0, 2, 3, 4].into_iter().flat_map(with_digits);
    all.map(|code| code.iter().map(|letter| char::from(*letter)).collect())
}

fn with_digits(digits: usize) -> &'static [[u8; 3]] {
    match digits {
        0 => &ZERO,
        2 => &TWO,
        3 => &THREE,
        4 => &FOUR,
        _ => &[],
    }
}

/// Splits a list of codes, separated by single spaces.
const fn codes<const N: usize>(list: &str) -> [[u8; 3]; N] {
    let list = list.as_bytes();
    assert!(list.len() + 1 == N * 4, "the list has another length than its type");
    let mut codes = [[0; 3]; N];
    let mut i = 0;
    while i < N {
        codes[i] = [list[i * 4], list[i * 4 + 1], list[i * 4 + 2]];
        i += 1;
    }
    codes
}

// Each list is sorted.

static ZERO: [[u8; 3]; 17] = codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF");

static TWO: [[u8; 3]; 139] = codes(concat!(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE ",
    "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD ",
    "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK ",
    "MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD ",
    "RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH ",
    "USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
));

static THREE: [[u8; 3]; 7] = codes("BHD IQD JOD KWD LYD OMR TND");

static FOUR: [[u8; 3]; 2] = codes("CLF UYW");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_active_currency_has_its_digits() {
        for (code, digits) in
            [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("AED", 2), ("ZWG", 2), ("XPF", 0)]
        {
            assert_eq!(minor_unit_digits(code), Some(digits), "{code}");
        }
    }

    #[test]
    fn an_unknown_code_is_refused() {
        // Unknown, withdrawn, without minor unit, in lower case, of another length.
        for code in ["ABC", "DEM", "BGN", "HRK", "XAU", "XXX", "XTS", "eur", "Eur", "EU", "EURO", "", "€"] {
            assert_eq!(minor_unit_digits(code), None, "{code}");
        }
    }

    #[test]
    fn the_lists_are_sorted_and_disjoint() {
        let mut all: Vec<[u8; 3]> = Vec::new();
        for digits in [0, 2, 3, 4] {
            assert!(with_digits(digits).is_sorted());
            all.extend(with_digits(digits));
        }
        assert_eq!(all.len(), 165);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 165);
    }
}
