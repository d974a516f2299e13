//! `null` in place of a member that is left out.

use serde::{Deserialize, Deserializer};

/// Reads `null` as a missing member.
pub fn null_is_missing<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
