//! The numbers among the settings, each with its name, meaning, default and bound.

use std::fmt;

use waybill_broker_rules::ConfigError;

/// A number that an operator can set: what a host's settings, a link's configuration and the checks say of it.
pub struct Count<T> {
    /// The name in a link's configuration.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub meaning: &'static str,
    /// Its value where it is not set.
    pub default: T,
    /// The largest value; the least is 1.
    pub most: T,
}

/// Unacknowledged messages.
pub const PREFETCH: Count<u16> = Count {
    name: "prefetch",
    meaning: "Messages that RabbitMQ sends before earlier ones are acknowledged",
    default: 64,
    most: u16::MAX,
};

/// Messages in work.
pub const CONCURRENCY: Count<u16> = Count {
    name: "concurrency",
    meaning: "Messages that are handled at the same time, at most the prefetch",
    default: 16,
    most: 1024,
};

/// Unconfirmed messages.
pub const CONFIRM_WINDOW: Count<usize> = Count {
    name: "confirm-window",
    meaning: "Unconfirmed messages of a published batch; a backlog is published in two batches at a time",
    default: 256,
    most: 65_536,
};

impl<T: Copy + PartialOrd + fmt::Display + From<u8>> Count<T> {
    pub(crate) fn check(&self, value: T) -> Result<(), ConfigError> {
        let Self { name, most, default, .. } = self;
        if (T::from(1)..=*most).contains(&value) {
            return Ok(());
        }
        Err(ConfigError::new(name, format!("is {value}, not between 1 and {most}"), default.to_string()))
    }
}
