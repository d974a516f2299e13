use std::time::Duration;

use clap::{Args, Subcommand};
use waybill_contracts::Scope;

use super::{DatabaseSettings, Secret};

#[derive(Debug, Subcommand)]
pub enum KeysSettings {
    /// Create an API key and print it once: it cannot be shown again. For example: waybill keys create --name shop
    /// --scope orders:write --expires-in 90d
    Create(CreateKeySettings),
    /// List the keys, without their secrets.
    List {
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        databases: DatabaseSettings,
    },
    /// Revoke a key. Running processes refuse it within 5 s.
    Revoke {
        /// Its identifier, or the key itself.
        #[arg(value_name = "ID")]
        id: Secret,
        #[command(flatten)]
        databases: DatabaseSettings,
    },
}

#[derive(Args, Debug)]
pub struct CreateKeySettings {
    /// Who or what uses it, in 1 to 100 characters, for example shop.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub name: String,
    /// What it may do; separate several by commas or repeat the flag: orders:read, orders:write, customers:read,
    /// customers:write, invoices:read, webhooks:read, webhooks:write, seller:read, seller:write,
    /// series:read, series:write. Write does not imply read.
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', value_parser = scope)]
    pub scopes: Vec<Scope>,
    /// When it expires, in minutes, hours or days, such as 90d. By default it is valid until it is revoked.
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub expires_in: Option<Duration>,
    #[command(flatten)]
    pub databases: DatabaseSettings,
}

fn scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|_| {
        let all = Scope::ALL.map(Scope::as_str).join(", ");
        format!("there is no such scope; an example is orders:write, and all are {all}")
    })
}

fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("it must be 1 to 100 characters without control characters; an example is shop")
    }
}

/// Parses a lifetime from a minute to a hundred years.
fn lifetime(text: &str) -> Result<Duration, &'static str> {
    const MOST: u64 = 36_500 * 24 * 3_600;
    let seconds = || {
        let unit = match text.chars().last()? {
            'm' => 60,
            'h' => 3_600,
            'd' => 24 * 3_600,
            _ => return None,
        };
        let count = &text[..text.len() - 1];
        // A sign is no digit; `parse` would take one.
        let count: u64 = count.bytes().all(|byte| byte.is_ascii_digit()).then(|| count.parse().ok())??;
        count.checked_mul(unit).filter(|seconds| (1..=MOST).contains(seconds))
    };
    seconds()
        .map(Duration::from_secs)
        .ok_or("it must be a whole number of minutes, hours or days, up to 36500d; an example is 90d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_number_with_a_unit() {
        assert_eq!(lifetime("90d"), Ok(Duration::from_hours(90 * 24)));
        assert_eq!(lifetime("12h"), Ok(Duration::from_hours(12)));
        assert_eq!(lifetime("5m"), Ok(Duration::from_mins(5)));
        for text in [
            "",
            "d",
            "0d",
            "-1d",
            "+1d",
            "1.5d",
            "90",
            "90s",
            "90 d",
            "36501d",
            "99999999999999999999d",
            "1é",
        ] {
            assert!(lifetime(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_has_no_control_characters() {
        assert_eq!(name(" shop ").as_deref(), Ok("shop"));
        for text in ["", "  ", "a\u{1b}[2J", &"a".repeat(101)] {
            assert!(name(text).is_err(), "{text:?}");
        }
    }
}
