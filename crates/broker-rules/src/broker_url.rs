use std::fmt;
use std::str::FromStr;

use amq_protocol_uri::{AMQPScheme, AMQPUri, SASLMechanism};
use url::{Host, Url};

use crate::config_error::ConfigError;
use crate::url_grammar::{self, Parameter};

const URL_EXAMPLE: &str = "amqp://user:password@localhost:5672/%2f";

/// The largest frame that is asked for unless the URL says otherwise, in bytes: RabbitMQ's default.
pub const FRAME_MAX: u32 = 128 * 1024;

/// The least size of a frame: the headers of a copy, of which 64 KiB are those that it carries on, have to fit into one.
pub const FRAME_MIN: u32 = 96 * 1024;

/// A client keeps buffers for several of them.
const FRAME_LIMIT: u32 = 1024 * 1024;

/// A connection has a channel for each declaration, for publishing and for consuming.
const CHANNELS_MIN: u16 = 16;

/// The parameters that have an effect. RabbitMQ's Erlang client knows more, for TLS; here the trusted certificates are a setting of
/// their own.
const PARAMETERS: [Parameter; 5] = [
    Parameter { name: "heartbeat", values: "a number of seconds from 0 to 65535", takes: is::<u16> },
    Parameter {
        name: "connection_timeout",
        values: "a number of milliseconds above 0",
        takes: |value| value.parse::<u32>().is_ok_and(|ms| ms > 0),
    },
    Parameter {
        name: "channel_max",
        values: "a number from 16 to 65535, or 0 for no limit",
        takes: |value| value.parse::<u16>().is_ok_and(|channels| channels == 0 || channels >= CHANNELS_MIN),
    },
    Parameter {
        name: "frame_max",
        values: "a number of bytes from 98304 to 1048576",
        takes: |value| value.parse().is_ok_and(|bytes| (FRAME_MIN..=FRAME_LIMIT).contains(&bytes)),
    },
    Parameter {
        name: "auth_mechanism",
        values: "plain, amqplain, external, anonymous or rabbit-cr-demo",
        takes: is::<SASLMechanism>,
    },
];

fn is<T: FromStr>(value: &str) -> bool {
    value.parse::<T>().is_ok()
}

/// The address of a RabbitMQ server: `amqp://` or `amqps://`, credentials, host, port, virtual host.
///
/// It is a secret, because it contains a password: `Debug`, `Display` and errors show host, port and virtual host only. `secrecy`
/// would hide all of it, and these are what an operator needs to see.
#[derive(Clone)]
pub struct BrokerUrl(AMQPUri);

impl BrokerUrl {
    /// What the URL means to a client, with the password.
    pub fn uri(&self) -> &AMQPUri {
        &self.0
    }

    /// Whether it asks for TLS.
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme == AMQPScheme::AMQPS
    }
}

impl FromStr for BrokerUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = |fault: String| ConfigError::new("BROKER_URL", fault, URL_EXAMPLE);
        if let Some(fault) = url_grammar::fault(text, &["amqp", "amqps"]) {
            return Err(wrong(fault));
        }
        if let Some(fault) = url_grammar::query_fault(text, &PARAMETERS) {
            return Err(wrong(fault));
        }
        // The parsers' own messages repeat the text, password included.
        let url = Url::parse(text).map_err(|error| wrong(format!("is not an address ({error})")))?;
        let name = url_grammar::path(text).strip_prefix('/').unwrap_or_default();
        // Two slashes are what many clients take for the virtual host `/`.
        if name != "/" && name.contains('/') {
            return Err(wrong("has a `/` in the name of the virtual host; write %2F for it".to_owned()));
        }
        let mut uri = AMQPUri::from_str(text)
            .map_err(|_| wrong("cannot be decoded; percent-encode special characters".to_owned()))?;
        // The parser takes any IPv6 address for "no host" and falls back to localhost.
        if let Some(Host::Ipv6(address)) = url.host() {
            uri.authority.host = address.to_string();
        }
        // By the letter, `amqp://host/` is the virtual host with the empty name, which no server has: the default one is meant. The
        // parser also takes the names `.` and `..` for steps of a path.
        uri.vhost = if name.is_empty() { "/".to_owned() } else { url_grammar::decoded(name) };
        Ok(Self(uri))
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AMQPUri { scheme, authority, vhost, .. } = &self.0;
        write!(formatter, "{scheme}://{}:{} (virtual host {vhost})", authority.host, authority.port)
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BrokerUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_never_shown() {
        let url: BrokerUrl = "amqp://alice:s3cret@broker.example:5673/shop".parse().unwrap();
        let text = format!("{url:?} {url}");
        assert!(text.contains("broker.example:5673 (virtual host shop)"), "{text}");
        assert!(!text.contains("s3cret") && !text.contains("alice"), "{text}");
        for bad in [
            "amqp://alice:s3cret@",
            "http://alice:s3cret@host",
            "amqp://alice:s3cret@host:99999",
            "s3cret",
            "amqp://alice:12/s3cret@host",
            "amqp://alice:12?s3cret@host",
            "amqp://alice:12#s3cret@host",
            "amqp://alice:12@s3cret@host",
            "amqp://alice:%s3cret@host",
            "amqp://host/a/b",
        ] {
            let error = bad.parse::<BrokerUrl>().unwrap_err().to_string();
            assert!(error.starts_with("BROKER_URL ") && error.contains(URL_EXAMPLE), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_parameter_that_has_no_effect_is_refused_by_its_name() {
        let fault = |query: &str| {
            format!("amqp://alice:s3cret@h/%2f?{query}").parse::<BrokerUrl>().unwrap_err().to_string()
        };
        for (query, words) in [
            (
                "heartbeet=10",
                "has the parameter `heartbeet`, which is not known; known are: `heartbeat`, `connection_timeout`",
            ),
            ("heartbeat=5&cacertfile=/ca.pem", "`cacertfile`"),
            ("heartbeat", "`heartbeat` with a value that is not a number of seconds from 0 to 65535"),
            ("heartbeat=70000", "`heartbeat`"),
            ("heartbeat=5&heartbeat=6", "`heartbeat` twice"),
            ("connection_timeout=0", "`connection_timeout`"),
            ("channel_max=x", "`channel_max`"),
            ("channel_max=1", "a number from 16 to 65535, or 0 for no limit"),
            ("frame_max=-1", "`frame_max`"),
            ("frame_max=0", "a number of bytes from 98304 to 1048576"),
            ("frame_max=98303", "`frame_max`"),
            ("frame_max=4294967295", "`frame_max`"),
            ("auth_mechanism=kerberos", "plain, amqplain"),
            ("s3cret%40=1", "has a parameter, which is not known"),
        ] {
            let text = fault(query);
            assert!(text.starts_with("BROKER_URL ") && text.contains(words), "{query}: {text}");
            assert!(!text.contains("s3cret") && !text.contains("kerberos"), "{text}");
        }
        for query in [
            "",
            "heartbeat=0&channel_max=0",
            "heartbeat=5&frame_max=131072",
            "auth_mechanism=PLAIN&connection_timeout=500",
        ] {
            assert!(format!("amqp://h?{query}").parse::<BrokerUrl>().is_ok(), "{query}");
        }
    }

    #[test]
    fn hosts_and_virtual_hosts_mean_what_people_mean() {
        let url = |text: &str| text.parse::<BrokerUrl>().unwrap().to_string();
        assert_eq!(url("amqp://h"), "amqp://h:5672 (virtual host /)");
        assert_eq!(url("amqp://h/"), "amqp://h:5672 (virtual host /)");
        assert_eq!(url("amqp://h//"), "amqp://h:5672 (virtual host /)");
        assert_eq!(url("amqps://h/%2f"), "amqps://h:5671 (virtual host /)");
        assert_eq!(url("amqp://[::1]:1/a%2fb"), "amqp://::1:1 (virtual host a/b)");
        assert_eq!(url("amqp://h/."), "amqp://h:5672 (virtual host .)");
        assert_eq!(url("amqp://h/%2E%2e?heartbeat=5"), "amqp://h:5672 (virtual host ..)");
    }
}
