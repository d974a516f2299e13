//! The address of a webhook endpoint. The second reader is `url`, as browsers and many HTTP clients read addresses.

use invoices::fuzzing::webhook_url;
use serde_json::value::to_raw_value;
use url::{Host, Url};
use waybill_public_address::is_public_address;

pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok((kept, is_public)) = webhook_url(&to_raw_value(text).unwrap()) else { return };
    assert_eq!(kept, text);
    assert!(text.len() <= 2048 && text.is_ascii() && !text.contains('#'));
    if !is_public {
        return;
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        // What a name beyond ASCII stands for is checked by `url` and by no resolver.
        Err(_) if text.to_ascii_lowercase().contains("xn--") => return,
        Err(error) => panic!("{text}: {error}"),
    };
    assert_eq!(url.scheme(), "https");
    assert!(url.username().is_empty() && url.password().is_none(), "{text}");
    assert_ne!(url.port(), Some(0), "{text}");
    // One who reads it another way must not be led to a private address.
    match url.host().unwrap() {
        Host::Domain(name) => {
            let uri: http::Uri = text.parse().unwrap();
            assert!(uri.host().unwrap().eq_ignore_ascii_case(name), "{text}");
            let name = name.trim_end_matches('.');
            assert!(
                name.contains('.') && !name.ends_with(".localhost") && !name.ends_with(".internal"),
                "{text}"
            );
        }
        Host::Ipv4(address) => assert!(is_public_address(address.into()), "{text}"),
        Host::Ipv6(address) => assert!(is_public_address(address.into()), "{text}"),
    }
}
