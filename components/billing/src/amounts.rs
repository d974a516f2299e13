//! Rounding of amounts in minor units.

/// The tax on a sum without tax, rounded half away from zero.
pub fn tax_on(net: i128, rate_basis_points: i32) -> i128 {
    rounded_quotient(net * i128::from(rate_basis_points), 10_000)
}

/// The tax that a sum includes, rounded half away from zero.
pub fn tax_in(gross: i128, rate_basis_points: i32) -> i128 {
    let rate = i128::from(rate_basis_points);
    rounded_quotient(gross * rate, 10_000 + rate)
}

/// A quotient by a positive number, rounded half away from zero.
pub fn rounded_quotient(dividend: i128, divisor: i128) -> i128 {
    let half = if dividend < 0 { -divisor / 2 } else { divisor / 2 };
    // An odd divisor has no exact half: what is left of it decides as the half of the even one does.
    (dividend + half) / divisor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_rounded_away_from_zero() {
        for (dividend, divisor, quotient) in [
            (5, 10, 1),
            (4, 10, 0),
            (-5, 10, -1),
            (-4, 10, 0),
            (15, 10, 2),
            (1, 3, 0),
            (2, 3, 1),
            (-2, 3, -1),
        ] {
            assert_eq!(rounded_quotient(dividend, divisor), quotient, "{dividend}/{divisor}");
        }
        assert_eq!(tax_in(999, 1900), 160);
        assert_eq!(tax_on(99, 1900), 19);
    }
}
