use std::fmt;
use std::str::FromStr;

use url::Url;
use waybill_broker_rules::{ConfigError, url_grammar};

const EXAMPLE: &str = "http://user:password@localhost:15672";

/// The address of RabbitMQ's management API. A secret, like [`BrokerUrl`](crate::BrokerUrl): only host and port are shown.
#[derive(Clone)]
pub struct ManagementUrl(Url);

impl ManagementUrl {
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for ManagementUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = |fault: String| ConfigError::new("BROKER_MANAGEMENT_URL", fault, EXAMPLE);
        if let Some(fault) = url_grammar::fault(text, &["http", "https"]) {
            return Err(wrong(fault));
        }
        if let Some(fault) = url_grammar::query_fault(text, &[]) {
            return Err(wrong(fault));
        }
        let url = Url::parse(text).map_err(|error| wrong(format!("is not an address ({error})")))?;
        if url.query().is_some() {
            return Err(wrong("has a query, which has no meaning here".to_owned()));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for ManagementUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.0.port_or_known_default().unwrap_or_default();
        write!(formatter, "{}://{}:{port}", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for ManagementUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ManagementUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_never_shown() {
        let url: ManagementUrl = "https://alice:s3cret@broker.example/prefix".parse().unwrap();
        assert_eq!(format!("{url:?}"), "ManagementUrl(https://broker.example:443)");
        let unknown = "http://h?timeout=10".parse::<ManagementUrl>().unwrap_err().to_string();
        assert!(unknown.contains("`timeout`, which is not known; known are: none"), "{unknown}");
        for bad in [
            "https://alice:1/s3cret@h",
            "amqp://alice:s3cret@h",
            "https://alice:s3cret@h?x=s3cret",
            "https://alice:s3cret@h?",
        ] {
            let error = bad.parse::<ManagementUrl>().unwrap_err().to_string();
            assert!(error.starts_with("BROKER_MANAGEMENT_URL ") && !error.contains("s3cret"), "{error}");
        }
    }
}
