//! Floats as `wasmcloud:postgres` carries them: `(mantissa, exponent, sign)`, meaning `sign * mantissa * 2^exponent`.
//!
//! What is written here is the form that wasmCloud's provider writes (the IEEE mantissa with its hidden bit), so that
//! infinities, NaN and -0.0 survive. What is read may be any triple whose number a float holds exactly, such as
//! `(5, 0, 1)`: a number that would have to be rounded is refused.

/// A 64-bit float, taken apart into mantissa, exponent and sign: `sign * mantissa * 2^exponent`.
pub type HashableF64 = (u64, i16, i8);
/// A 32-bit float in the same form.
pub type HashableF32 = HashableF64;

/// The exponents that stand for infinity and NaN: all exponent bits set, minus bias and mantissa width.
const SPECIAL_F64: i16 = 0x7ff - 1075;
const SPECIAL_F32: i16 = 0xff - 150;

/// Takes a 64-bit float apart.
pub fn encode_f64(value: f64) -> HashableF64 {
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i16;
    let fraction = bits & ((1 << 52) - 1);
    let mantissa = if exponent == 0 { fraction << 1 } else { fraction | 1 << 52 };
    (mantissa, exponent - 1075, if value.is_sign_negative() { -1 } else { 1 })
}

/// Takes a 32-bit float apart.
pub fn encode_f32(value: f32) -> HashableF32 {
    let bits = value.to_bits();
    let exponent = (bits >> 23 & 0xff) as i16;
    let fraction = bits & ((1 << 23) - 1);
    let mantissa = if exponent == 0 { fraction << 1 } else { fraction | 1 << 23 };
    (u64::from(mantissa), exponent - 150, if value.is_sign_negative() { -1 } else { 1 })
}

/// Puts a 64-bit float together, or says why no such float exists.
pub fn decode_f64(value: HashableF64) -> Result<f64, &'static str> {
    let (mantissa, exponent, sign) = value;
    let magnitude = if exponent == SPECIAL_F64 && mantissa >> 52 == 1 {
        f64::from_bits(0x7ff << 52 | mantissa & ((1 << 52) - 1))
    } else {
        compose(mantissa, exponent)?
    };
    signed(magnitude, sign)
}

/// Puts a 32-bit float together, or says why no such float exists.
pub fn decode_f32(value: HashableF32) -> Result<f32, &'static str> {
    let (mantissa, exponent, sign) = value;
    if exponent == SPECIAL_F32 && mantissa >> 23 == 1 {
        let fraction = u32::try_from(mantissa & ((1 << 23) - 1)).unwrap_or(0);
        let magnitude = f32::from_bits(0xff << 23 | fraction);
        return signed(magnitude.into(), sign).map(narrow);
    }
    let wide = decode_f64(value)?;
    let value = narrow(wide);
    if f64::from(value).to_bits() == wide.to_bits() || wide.is_nan() {
        Ok(value)
    } else {
        Err("the number does not fit 32 bits exactly")
    }
}

/// The nearest 32-bit float.
#[allow(clippy::cast_possible_truncation, reason = "the callers compare the result with the original")]
pub fn narrow(value: f64) -> f32 {
    value as f32
}

fn signed(magnitude: f64, sign: i8) -> Result<f64, &'static str> {
    match sign {
        1 => Ok(magnitude),
        -1 => Ok(-magnitude),
        0 if magnitude == 0.0 => Ok(0.0),
        _ => Err("the sign must be 1 or -1"),
    }
}

/// `mantissa * 2^exponent`, only if it is exact.
fn compose(mantissa: u64, exponent: i16) -> Result<f64, &'static str> {
    if mantissa == 0 {
        return Ok(0.0);
    }
    let zeros = mantissa.trailing_zeros();
    let mantissa = mantissa >> zeros;
    let width = 64 - mantissa.leading_zeros();
    if width > 53 {
        return Err("the mantissa has more than 53 bits");
    }
    // The exponents of the lowest and of the highest bit that is set.
    let low = i32::from(exponent) + zeros.cast_signed();
    let high = low + width.cast_signed() - 1;
    if high > 1023 {
        return Err("the number is too large");
    }
    if low < -1074 {
        return Err("the number is too small to be exact");
    }
    if high < -1022 {
        return Ok(f64::from_bits(mantissa << (low + 1074)));
    }
    let fraction = (mantissa << (53 - width)) & ((1 << 52) - 1);
    Ok(f64::from_bits(u64::from((high + 1023).cast_unsigned()) << 52 | fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_float_survives() {
        let kinds = [
            0.0,
            -0.0,
            1.0,
            -1.5,
            0.1,
            f64::MIN_POSITIVE,
            5e-324,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        for value in kinds {
            assert_eq!(decode_f64(encode_f64(value)).map(f64::to_bits), Ok(value.to_bits()), "{value}");
        }
        assert!(decode_f64(encode_f64(f64::NAN)).is_ok_and(f64::is_nan));
        for value in [0.0f32, -0.0, 0.1, f32::MIN_POSITIVE, 1e-45, f32::MAX, f32::INFINITY, f32::NEG_INFINITY]
        {
            assert_eq!(decode_f32(encode_f32(value)).map(f32::to_bits), Ok(value.to_bits()), "{value}");
        }
        assert!(decode_f32(encode_f32(f32::NAN)).is_ok_and(f32::is_nan));
    }

    #[test]
    fn plain_triples_are_numbers_and_inexact_ones_are_refused() {
        assert_eq!(decode_f64((5, 0, 1)), Ok(5.0));
        assert_eq!(decode_f64((5, -1, -1)), Ok(-2.5));
        assert_eq!(decode_f32((1, 127, 1)), Ok(2f32.powi(127)));
        assert!(decode_f64((u64::MAX, 0, 1)).is_err());
        assert!(decode_f64((1, i16::MAX, 1)).is_err());
        assert!(decode_f64((1, i16::MIN, 1)).is_err());
        assert!(decode_f64((1, 0, 3)).is_err());
        assert!(decode_f32(encode_f64(0.1)).is_err());
    }
}
