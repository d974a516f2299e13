use std::fmt;
use std::str::FromStr;

/// A token, or a URL with a password in it, which is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
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

    /// Anything but nothing: what else is wrong with it is said where it is used, since clap's errors would repeat it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err("it is empty; leave it out instead");
        }
        Ok(Self(text.trim().to_owned()))
    }
}
