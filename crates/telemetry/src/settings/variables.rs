//! Environment variables, read strictly.

use std::time::Duration;

use crate::TelemetryError;

/// Variables, by the function that reads one.
pub(super) struct Variables<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    pub(super) fn value(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(super) fn parse<T>(
        &self,
        name: &'static str,
        example: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, TelemetryError> {
        let value = self.value(name).map(|value| parse(&value)).transpose();
        value.map_err(|fault| TelemetryError::Setting { name, fault, example })
    }

    pub(super) fn signal<T>(
        &self,
        names: [&'static str; 2],
        example: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, TelemetryError> {
        match self.parse(names[0], example, &parse)? {
            Some(value) => Ok(Some(value)),
            None => self.parse(names[1], example, parse),
        }
    }
}

pub(super) fn parse_bool(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("is `{value}`, not `true` or `false`")),
    }
}

pub(super) fn parse_exporter(value: &str) -> Result<bool, String> {
    match value {
        "otlp" => Ok(true),
        "none" => Ok(false),
        _ => Err(format!("is `{value}`, not `otlp` or `none`")),
    }
}

pub(super) fn parse_milliseconds(value: &str) -> Result<Duration, String> {
    parse_number(value, 1..=3_600_000, "milliseconds").map(Duration::from_millis)
}

pub(super) fn parse_number(
    value: &str,
    range: std::ops::RangeInclusive<u64>,
    unit: &str,
) -> Result<u64, String> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    let (least, most) = (range.start(), range.end());
    number.ok_or_else(|| format!("is `{value}`, not a number of {unit} from {least} to {most}"))
}
