//! The check digits of VAT identifiers, country by country.
//!
//! The algorithms are those that the countries publish; most are weighted sums. Parts that a country does not publish, such as the
//! identifiers of natural persons in Latvia, are not checked. Nor is a date of birth.

/// Checks what follows the prefix. It has one of the country's shapes.
pub type Check = fn(&Number<'_>) -> bool;

/// What follows the prefix: as text, and the digits in it.
pub struct Number<'a> {
    text: &'a [u8],
    digits: Vec<u32>,
}

pub fn has_check_digits(check: Check, text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).map(|byte| u32::from(byte - b'0')).collect();
    check(&Number { text: text.as_bytes(), digits })
}

impl Number<'_> {
    /// The weighted sum of the first digits.
    fn sum(&self, weights: &[u32]) -> u32 {
        sum(&self.digits, weights)
    }

    fn last(&self) -> u32 {
        self.digits.last().copied().unwrap_or_default()
    }

    /// The number of these digits.
    fn value(&self, range: std::ops::Range<usize>) -> u64 {
        value(&self.digits[range])
    }
}

pub fn sum(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

pub fn value(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |value, digit| value * 10 + u64::from(*digit))
}

/// The sum of digits by Luhn: each second one from the right is doubled, and its digits are added.
pub fn luhn(digits: &[u32]) -> u32 {
    let term = |(place, digit): (usize, &u32)| match (place % 2, digit * 2) {
        (0, _) => *digit,
        (_, double) => double / 10 + double % 10,
    };
    digits.iter().rev().enumerate().map(term).sum()
}

/// The sum of digits by GS1: each second one from the right is tripled.
pub fn gs1(digits: &[u32]) -> u32 {
    digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { *digit } else { digit * 3 })
        .sum()
}

/// ISO 7064, MOD 11,10.
pub fn mod_11_10(number: &Number<'_>) -> bool {
    let step = |product: u32, digit: &u32| match (product + digit) % 10 {
        0 => 9,
        sum => sum * 2 % 11,
    };
    let (last, first) = (number.last(), &number.digits[..number.digits.len() - 1]);
    (first.iter().fold(10, step) + last) % 10 == 1
}

pub fn at(number: &Number<'_>) -> bool {
    (luhn(&number.digits[..7]) + number.last() + 4).is_multiple_of(10)
}

pub fn be(number: &Number<'_>) -> bool {
    number.digits[0] < 2 && (number.value(0..8) + number.value(8..10)).is_multiple_of(97)
}

pub fn bg(number: &Number<'_>) -> bool {
    let last = number.last();
    if number.digits.len() == 9 {
        let check = match number.sum(&[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
            10 => number.sum(&[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
            check => check,
        };
        return check == last;
    }
    // Citizens, foreigners, and others.
    number.sum(&[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == last
        || number.sum(&[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == last
        || (11 - number.sum(&[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == last
}

pub fn ch(number: &Number<'_>) -> bool {
    (11 - number.sum(&[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11 == number.last()
}

pub fn cy(number: &Number<'_>) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let term = |(place, digit): (usize, &u32)| if place % 2 == 0 { ODD[*digit as usize] } else { *digit };
    let sum: u32 = number.digits.iter().enumerate().map(term).sum();
    !number.text.starts_with(b"12") && u32::from(number.text[8] - b'A') == sum % 26
}

pub fn cz(number: &Number<'_>) -> bool {
    let digits = &number.digits;
    match digits.len() {
        8 => {
            let check = (11 - number.sum(&[8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
            digits[0] != 9 && check.max(1) % 10 == number.last()
        }
        9 if digits[0] == 6 => {
            let rest = sum(&digits[1..], &[8, 7, 6, 5, 4, 3, 2]) % 11;
            (19 - (21 - rest) % 11) % 11 % 10 == number.last()
        }
        // Birth numbers; until 1953 they have no check digit. Women's months are above 50.
        9 => !matches!(number.value(0..2), 54..80) && matches!(number.value(2..4) % 50 % 20, 1..=12),
        _ => number.value(0..9) % 11 % 10 == u64::from(number.last()),
    }
}

pub fn dk(number: &Number<'_>) -> bool {
    number.digits[0] != 0 && number.sum(&[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

pub fn ee(number: &Number<'_>) -> bool {
    number.sum(&[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

pub fn el(number: &Number<'_>) -> bool {
    number.sum(&[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == number.last()
}

pub fn es(number: &Number<'_>) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let (first, last) = (number.text[0], number.text[8]);
    let middle = value(&text_digits(&number.text[1..8]));
    let letter = |number: u64| LETTERS[usize::try_from(number % 23).unwrap_or_default()] == last;
    match first {
        b'0'..=b'9' => letter(u64::from(first - b'0') * 10_000_000 + middle),
        b'K' | b'L' | b'M' => letter(middle),
        b'X' | b'Y' | b'Z' => letter(u64::from(first - b'X') * 10_000_000 + middle),
        b'A'..=b'J' | b'N' | b'P'..=b'S' | b'U'..=b'W' if first != b'I' => {
            // Both a digit and a letter are in use.
            let digits = [text_digits(&number.text[1..8]), vec![0]].concat();
            let check = (10 - luhn(&digits) % 10) % 10;
            u32::from(last) == u32::from(b'0') + check || last == b"JABCDEFGHI"[check as usize]
        }
        _ => false,
    }
}

fn text_digits(text: &[u8]) -> Vec<u32> {
    text.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0')).collect()
}

pub fn fi(number: &Number<'_>) -> bool {
    number.sum(&[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
}

pub fn fr(number: &Number<'_>) -> bool {
    const ALPHABET: &[u8; 34] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let siren = text_digits(&number.text[2..]);
    // Monaco's companies have no SIREN.
    let is_siren = siren.starts_with(&[0, 0, 0]) || luhn(&siren).is_multiple_of(10);
    let place = |at: usize| ALPHABET.iter().position(|byte| *byte == number.text[at]);
    let (Some(first), Some(second)) = (place(0), place(1)) else { return false };
    let siren = value(&siren);
    let key = |key: usize| key as u64;
    let has_key = match (first < 10, second < 10) {
        (true, true) => (siren * 100 + 12) % 97 == key(first * 10 + second),
        (is_digit, _) => {
            let check = if is_digit { first * 24 + second - 10 } else { first * 34 + second - 100 };
            (siren + 1 + key(check / 11)) % 11 == key(check % 11)
        }
    };
    is_siren && has_key
}

pub fn gb(number: &Number<'_>) -> bool {
    // Government departments are below 500, health authorities above.
    match number.text {
        [b'G', b'D', ..] => return number.value(0..3) < 500,
        [b'H', b'A', ..] => return number.value(0..3) >= 500,
        _ => {}
    }
    let rest = number.sum(&[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
    rest == 0 || (number.digits[0] > 0 && matches!(rest, 42 | 55))
}

pub fn hu(number: &Number<'_>) -> bool {
    number.sum(&[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
}

pub fn ie(number: &Number<'_>) -> bool {
    const LETTERS: &[u8; 23] = b"WABCDEFGHIJKLMNOPQRSTUV";
    const WEIGHTS: [u32; 7] = [8, 7, 6, 5, 4, 3, 2];
    let text = number.text;
    let place = |byte: &u8| LETTERS.iter().position(|letter| letter == byte);
    let sum = if text[1].is_ascii_digit() {
        let Some(second) = text.get(8).map_or(Some(0), place) else { return false };
        number.sum(&WEIGHTS) as usize + 9 * second
    } else {
        // Older identifiers have a letter or sign second, and the first digit counts last.
        let digits = [&[0], &number.digits[1..6], &number.digits[..1]].concat();
        sum(&digits, &WEIGHTS) as usize
    };
    LETTERS[sum % 23] == text[7]
}

pub fn it(number: &Number<'_>) -> bool {
    let office = number.value(7..10);
    number.value(0..7) > 0
        && matches!(office, 1..=100 | 120 | 121 | 888 | 999)
        && luhn(&number.digits).is_multiple_of(10)
}

pub fn lt(number: &Number<'_>) -> bool {
    let digits = &number.digits;
    let first = &digits[..digits.len() - 1];
    let weighted = |shift: u32| -> u32 {
        first.iter().zip(0..).map(|(digit, place)| digit * (1 + (place + shift) % 9)).sum::<u32>() % 11
    };
    let check = match weighted(0) {
        10 => weighted(2) % 10,
        check => check,
    };
    first.last() == Some(&1) && check == number.last()
}

pub fn lu(number: &Number<'_>) -> bool {
    number.value(0..6) % 89 == number.value(6..8)
}

pub fn lv(number: &Number<'_>) -> bool {
    // Below 4 are natural persons.
    number.digits[0] < 4 || number.sum(&[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3
}

pub fn mt(number: &Number<'_>) -> bool {
    number.digits[0] != 0 && number.sum(&[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37)
}

pub fn nl(number: &Number<'_>) -> bool {
    let is_company = number.sum(&[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == number.digits[8];
    // Sole proprietors since 2020: ISO 7064, MOD 97-10, over all of it, where N is 23, L is 21 and B is 11.
    let add = |rest: u64, value: u64| (rest * if value > 9 { 100 } else { 10 } + value) % 97;
    let letters = |byte: &u8| u64::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 });
    let rest = [b'N', b'L'].iter().chain(number.text).map(letters).fold(0, add);
    number.value(0..9) > 0 && number.value(9..11) > 0 && (is_company || rest == 1)
}

pub fn no(number: &Number<'_>) -> bool {
    number.sum(&[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

pub fn pl(number: &Number<'_>) -> bool {
    number.sum(&[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == number.last()
}

pub fn pt(number: &Number<'_>) -> bool {
    let check = (11 - number.sum(&[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10;
    number.digits[0] != 0 && check == number.last()
}

pub fn ro(number: &Number<'_>) -> bool {
    let first = &number.digits[..number.digits.len() - 1];
    let weights = &[7, 5, 3, 2, 1, 7, 5, 3, 2][9 - first.len()..];
    first[0] != 0 && sum(first, weights) * 10 % 11 % 10 == number.last()
}

pub fn se(number: &Number<'_>) -> bool {
    luhn(&number.digits[..10]).is_multiple_of(10) && number.value(10..12) > 0
}

pub fn si(number: &Number<'_>) -> bool {
    // Numbers whose remainder is 0 are not given.
    let check = 11 - number.sum(&[8, 7, 6, 5, 4, 3, 2]) % 11;
    number.digits[0] != 0 && check < 11 && check % 10 == number.last()
}

pub fn sk(number: &Number<'_>) -> bool {
    number.value(0..10).is_multiple_of(11)
}
