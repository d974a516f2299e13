//! What is wrong with a request, collected so that the client learns of everything at once.

use std::borrow::Cow;
use std::fmt;

use crate::problem::{FieldError, Problem};

/// The fields at fault, with the rules that they break.
///
/// A check reports the fault of its own value under an empty name; what reads the field adds the name, and so on outwards:
/// `sku`, `[1].sku`, `lines[1].sku`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Adds a rule that a field breaks.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) {
        self.0.push(FieldError { field: field.into(), rule: rule.into() });
    }

    /// Adds the faults of other faults.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The value of a field, or `None` after adding its faults.
    pub fn note<T>(&mut self, field: &'static str, checked: Result<T, Self>) -> Option<T> {
        checked.map_err(|faults| self.append(faults.within(field))).ok()
    }

    /// The faults as those of a part of `field`.
    #[must_use]
    pub fn within(self, field: impl Into<Cow<'static, str>>) -> Self {
        let outer = field.into();
        let name = |inner: Cow<'static, str>| match inner.as_ref() {
            "" => outer.clone(),
            index if index.starts_with('[') => format!("{outer}{index}").into(),
            name => format!("{outer}.{name}").into(),
        };
        Self(self.0.into_iter().map(|fault| FieldError { field: name(fault.field), ..fault }).collect())
    }

    /// Refuses a request that has any.
    pub fn refuse_any(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<R: Into<Cow<'static, str>>> From<R> for Faults {
    /// The fault of a value itself.
    fn from(rule: R) -> Self {
        Self(vec![FieldError { field: "".into(), rule: rule.into() }])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, FieldError { field, rule }) in self.0.iter().enumerate() {
            let separator = if index > 0 { "; " } else { "" };
            write!(f, "{separator}{field} {rule}")?;
        }
        Ok(())
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        Self::invalid_fields(faults.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_gets_its_name_from_the_inside_outwards() {
        let mut faults = Faults::default();
        assert!(faults.is_empty());
        faults.append(Faults::from("is required").within("sku").within("[1]"));
        faults.append(Faults::from("must be an object").within("[2]"));
        assert_eq!(
            faults.within("lines").to_string(),
            "lines[1].sku is required; lines[2] must be an object"
        );
    }
}
