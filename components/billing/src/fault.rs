//! Why an order cannot be billed.

use std::fmt::{self, Display};

/// A fault of an order: the field, and the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field, such as `lines[0].quantity`.
    pub field: String,
    /// The rule, as the end of a sentence that starts with the field.
    pub rule: String,
}

impl Fault {
    pub(crate) fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl std::error::Error for Fault {}
