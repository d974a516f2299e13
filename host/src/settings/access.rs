use std::{net::SocketAddr, str::FromStr};

use clap::Args;

/// Who may call a service.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Access")]
pub struct AccessSettings {
    /// Which requests need an API key (waybill keys): auto, those to addresses beyond loopback; required, all; off, none.
    /// Behind a proxy of this machine that serves others, say required, or off where the proxy checks them itself.
    #[arg(long, env = "WAYBILL_KEY_CHECK", value_name = "CHECK", default_value = "auto")]
    pub key_check: KeyCheck,
}

/// Where API keys are asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyCheck {
    /// On addresses that others than this machine can reach.
    Auto,
    /// On every address.
    Required,
    /// Nowhere.
    Off,
}

impl KeyCheck {
    /// Whether requests to `address` need a key.
    pub fn asks_at(self, address: SocketAddr) -> bool {
        match self {
            Self::Auto => !is_loopback(address),
            Self::Required => true,
            Self::Off => false,
        }
    }

    /// Whether `address` is left open to others than this machine.
    pub fn leaves_open(self, address: SocketAddr) -> bool {
        self == Self::Off && !is_loopback(address)
    }
}

/// An IPv4 address may be written as an IPv6 one.
fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

impl FromStr for KeyCheck {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "required" => Ok(Self::Required),
            "off" => Ok(Self::Off),
            _ => Err("it must be auto, required or off; an example is required"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_asked_for_where_others_can_reach_the_address() {
        for (address, beyond) in [
            ("127.0.0.1:80", false),
            ("127.9.9.9:80", false),
            ("[::1]:80", false),
            ("[::ffff:127.0.0.1]:80", false),
            ("0.0.0.0:80", true),
            ("[::]:80", true),
            ("10.0.0.1:80", true),
            ("[::ffff:10.0.0.1]:80", true),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(KeyCheck::Auto.asks_at(address), beyond, "{address}");
            assert!(KeyCheck::Required.asks_at(address) && !KeyCheck::Off.asks_at(address));
            assert_eq!(KeyCheck::Off.leaves_open(address), beyond, "{address}");
        }
    }
}
