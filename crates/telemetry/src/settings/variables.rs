//! Environment variables, read strictly.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::TelemetryError;

/// A variable of the process. A value that is not UTF-8 keeps its readable part and fails as the bad value that it is.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Variables, by the function that reads one. An empty value means unset.
pub(super) struct Variables<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    pub(super) fn value(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A value that `parse` reads; its error says what is wrong with it.
    pub(super) fn parse<T>(
        &self,
        name: &str,
        example: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, TelemetryError> {
        let value = self.value(name).map(|value| parse(&value)).transpose();
        value.map_err(|fault| TelemetryError::Setting { name: name.to_owned(), fault, example })
    }

    /// One of these words, of which the last is the example.
    pub(super) fn word<T: Copy, const N: usize>(
        &self,
        name: &str,
        words: [(&'static str, T); N],
    ) -> Result<Option<T>, TelemetryError> {
        self.parse(name, words[N - 1].0, |value| {
            let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(value));
            let known = words.map(|(word, _)| format!("`{word}`")).join(" or ");
            found.map(|(_, meaning)| *meaning).ok_or_else(|| format!("is `{value}`, not {known}"))
        })
    }

    /// A number in this range.
    pub(super) fn number(
        &self,
        name: &str,
        example: &'static str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, TelemetryError> {
        self.parse(name, example, |value| {
            let number = value.parse().ok().filter(|number| range.contains(number));
            let (least, most) = (range.start(), range.end());
            number.ok_or_else(|| format!("is `{value}`, not a number from {least} to {most}"))
        })
    }

    /// A time in milliseconds, up to an hour.
    pub(super) fn milliseconds(
        &self,
        name: &str,
        example: &'static str,
    ) -> Result<Option<Duration>, TelemetryError> {
        Ok(self.number(name, example, 1..=3_600_000)?.map(Duration::from_millis))
    }
}
