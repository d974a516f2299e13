use std::collections::HashMap;
use std::io::BufRead;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::link::Link;
use crate::settings::{Secrets, Settings};

/// What a host writes to the standard input of a provider at its start: a line of JSON in base64 (the members of `HostData` of
/// `wasmcloud-core` 0.21 that are used here).
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct HostData {
    pub host_id: String,
    #[serde(rename = "lattice_rpc_prefix")]
    pub lattice: String,
    #[serde(rename = "lattice_rpc_url")]
    pub nats_url: String,
    #[serde(rename = "lattice_rpc_user_jwt")]
    pub nats_jwt: String,
    #[serde(rename = "lattice_rpc_user_seed")]
    pub nats_seed: String,
    #[serde(rename = "provider_key")]
    pub provider: String,
    #[serde(rename = "link_definitions")]
    pub links: Vec<Link>,
    config: HashMap<String, String>,
    secrets: Secrets,
    #[serde(rename = "host_xkey_public_key")]
    pub host_key: String,
    #[serde(rename = "provider_xkey_private_key")]
    pub provider_key_seed: String,
    #[serde(rename = "structured_logging")]
    pub logs_are_json: bool,
}

impl HostData {
    /// Reads it, once.
    pub fn read(mut input: impl BufRead) -> anyhow::Result<Self> {
        let mut line = String::new();
        input.read_line(&mut line).context("standard input cannot be read")?;
        // None of these errors may show the text, which has secrets in it.
        let usage =
            "this program is started by a wasmCloud host, which writes its settings to standard input";
        let json = STANDARD.decode(line.trim()).ok().filter(|json| !json.is_empty()).context(usage)?;
        serde_json::from_slice(&json).ok().context("the line from the host cannot be parsed")
    }

    /// The settings of the provider itself.
    pub fn settings(&self) -> Settings {
        Settings::new(&self.config, &self.secrets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_host_is_parsed() {
        let json = r#"{"host_id":"N","lattice_rpc_prefix":"default","link_name":"default","env_values":[],
            "lattice_rpc_url":"nats://127.0.0.1:4222","provider_key":"waybill-relay","instance_id":"1",
            "link_definitions":[{"source_id":"orders","target":"waybill-relay","wit_namespace":"wasmcloud",
                "wit_package":"postgres","interfaces":["query"],"target_secrets":[1,2]}],
            "config":{"to":"nats"},"secrets":{"database_url":{"kind":"String","value":"geheim"}},
            "structured_logging":true,"otel_config":{"enable_traces":true}}"#;
        let data = HostData::read(STANDARD.encode(json).as_bytes()).unwrap();
        assert_eq!((data.lattice.as_str(), data.links.len(), data.logs_are_json), ("default", 1, true));
        let mut settings = data.settings();
        assert_eq!(settings.take("to").as_deref(), Some("nats"));
        assert_eq!(settings.take("database_url").as_deref(), Some("geheim"));
    }

    #[test]
    fn anything_else_is_refused_without_being_shown() {
        for line in ["", "geheim", &STANDARD.encode("geheim"), &STANDARD.encode(r#"{"config":"geheim"}"#)] {
            let error = HostData::read(line.as_bytes()).err().unwrap();
            assert!(!format!("{error:#}").contains("geheim"), "{error:#}");
        }
    }
}
