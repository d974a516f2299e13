//! Parsers that several settings share. Their errors have an example.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::{Mul, RangeInclusive};
use std::str::FromStr;

/// An address with a port; `localhost` is the loopback address.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    local
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| "it is not an address with a port; an example is 127.0.0.1:3333".to_owned())
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
        let (least, most, example) = (*bounds.start(), *bounds.end(), *bounds.start() * T::from(8));
        let example = if example < most { example } else { most };
        let value = text.parse().ok().filter(|value| bounds.contains(value));
        value.ok_or_else(|| {
            format!("it must be a whole number from {least} to {most}; an example is {example}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn localhost_is_the_loopback_address_and_no_part_of_another() {
        assert_eq!(address("localhost:3333"), address("127.0.0.1:3333"));
        assert!(address("[::1]:3333").is_ok());
        for bad in
            ["localhost0:3333", "1localhost:3333", "localhost", "localhost:99999", "localhost.:3333", ""]
        {
            assert!(address(bad).unwrap_err().contains("an example is 127.0.0.1:3333"), "{bad}");
        }
    }
}
