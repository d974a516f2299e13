//! `numeric` as exact text.

use std::fmt::Write;

use super::wire::{Fault, Wire};

const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;
const NEGATIVE: u16 = 0x4000;

/// Writes what PostgreSQL itself would print: every digit, with the column's scale.
///
/// The binary form is base 10,000: the first group counts `10000^weight`, groups that are not sent are zero, and
/// `scale` says how many decimals are shown.
pub(super) fn read(wire: &mut Wire<'_>) -> Result<String, Fault> {
    let count = usize::from(wire.u16()?);
    let weight = i32::from(wire.i16()?);
    let sign = wire.u16()?;
    let scale = usize::from(wire.u16()?);
    let groups = wire.bytes(count * 2)?;
    match sign {
        NAN => return Ok("NaN".to_owned()),
        INFINITY => return Ok("Infinity".to_owned()),
        NEGATIVE_INFINITY => return Ok("-Infinity".to_owned()),
        0 | NEGATIVE => {}
        _ => return Err("the number has an unknown sign".into()),
    }
    let group = |position: i32| -> u16 {
        let index =
            usize::try_from(weight - position).ok().and_then(|index| groups.get(index * 2..index * 2 + 2));
        index.map_or(0, |bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    };

    let mut text = String::with_capacity(count * 4 + scale + 4);
    if sign == NEGATIVE {
        text.push('-');
    }
    write!(text, "{}", group(weight.max(0)))?;
    for position in (0..weight.max(0)).rev() {
        write!(text, "{:04}", group(position))?;
    }
    if scale > 0 {
        text.push('.');
        let end = text.len() + scale;
        let mut position = -1;
        while text.len() < end {
            write!(text, "{:04}", group(position))?;
            position -= 1;
        }
        text.truncate(end);
    }
    Ok(text)
}

/// Whether PostgreSQL takes the text as a `numeric`: checked here so that the error can name the parameter.
pub(super) fn is_valid(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let special = ["nan", "infinity", "inf"].iter().any(|name| unsigned.eq_ignore_ascii_case(name));
    if special {
        // NaN has no sign.
        return unsigned.len() == text.len() || !unsigned.eq_ignore_ascii_case("nan");
    }
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_is_valid = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_is_valid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(weight: i16, sign: u16, scale: u16, groups: &[u16]) -> Vec<u8> {
        let count = u16::try_from(groups.len()).unwrap();
        let head = [count, weight.cast_unsigned(), sign, scale];
        head.iter().chain(groups).flat_map(|word| word.to_be_bytes()).collect()
    }

    fn text(weight: i16, sign: u16, scale: u16, groups: &[u16]) -> String {
        read(&mut Wire(&wire(weight, sign, scale, groups))).unwrap()
    }

    #[test]
    fn digits_and_scale_are_kept() {
        assert_eq!(text(0, 0, 0, &[]), "0");
        assert_eq!(text(0, 0, 2, &[]), "0.00");
        assert_eq!(text(0, 0, 2, &[1, 5000]), "1.50");
        assert_eq!(text(1, NEGATIVE, 0, &[1, 2]), "-10002");
        assert_eq!(text(2, 0, 0, &[1]), "100000000");
        assert_eq!(text(-2, 0, 7, &[1200]), "0.0000120");
        assert_eq!(text(0, NAN, 0, &[]), "NaN");
        assert_eq!(text(0, NEGATIVE_INFINITY, 0, &[]), "-Infinity");
    }

    #[test]
    fn a_short_value_is_an_error() {
        assert!(read(&mut Wire(&wire(0, 0, 0, &[1])[..9])).is_err());
    }

    #[test]
    fn only_numbers_are_valid() {
        for good in [
            "0",
            "-1",
            "+1.5",
            ".5",
            "5.",
            "1e10",
            "1E-3",
            "NaN",
            "-Infinity",
            "123456789012345678901234567890.1",
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", "-", ".", "1.2.3", "1,5", "0x10", "-NaN", "1e", "abc", " 1", "٣"] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
