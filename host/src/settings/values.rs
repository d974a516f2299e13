//! Parsers that several settings share. Their errors have an example.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::{Mul, RangeInclusive};
use std::str::FromStr;

/// An address with a port; `localhost` is the loopback address.
pub(super) fn address(example: &'static str) -> impl Fn(&str) -> Result<SocketAddr, String> + Clone {
    move |text| {
        let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let parsed = local.as_deref().unwrap_or(text).parse();
        parsed.map_err(|_| format!("it is not an address with a port; an example is {example}"))
    }
}

/// A number of seconds within bounds.
pub(super) fn seconds(
    bounds: RangeInclusive<u32>,
    example: u32,
) -> impl Fn(&str) -> Result<u32, String> + Clone {
    debug_assert!(bounds.contains(&example), "the example is refused");
    move |text| within(&bounds, text, example)
}

/// A count within bounds.
pub(super) fn count(bounds: RangeInclusive<u32>) -> impl Fn(&str) -> Result<u32, String> + Clone {
    whole_number(bounds)
}

/// A whole number within bounds, of their type.
pub(super) fn whole_number<T>(bounds: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: Copy + PartialOrd + FromStr + Display + From<u8> + Mul<Output = T>,
{
    move |text| {
        let (most, example) = (*bounds.end(), *bounds.start() * T::from(8));
        within(&bounds, text, if example < most { example } else { most })
    }
}

fn within<T>(bounds: &RangeInclusive<T>, text: &str, example: T) -> Result<T, String>
where
    T: Copy + PartialOrd + FromStr + Display,
{
    let value = text.parse().ok().filter(|value| bounds.contains(value));
    value.ok_or_else(|| {
        let (least, most) = (bounds.start(), bounds.end());
        format!("it must be a whole number from {least} to {most}; an example is {example}")
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn localhost_is_the_loopback_address_and_no_part_of_another() {
        let address = super::address("127.0.0.1:3333");
        assert_eq!(address("localhost:3333"), address("127.0.0.1:3333"));
        assert!(address("[::1]:3333").is_ok());
        for bad in
            ["localhost0:3333", "1localhost:3333", "localhost", "localhost:99999", "localhost.:3333", ""]
        {
            assert!(address(bad).unwrap_err().contains("an example is 127.0.0.1:3333"), "{bad}");
        }
    }
}
