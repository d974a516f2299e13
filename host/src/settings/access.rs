use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use http::{HeaderValue, Uri};

use crate::authority::is_destination;

/// API keys and origins.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Access")]
pub struct AccessSettings {
    /// Which requests need an API key (waybill keys): auto, those to addresses beyond loopback; required, all; off, none.
    /// With auto, an address on loopback serves this machine only: it refuses requests for other names than localhost and requests
    /// that a reverse proxy forwards. Behind a proxy on this machine that serves others, use required, or off if the proxy checks
    /// the callers.
    #[arg(long, env = "WAYBILL_KEY_CHECK", value_name = "CHECK", default_value = "auto")]
    pub key_check: KeyCheck,
    /// Origins whose pages may call from a browser, for example https://shop.example.com,https://admin.example.com. The gateway
    /// of waybill up answers them with CORS headers; for a service behind another gateway, set the same origins on both. By default
    /// only pages of the same origin may call.
    #[arg(
        long,
        env = "WAYBILL_CORS_ORIGINS",
        value_name = "ORIGINS",
        default_value = "",
        hide_default_value = true
    )]
    pub cors_origins: Origins,
}

/// Origins of pages: scheme, host and port as browsers write them in the header `Origin`. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<[HeaderValue]>);

impl Origins {
    pub fn contains(&self, origin: &HeaderValue) -> bool {
        self.0.contains(origin)
    }

    pub fn iter(&self) -> impl Iterator<Item = &HeaderValue> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Origins {
    type Err = String;

    /// Parses origins separated by commas. Empty text is an empty list, since Compose sets empty variables.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(origin).collect::<Result<_, _>>().map(Self)
    }
}

/// Parses one origin. Browsers write it in lower case and without the default port of its scheme.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let fault = || format!("{text} is not a valid origin; an example is https://shop.example.com");
    let uri: Uri = text.parse().map_err(|_| fault())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(fault()) };
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(fault()),
    };
    let is_whole = text.len() == scheme.len() + "://".len() + authority.as_str().len();
    if !is_whole || !is_destination(authority) || !is_name(authority.host()) {
        return Err(fault());
    }
    let port = authority.port_u16().filter(|port| *port != default_port);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    HeaderValue::try_from(format!("{scheme}://{}{port}", authority.host()).to_lowercase())
        .map_err(|_| fault())
}

/// Whether a page can have this host: one with `*` would match none.
fn is_name(host: &str) -> bool {
    let is_address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    is_address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
        || host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Which listeners require API keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyCheck {
    /// Those that other machines can reach.
    Auto,
    /// All.
    Required,
    /// None.
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

    /// Whether other machines can call `address` without a key.
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
    fn origins_are_written_as_browsers_write_them() {
        let written = |text: &str| {
            let origins = Origins::from_str(text)?;
            Ok::<_, String>(
                origins.iter().map(|origin| origin.to_str().unwrap().to_owned()).collect::<Vec<_>>(),
            )
        };
        assert_eq!(written("").unwrap(), Vec::<String>::new());
        assert_eq!(
            written("https://Shop.Example.com, http://localhost:3000,").unwrap(),
            ["https://shop.example.com", "http://localhost:3000"]
        );
        assert_eq!(
            written("https://a.example:443,http://a.example:443").unwrap(),
            ["https://a.example", "http://a.example:443"]
        );
        assert_eq!(
            written("http://[::1]:3000,https://a-b_c.example:").unwrap(),
            ["http://[::1]:3000", "https://a-b_c.example"]
        );
        for text in [
            "*",
            "shop.example.com",
            "https://shop.example.com/",
            "https://a.example/path",
            "ftp://a.example",
            "https://",
            "https://me@a.example",
            "null",
            "https://a.example:99999",
            "https://a.example:x",
            "https://a.example:0",
            "https://*.a.example",
            "https://[::g]",
        ] {
            assert!(written(text).unwrap_err().contains("https://shop.example.com"), "{text}");
        }
    }

    #[test]
    fn keys_are_required_where_other_machines_can_reach_the_address() {
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
