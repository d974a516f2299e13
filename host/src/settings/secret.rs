use std::fmt;
use std::str::FromStr;

/// A token, or a URL with a password in it, which is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    /// Rejects only empty text. Other faults are reported where the secret is used, since clap's errors would show it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err("it is empty; remove it instead");
        }
        Ok(Self(text.trim().to_owned()))
    }
}
