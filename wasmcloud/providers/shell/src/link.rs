use std::collections::HashMap;

use anyhow::Context as _;
use serde::Deserialize;

use crate::settings::Settings;

/// A link in the host's format (`InterfaceLinkDefinition` of `wasmcloud-core` 0.21).
#[derive(Clone, Default, Deserialize, PartialEq)]
pub struct Link {
    source_id: String,
    target: String,
    #[serde(default = "default_name")]
    name: String,
    #[serde(default)]
    source_config: HashMap<String, String>,
    #[serde(default)]
    target_config: HashMap<String, String>,
    /// Sealed for the provider.
    #[serde(default)]
    source_secrets: Option<Vec<u8>>,
    #[serde(default)]
    target_secrets: Option<Vec<u8>>,
}

fn default_name() -> String {
    "default".to_owned()
}

/// Identifies one of a provider's links.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LinkKey {
    /// The component at the other end.
    pub component: String,
    /// The side of the component.
    pub side: Side,
    /// The link's name, `default` unless the manifest says otherwise.
    pub name: String,
}

/// The side of a component in a link with a provider.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Side {
    /// It calls the provider: the source of the link.
    Caller,
    /// It is called by the provider: the target of the link.
    Callee,
}

impl Link {
    /// A link without settings.
    pub fn between(source_id: String, target: String, name: String) -> Self {
        Self { source_id, target, name, ..Self::default() }
    }

    /// Its key for this provider; `None` if it belongs to others.
    pub fn key(&self, provider: &str) -> Option<LinkKey> {
        let (component, side) = if self.target == provider {
            (&self.source_id, Side::Caller)
        } else if self.source_id == provider {
            (&self.target, Side::Callee)
        } else {
            return None;
        };
        Some(LinkKey { component: component.clone(), side, name: self.name.clone() })
    }

    /// The settings for the provider; `open` opens its sealed secrets.
    pub fn settings(
        &self,
        side: Side,
        open: impl Fn(&[u8]) -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<Settings> {
        let (config, sealed) = match side {
            Side::Caller => (&self.target_config, &self.target_secrets),
            Side::Callee => (&self.source_config, &self.source_secrets),
        };
        let secrets = match sealed {
            None => HashMap::new(),
            // Its error would show a part of what it read.
            Some(sealed) => {
                serde_json::from_slice(&open(sealed)?).ok().context("the link's secrets cannot be parsed")?
            }
        };
        Ok(Settings::new(config, &secrets))
    }
}
