//! The broker's URL: the whole text, and as a password, a user and a virtual host that somebody has put into one.

use percent_encoding::percent_decode_str;
use url::Url;
use waybill_broker::{BrokerUrl, fuzzing};

const SECRET: &str = "geheim";

pub fn check(data: &[u8]) {
    let Some((text, first, rest)) = crate::input::parts(data) else { return };
    agrees(text);
    // A password as it is, which should have been percent-encoded.
    hides(&format!("amqp://alice:{first}{SECRET}{rest}@broker.example:5672/shop"));
    hides(&format!("amqps://{first}:{SECRET}@{rest}"));
    round_trip(first, rest);
}

/// What is taken means what `url` says that it means.
fn agrees(text: &str) {
    let Ok(url) = text.parse::<BrokerUrl>() else { return };
    let second = Url::parse(text).unwrap();
    let uri = fuzzing::parsed(&url);
    assert!(!uri.authority.host.is_empty() && !uri.vhost.is_empty());
    let host = second.host_str().unwrap();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    assert_eq!(uri.authority.host, percent_decode_str(host).decode_utf8().unwrap());
    let default = if second.scheme() == "amqps" { 5671 } else { 5672 };
    assert_eq!(uri.authority.port, second.port().unwrap_or(default));
}

fn hides(text: &str) {
    match text.parse::<BrokerUrl>() {
        Ok(url) => {
            let shown = format!("{url} {url:?}");
            assert!(!shown.contains(SECRET), "{text} is shown as {shown}");
        }
        Err(error) => {
            let error = format!("{error} {error:?}");
            assert!(!error.contains(SECRET), "{text}: {error}");
            assert!(error.starts_with("BROKER_URL ") && error.contains("amqp://"), "{error}");
        }
    }
}

fn round_trip(password: &str, vhost: &str) {
    let (encoded, path) = (crate::input::encoded(password), crate::input::encoded(vhost));
    let text = format!("amqp://{encoded}:{encoded}@broker.example:5673/{path}");
    let url = text.parse::<BrokerUrl>().unwrap_or_else(|error| panic!("{text}: {error}"));
    let uri = fuzzing::parsed(&url);
    let user = &uri.authority.userinfo;
    if !password.is_empty() {
        assert_eq!((user.username.as_str(), user.password.as_str()), (password, password), "{text}");
    }
    let vhost = if vhost.is_empty() { "/" } else { vhost };
    assert_eq!(
        (uri.authority.host.as_str(), uri.authority.port, uri.vhost.as_str()),
        ("broker.example", 5673, vhost)
    );
}
