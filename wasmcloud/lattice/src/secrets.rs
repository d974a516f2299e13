//! A secrets backend for a laptop: a secret is a variable of this program's environment.
//!
//! The protocol is wasmCloud's (`wasmcloud-secrets-types`): the host asks for the backend's public key, seals its request
//! with it, and gets an answer that only it can open.

use std::env;

use anyhow::{Context as _, Result};
use async_nats::{Client, HeaderMap, Message};
use futures::StreamExt as _;
use nkeys::XKey;
use wasmcloud_secrets_types::{
    GetSecretError, RESPONSE_XKEY, Secret, SecretRequest, SecretResponse, WASMCLOUD_HOST_XKEY,
};

/// What the host asks under.
pub const TOPIC_PREFIX: &str = "wasmcloud.secrets";

/// The backend's name in manifests.
const BACKEND: &str = "env";

/// Answers requests for the variables of these names until NATS is gone.
pub async fn serve(nats: Client, names: Vec<String>) -> Result<()> {
    let key = XKey::new();
    let topic = |what: &str| format!("{TOPIC_PREFIX}.v1alpha1.{BACKEND}.{what}");
    let mut asked_for_key = nats.subscribe(topic("server_xkey")).await?;
    let mut asked_for_secret = nats.subscribe(topic("get")).await?;
    loop {
        let (message, headers, answer) = tokio::select! {
            Some(message) = asked_for_key.next() => (message, HeaderMap::new(), key.public_key().into_bytes()),
            Some(message) = asked_for_secret.next() => match answer(&message, &key, &names) {
                Ok((headers, answer)) => (message, headers, answer),
                Err(error) => {
                    tracing::warn!("a request for a secret cannot be read: {error:#}");
                    let refusal = SecretResponse { error: Some(GetSecretError::DecryptionError), ..Default::default() };
                    (message, HeaderMap::new(), serde_json::to_vec(&refusal)?)
                }
            },
            else => return Ok(()),
        };
        if let Some(reply) = message.reply {
            nats.publish_with_headers(reply, headers, answer.into()).await?;
        }
    }
}

fn answer(message: &Message, key: &XKey, names: &[String]) -> Result<(HeaderMap, Vec<u8>)> {
    let headers = message.headers.as_ref().context("no headers")?;
    let host = headers.get(WASMCLOUD_HOST_XKEY).context("no key of the host")?;
    let host = XKey::from_public_key(host.as_str())?;
    let request: SecretRequest = serde_json::from_slice(&key.open(&message.payload, &host)?)?;
    let response = if names.contains(&request.key) {
        // One that is not set is empty, and the provider says what it needs.
        let value = env::var(&request.key).unwrap_or_default();
        let secret = Secret { version: String::new(), string_secret: Some(value), binary_secret: None };
        SecretResponse { secret: Some(secret), error: None }
    } else {
        SecretResponse { secret: None, error: Some(GetSecretError::SecretNotFound) }
    };
    // A key for each answer, as the protocol has it.
    let once = XKey::new();
    let sealed = once.seal(&serde_json::to_vec(&response)?, &host)?;
    let mut headers = HeaderMap::new();
    headers.insert(RESPONSE_XKEY, once.public_key());
    Ok((headers, sealed))
}
