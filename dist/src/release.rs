//! The release: what all results say alike.

use std::collections::HashMap;

use anyhow::Result;

/// What all results say alike.
pub struct Release {
    pub version: String,
    pub target: String,
    pub revision: String,
    pub time: u64,
    pub changelog: String,
    pub bill_of_materials: Vec<u8>,
}

impl Release {
    /// The time of the commit as RFC 3339 has it.
    pub fn created(&self) -> Result<String> {
        let time = time::OffsetDateTime::from_unix_timestamp(i64::try_from(self.time)?)?;
        Ok(time.format(&time::format_description::well_known::Rfc3339)?)
    }

    /// What registries show of an image or an artefact.
    pub fn annotations(&self, description: &str) -> HashMap<String, String> {
        [
            ("description", description),
            ("licenses", "Apache-2.0"),
            ("source", env!("CARGO_PKG_REPOSITORY")),
            ("revision", self.revision.as_str()),
            ("version", self.version.as_str()),
        ]
        .into_iter()
        .map(|(key, value)| (format!("org.opencontainers.image.{key}"), value.to_owned()))
        .collect()
    }
}
