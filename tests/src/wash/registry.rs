//! A registry of OCI images that serves the components, and nothing else: hosts of wasmCloud 2 take no files.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::serve::Server;
use crate::{Wasi, component_bytes};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIGURATION: &str = "application/vnd.wasm.config.v0+json";
const COMPONENT: &str = "application/wasm";

/// The only tag.
const TAG: &str = "0.1.0";

/// What is served at each path, with its media type.
type Contents = BTreeMap<String, (&'static str, Bytes)>;

#[derive(Debug)]
pub struct Registry(Server);

impl Registry {
    /// Starts it with the components that were built for this version of WASI.
    pub async fn start(wasi: Wasi) -> Result<Self> {
        let mut contents = Contents::from([("/v2/".to_owned(), ("application/json", Bytes::from("{}")))]);
        for name in [wasi.component("orders"), wasi.component("invoices")] {
            add(&mut contents, &name)?;
        }
        for name in ["rabbitmq-trigger", "notes.traced"] {
            add(&mut contents, name)?;
        }
        let contents = Arc::new(contents);
        let server = Server::start(move |request| {
            let content = contents.get(request.uri().path()).cloned();
            async move {
                let answer = Response::builder().status(if content.is_some() { 200 } else { 404 });
                let (media_type, body) = content.unwrap_or(("text/plain", Bytes::new()));
                let answer = answer.header("content-type", media_type).body(Full::new(body));
                answer.expect("the parts of this response are fixed")
            }
        });
        Ok(Self(server.await?))
    }

    /// Where an image of a manifest, such as `registry.example.com/waybill/orders:0.1.0`, is found here.
    pub fn image(&self, published: &str) -> Result<String> {
        let (_, path) = published.split_once('/').context("an image without a registry")?;
        Ok(format!("{}/{path}", self.0.address()))
    }
}

/// Adds a component as an image of one layer, as `wash oci push` would.
fn add(contents: &mut Contents, name: &str) -> Result<()> {
    let mut blob = |media_type: &'static str, bytes: Bytes| {
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(&bytes)));
        let descriptor = json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() });
        contents.insert(format!("/v2/waybill/{name}/blobs/{digest}"), (media_type, bytes));
        descriptor
    };
    let configuration = blob(CONFIGURATION, Bytes::from("{}"));
    let component = blob(COMPONENT, component_bytes(name).into());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": configuration,
        "layers": [component],
    });
    let manifest = Bytes::from(serde_json::to_vec(&manifest)?);
    contents.insert(format!("/v2/waybill/{name}/manifests/{TAG}"), (MANIFEST, manifest));
    Ok(())
}
