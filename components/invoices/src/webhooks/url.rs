//! The addresses that endpoints may have.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;
use http::uri::Authority;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::Schema;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{ObjectBuilder, Type};
use waybill_public_address::is_public_address;
use waybill_service::faults::Faults;
use waybill_service::fields::{Check, Given, Rule};

/// The longest address, in characters.
const MAX_CHARS: usize = 2048;

/// What is wrong with an address wherever it is used.
const RULE: Rule = "must be an absolute URL of at most 2048 ASCII characters with a host, without user or fragment, such as \
                    \"https://example.com/hooks\"";

/// What is wrong with an address where only public ones are allowed.
pub const NOT_PUBLIC: Rule = "must begin with https:// and name a host of the Internet: no localhost, no private address; to try it on this machine, \
     start `waybill` with WAYBILL_WEBHOOKS_ALLOW_PRIVATE=true";

/// The rule of an address. Reads the address, and whether every system accepts it or only one that allows private addresses.
pub struct Url;

impl Check for Url {
    type Value = (String, bool);

    fn check(&self, given: Given<'_>) -> Result<(String, bool), Faults> {
        let text = given.text().ok_or("must be a string")?;
        let is_public = check(&text)?;
        Ok((text.into_owned(), is_public))
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        let pattern = r"^https://([A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*(:[1-9][0-9]{0,3})?([/?][A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?$";
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.max_length(Some(MAX_CHARS)).pattern(Some(pattern)).into()
    }
}

/// Checks an address. Returns true if every system accepts it, and false if only one does that allows private networks and plain
/// HTTP. The addresses that a name resolves to are checked at each request.
fn check(text: &str) -> Result<bool, Rule> {
    // The characters of RFC 3986, but for the one that begins a fragment.
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte);
    let is_plain = text.len() <= MAX_CHARS && text.bytes().all(is_known);
    let uri: Uri = Some(text).filter(|_| is_plain).and_then(|text| text.parse().ok()).ok_or(RULE)?;
    let authority = uri.authority().filter(|authority| is_host_with_port(authority)).ok_or(RULE)?;
    match uri.scheme_str() {
        Some("https") => Ok(is_public(authority.host())),
        Some("http") => Ok(false),
        _ => Err(RULE),
    }
}

fn is_host_with_port(authority: &Authority) -> bool {
    let host = authority.host();
    let port = &authority.as_str()[host.len().min(authority.as_str().len())..];
    !authority.as_str().contains('@')
        && !host.is_empty()
        && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_port(text: &str) -> bool {
    // `parse` would also take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_public(host: &str) -> bool {
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = bracketed {
        return address.parse::<Ipv6Addr>().is_ok_and(|address| is_public_address(address.into()));
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return is_public_address(address);
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    // The library takes any characters between the dots (RFC 1034, section 3.1, has these).
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // The last label of a name has a letter in front; anything else is an address in one of its old spellings.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_name = name.len() <= 253
        && name.contains('.')
        && name.split('.').all(is_label)
        && last.starts_with(|first: char| first.is_ascii_lowercase());
    // Names that do not exist on the Internet (RFC 6761, RFC 6762, RFC 9476 and ICANN's .internal).
    is_name && !matches!(last, "localhost" | "local" | "internal" | "test" | "invalid" | "onion" | "alt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_internet_is_allowed_anywhere() {
        for url in [
            "https://example.com/hooks",
            "https://example.com:8443/a?b=c",
            "https://EXAMPLE.com",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]/",
            "https://xn--bcher-kva.example./",
        ] {
            assert_eq!(check(url), Ok(true), "{url}");
        }
    }

    #[test]
    fn private_addresses_and_plain_http_need_permission() {
        for url in [
            "http://example.com/",
            "https://localhost/",
            "https://a.localhost/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://10.0.0.1:443/",
            "https://printer.local/",
            "https://intranet/",
            "https://169.254.169.254/latest/meta-data",
            "https://metadata.google.internal/",
            "https://[::ffff:10.0.0.1]/",
            "https://a..example.com/",
            "https://.example.com/",
            "https://example.com../",
            "https://a[b].example.com/",
            "https://a!b.example.com/",
        ] {
            assert_eq!(check(url), Ok(false), "{url}");
        }
    }

    #[test]
    fn an_invalid_address_is_refused() {
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for url in [
            "",
            "/hooks",
            "example.com",
            "ftp://example.com/",
            "https://",
            "https:///x",
            "https://user@example.com/",
            "https://user:pass@example.com/",
            "https://example.com/#x",
            "https://exa mple.com/",
            "https://example.com:0/",
            "https://example.com:+8443/",
            "https://example.com:99999/",
            "https://example.com:/",
            "https://[2606:4700::1111]06:4/",
            "https://b\u{fc}cher.example/",
            "https://example.com/<x>",
            &long,
        ] {
            assert_eq!(check(url), Err(RULE), "{url}");
        }
    }
}
