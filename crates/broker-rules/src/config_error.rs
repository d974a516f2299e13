use thiserror::Error;

/// A setting with a value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{setting} {fault}; an example is `{example}`")]
pub struct ConfigError {
    /// The setting's name.
    pub setting: &'static str,
    /// What is wrong with its value; never the value of a secret.
    pub fault: String,
    /// A value that would be right.
    pub example: String,
}

impl ConfigError {
    /// The fault of a setting.
    pub fn new(setting: &'static str, fault: impl Into<String>, example: impl Into<String>) -> Self {
        Self { setting, fault: fault.into(), example: example.into() }
    }
}
