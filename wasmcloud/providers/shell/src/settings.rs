use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use thiserror::Error;

/// The settings of a link or of a provider: named configuration and secrets under one set of names. A secret wins over a
/// configuration of the same name. Of a secret's name what follows the last dot counts: `orders.url` is `url`.
///
/// A provider takes each by its name; [`finish`](Settings::finish) refuses those that were not taken, since a misspelt setting would
/// otherwise have no effect without an error.
#[derive(Debug)]
pub struct Settings {
    /// Secrets are among them, so none is shown.
    values: BTreeMap<String, SecretString>,
    taken: Vec<&'static str>,
}

/// Secrets by their names.
pub type Secrets = HashMap<String, SecretValue>;

/// A secret in the host's format (`SecretValue` of `wasmcloud-core` 0.21).
#[derive(Deserialize)]
#[serde(tag = "kind", content = "value")]
pub enum SecretValue {
    /// A text.
    String(String),
    /// Any bytes.
    Bytes(Vec<u8>),
}

/// A setting that is missing or wrong. Its value is not repeated: it may be a secret.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{name} {fault}; an example is {example}")]
pub struct SettingError {
    /// The setting's name.
    pub name: String,
    /// What is wrong with it.
    pub fault: String,
    /// A value that would do.
    pub example: String,
}

impl SettingError {
    /// An error about the setting `name`.
    pub fn new(name: impl Into<String>, fault: impl Into<String>, example: impl Into<String>) -> Self {
        Self { name: name.into(), fault: fault.into(), example: example.into() }
    }
}

impl Settings {
    /// The settings of a link or of a provider.
    pub fn new(config: &HashMap<String, String>, secrets: &Secrets) -> Self {
        let config = config.iter().map(|(name, value)| (name.clone(), value.clone()));
        let secrets = secrets.iter().filter_map(|(name, value)| {
            let text = match value {
                SecretValue::String(text) => text.clone(),
                SecretValue::Bytes(bytes) => String::from_utf8(bytes.clone()).ok()?,
            };
            // wadm knows a secret by its name throughout an application, so that two links cannot both have a `url`. What
            // stands before a dot distinguishes them and is not part of our name.
            let name = name.rsplit('.').next().unwrap_or(name);
            Some((name.to_owned(), text))
        });
        Self {
            values: config.chain(secrets).map(|(name, value)| (name, value.into())).collect(),
            taken: Vec::new(),
        }
    }

    /// The text of a setting; `None` if it is absent or empty.
    pub fn take(&mut self, name: &'static str) -> Option<String> {
        self.taken.push(name);
        let value = self.values.remove(name)?;
        Some(value.expose_secret().trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A setting that must be there.
    pub fn require(&mut self, name: &'static str, example: &str) -> Result<String, SettingError> {
        self.take(name).ok_or_else(|| SettingError::new(name, "is missing", example))
    }

    /// A setting that is parsed as `T`, whose error must not repeat the value.
    pub fn parse<T>(&mut self, name: &'static str, example: &str) -> Result<Option<T>, SettingError>
    where
        T: FromStr<Err: Display>,
    {
        let read = |text: String| {
            text.parse()
                .map_err(|fault: T::Err| SettingError::new(name, format!("is wrong: {fault}"), example))
        };
        self.take(name).map(read).transpose()
    }

    /// A setting that is a duration, such as `500ms`, `10s`, `1m` or `2h`.
    pub fn duration(&mut self, name: &'static str, example: &str) -> Result<Option<Duration>, SettingError> {
        let read = |text: String| {
            duration(&text).ok_or_else(|| SettingError::new(name, "is not a duration", example))
        };
        self.take(name).map(read).transpose()
    }

    /// A setting that is a list of durations, separated by commas.
    pub fn durations(
        &mut self,
        name: &'static str,
        example: &str,
    ) -> Result<Option<Vec<Duration>>, SettingError> {
        let read = |text: String| {
            let all: Option<Vec<_>> = text.split(',').map(|part| duration(part.trim())).collect();
            all.ok_or_else(|| SettingError::new(name, "is not a list of durations", example))
        };
        self.take(name).map(read).transpose()
    }

    /// Refuses settings that were not taken.
    pub fn finish(self) -> Result<(), SettingError> {
        match self.values.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(SettingError::new(
                name,
                format!("is not known here; the settings are {}", self.taken.join(", ")),
                self.taken.first().copied().unwrap_or_default(),
            )),
        }
    }
}

impl From<HashMap<String, String>> for Settings {
    /// The settings of a configuration without secrets.
    fn from(config: HashMap<String, String>) -> Self {
        Self::new(&config, &HashMap::new())
    }
}

/// Parses `500ms`, `10s`, `1m` or `2h`.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(ms).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let config = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::new(&config, &HashMap::new())
    }

    #[test]
    fn a_secret_wins_and_is_not_shown() {
        let config = HashMap::from([("url".to_owned(), "plain".to_owned())]);
        let secrets =
            HashMap::from([("of-the-orders.url".to_owned(), SecretValue::String("geheim".to_owned()))]);
        let mut settings = Settings::new(&config, &secrets);
        assert!(!format!("{settings:?}").contains("geheim"));
        assert_eq!(settings.take("url").as_deref(), Some("geheim"));
        settings.finish().unwrap();
    }

    #[test]
    fn an_unknown_setting_is_refused_with_its_name_and_the_known_ones() {
        let mut settings = settings(&[("prefetch", "8"), ("prefecth", "9")]);
        assert_eq!(settings.parse::<u16>("prefetch", "64"), Ok(Some(8)));
        let error = settings.finish().unwrap_err().to_string();
        assert!(
            error.contains("prefecth is not known") && error.contains("the settings are prefetch"),
            "{error}"
        );
    }

    #[test]
    fn a_bad_value_is_reported_by_the_settings_name_and_an_example() {
        let mut settings = settings(&[("prefetch", "geheim"), ("ladder", "1s,geheim"), ("limit", "10")]);
        for error in [
            settings.parse::<u16>("prefetch", "64").unwrap_err(),
            settings.durations("ladder", "1s,10s").unwrap_err(),
            settings.duration("limit", "10s").unwrap_err(),
            settings.require("url", "amqp://localhost").unwrap_err(),
        ] {
            let text = error.to_string();
            assert!(text.starts_with(&error.name) && text.contains("an example is"), "{text}");
            assert!(!text.contains("geheim"), "{text}");
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("1m"), Some(Duration::from_mins(1)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        for text in ["", "1", "s", "1 s", "-1s", "1d", "99999999999999999999s", "18446744073709551615h"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
