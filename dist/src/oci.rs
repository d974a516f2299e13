//! The layout of an OCI image or artefact: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>.

use std::collections::HashMap;
use std::str::FromStr as _;

use anyhow::Result;
use oci_spec::image::{
    ANNOTATION_REF_NAME, Descriptor, DescriptorBuilder, ImageIndexBuilder, ImageManifestBuilder, MediaType,
    OciLayoutBuilder, Platform, Sha256Digest,
};
use serde::Serialize;

use crate::files::{Files, sum};

/// Images and artefacts that go into one archive.
#[derive(Default)]
pub struct Layout {
    blobs: Files,
    manifests: Vec<Descriptor>,
}

/// One image or artefact.
pub struct Image<'a, C> {
    /// What it is called in the archive: a tag, or a name with a tag.
    pub name: String,
    pub config_type: &'a str,
    pub config: C,
    pub layer_type: &'a str,
    /// Each as it is kept, compressed where the type says so.
    pub layers: Vec<Vec<u8>>,
    pub annotations: HashMap<String, String>,
    pub platform: Option<Platform>,
}

impl Layout {
    /// Adds an image or an artefact.
    pub fn add<C: Serialize>(&mut self, image: Image<'_, C>) -> Result<()> {
        let config = self.keep(image.config_type, serde_json::to_vec(&image.config)?)?;
        let layers = image
            .layers
            .into_iter()
            .map(|layer| self.keep(image.layer_type, layer))
            .collect::<Result<Vec<_>>>()?;
        let manifest = ImageManifestBuilder::default()
            .schema_version(2_u32)
            .media_type(MediaType::ImageManifest)
            .config(config)
            .layers(layers)
            .build()?;
        // Written by way of a value, whose keys are sorted: a map of annotations has no order.
        let mut manifest = serde_json::to_value(&manifest)?;
        manifest["annotations"] = serde_json::to_value(&image.annotations)?;
        let mut descriptor = self.keep(MediaType::ImageManifest.as_ref(), serde_json::to_vec(&manifest)?)?;
        descriptor.set_annotations(Some(HashMap::from([(ANNOTATION_REF_NAME.to_owned(), image.name)])));
        descriptor.set_platform(image.platform);
        self.manifests.push(descriptor);
        Ok(())
    }

    fn keep(&mut self, media_type: &str, bytes: Vec<u8>) -> Result<Descriptor> {
        let sum = sum(&bytes);
        let descriptor = DescriptorBuilder::default()
            .media_type(MediaType::from(media_type))
            .digest(Sha256Digest::from_str(&sum)?)
            .size(bytes.len() as u64)
            .build()?;
        self.blobs.add(format!("blobs/sha256/{sum}"), bytes);
        Ok(descriptor)
    }

    /// The archive that `skopeo copy oci-archive:FILE`, `podman load` and `docker load` read.
    pub fn archive(mut self, time: u64) -> Result<Vec<u8>> {
        let index = ImageIndexBuilder::default()
            .schema_version(2_u32)
            .media_type(MediaType::ImageIndex)
            .manifests(self.manifests)
            .build()?;
        let layout = OciLayoutBuilder::default().image_layout_version("1.0.0").build()?;
        self.blobs.add("index.json", serde_json::to_vec(&serde_json::to_value(&index)?)?);
        self.blobs.add("oci-layout", serde_json::to_vec(&layout)?);
        self.blobs.tar("", time)
    }
}
