use std::fmt;
use std::str::FromStr;

use anyhow::bail;
use clap::Args;
use http::Uri;

use super::Secret;
use crate::authority::is_destination;

/// The token that the invoices service requires from senders of events.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Events by HTTP")]
pub struct EventsToken {
    /// Token that POST /events requires: 16 to 256 letters, digits or any of - . _ ~ + /. If it is not set, that route
    /// answers 401.
    #[arg(long, env = "WAYBILL_EVENTS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub events_token: Option<Secret>,
}

/// The token that this sender of events sends.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Events by HTTP")]
pub struct EventsTarget {
    /// Token to send: the WAYBILL_EVENTS_TOKEN of the receiver.
    #[arg(long, env = "WAYBILL_EVENTS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<Secret>,
}

impl EventsToken {
    pub fn checked(&self) -> anyhow::Result<Option<Token>> {
        self.events_token.as_ref().map(|token| Token::new(token, "--events-token")).transpose()
    }
}

impl EventsTarget {
    pub fn checked(&self) -> anyhow::Result<Option<Token>> {
        self.token.as_ref().map(|token| Token::new(token, "--token")).transpose()
    }
}

/// A bearer token (RFC 6750, section 2.1).
#[derive(Clone, Debug)]
pub struct Token(Secret);

impl Token {
    /// Checks the token here: clap's errors would show it.
    fn new(secret: &Secret, flag: &str) -> anyhow::Result<Self> {
        let text = secret.expose();
        let body = text.trim_end_matches('=');
        let known = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
        if !(16..=256).contains(&text.len()) || body.is_empty() || !body.chars().all(known) {
            bail!(
                "WAYBILL_EVENTS_TOKEN ({flag}) must be 16 to 256 letters, digits or any of - . _ ~ + /; \
                 an example is what this prints: openssl rand -hex 32"
            );
        }
        Ok(Self(secret.clone()))
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The address of a service that answers `POST /events`.
#[derive(Clone, Debug)]
pub struct Target(Uri);

impl Target {
    pub fn uri(&self) -> &Uri {
        &self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = |fault: &str| format!("{fault}; an example is http://localhost:3334/events");
        let uri: Uri = text.parse().map_err(|_| fault("it is not a URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(fault("it must begin with http:// or https://"));
        }
        if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return Err(fault("it must name a host; a token goes into --token"));
        }
        if !uri.authority().is_some_and(is_destination) {
            return Err(fault("its port must be a number from 1 to 65535"));
        }
        if uri.path() == "/" {
            return Err(fault("it has no path"));
        }
        Ok(Self(uri))
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn events_are_sent_to_a_url_with_a_host_a_port_that_there_can_be_and_a_path() {
        for good in ["http://localhost:3334/events", "https://invoices.example/events"] {
            assert!(good.parse::<Target>().is_ok(), "{good}");
        }
        for bad in [
            "localhost:3334/events",
            "http://me@h/events",
            "http://h:99999/events",
            "http://h:x/events",
            "http://h",
        ] {
            let fault = bad.parse::<Target>().unwrap_err();
            assert!(fault.contains("an example is http://localhost:3334/events"), "{bad}: {fault}");
        }
    }
}
