//! Images from layers, and the archives that tools save them as.

use std::io::Write;

use serde_json::{Value, json};

use crate::{Layer, Members, sha256, sha256_hex};

pub const CREATED: &str = "2024-01-01T00:00:00Z";

const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";

/// An image: its layers (base first), and what its config says.
#[derive(Clone, Debug)]
pub struct Image {
    tags: Vec<String>,
    layers: Vec<LayerBlob>,
    history: Vec<Value>,
    platform: (String, String),
    config: Value,
}

#[derive(Clone, Debug)]
struct LayerBlob {
    tar: Vec<u8>,
    compression: Compression,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Image {
    pub fn new(tag: &str) -> Self {
        Self {
            tags: vec![tag.to_owned()],
            layers: Vec::new(),
            history: Vec::new(),
            platform: ("linux".to_owned(), "amd64".to_owned()),
            config: json!({}),
        }
    }

    pub fn untagged() -> Self {
        Self { tags: Vec::new(), ..Self::new("") }
    }

    pub fn tag(mut self, tag: &str) -> Self {
        self.tags.push(tag.to_owned());
        self
    }

    /// Adds a layer on top, with the instruction that made it.
    pub fn layer(mut self, created_by: &str, layer: Layer) -> Self {
        self.layers.push(LayerBlob { tar: layer.tar(), compression: Compression::None });
        self.history.push(json!({ "created": CREATED, "created_by": created_by }));
        self
    }

    /// Adds an instruction that changes the config alone.
    pub fn instruction(mut self, created_by: &str) -> Self {
        self.history.push(json!({ "created": CREATED, "created_by": created_by, "empty_layer": true }));
        self
    }

    /// A key of the config's `config` object (`Cmd`, `Env`, …).
    pub fn config(mut self, key: &str, value: Value) -> Self {
        self.config[key] = value;
        self
    }

    pub fn platform(self, os: &str, architecture: &str) -> Self {
        Self { platform: (os.to_owned(), architecture.to_owned()), ..self }
    }

    /// Leaves the history out of the config.
    pub fn without_history(mut self) -> Self {
        self.history.clear();
        self
    }

    /// How OCI archives store the layers. A docker-archive stores them as they are.
    pub fn compressed(mut self, compression: Compression) -> Self {
        for layer in &mut self.layers {
            layer.compression = compression;
        }
        self
    }

    /// Base first.
    pub fn diff_ids(&self) -> Vec<String> {
        self.layers.iter().map(|layer| sha256(&layer.tar)).collect()
    }

    /// The layers as they are stored, base first.
    pub fn blobs(&self) -> Vec<Vec<u8>> {
        self.layers.iter().map(LayerBlob::stored).collect()
    }

    /// The layers uncompressed, base first.
    pub fn tars(&self) -> Vec<Vec<u8>> {
        self.layers.iter().map(|layer| layer.tar.clone()).collect()
    }

    /// The config document's bytes.
    pub fn config_document(&self) -> Vec<u8> {
        let (os, architecture) = &self.platform;
        let mut document = json!({
            "architecture": architecture,
            "os": os,
            "created": CREATED,
            "config": self.config,
            "rootfs": { "type": "layers", "diff_ids": self.diff_ids() },
        });
        if !self.history.is_empty() {
            document["history"] = json!(self.history);
        }
        document.to_string().into_bytes()
    }

    /// The manifest document's bytes.
    pub fn manifest_document(&self) -> Vec<u8> {
        let layers: Vec<Value> =
            self.layers.iter().map(|layer| descriptor(layer.media_type(), &layer.stored())).collect();
        json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": descriptor(CONFIG_TYPE, &self.config_document()),
            "layers": layers,
        })
        .to_string()
        .into_bytes()
    }
}

/// What Docker up to 24 saves: a folder a layer, then the configs and `manifest.json`. Layers that images share are
/// stored once.
pub fn docker_archive(images: &[&Image]) -> Members {
    let mut members = Members::new();
    let mut manifest = Vec::new();
    for image in images {
        let mut paths = Vec::new();
        for layer in &image.layers {
            let folder = sha256_hex(&layer.tar);
            let path = format!("{folder}/layer.tar");
            members = members.file(format!("{folder}/VERSION"), "1.0").file(path.clone(), layer.tar.clone());
            paths.push(path);
        }
        let config = image.config_document();
        let name = format!("{}.json", sha256_hex(&config));
        let tags = if image.tags.is_empty() { Value::Null } else { json!(image.tags) };
        manifest.push(json!({ "Config": name, "RepoTags": tags, "Layers": paths }));
        members = members.file(name, config);
    }
    members.file("manifest.json", json!(manifest).to_string())
}

/// An OCI layout: blobs, then `index.json` and `oci-layout`.
pub fn oci_archive(images: &[&Image]) -> Members {
    let mut members = Members::new();
    let mut manifests = Vec::new();
    for image in images {
        for layer in &image.layers {
            members = blob(members, layer.stored());
        }
        let (config, manifest) = (image.config_document(), image.manifest_document());
        let (os, architecture) = &image.platform;
        let mut listed = descriptor(MANIFEST_TYPE, &manifest);
        listed["platform"] = json!({ "os": os, "architecture": architecture });
        // One entry a tag, as skopeo and podman write it.
        for tag in &image.tags {
            let mut tagged = listed.clone();
            tagged["annotations"] = json!({ "org.opencontainers.image.ref.name": tag });
            manifests.push(tagged);
        }
        if image.tags.is_empty() {
            manifests.push(listed);
        }
        members = blob(blob(members, config), manifest);
    }
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": manifests });
    members.file("index.json", index.to_string()).file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)
}

/// What Docker before 1.10 saved: `repositories`, and a folder a layer with a document that names its parent.
pub fn docker_v1(image: &Image) -> Members {
    let mut members = Members::new();
    let mut parent: Option<String> = None;
    for layer in &image.layers {
        let id = sha256_hex(&[parent.clone().unwrap_or_default().as_bytes(), &layer.tar].concat());
        let (os, architecture) = &image.platform;
        let mut document = json!({ "id": id, "created": CREATED, "os": os, "architecture": architecture });
        if let Some(parent) = parent.replace(id.clone()) {
            document["parent"] = json!(parent);
        }
        members = members
            .file(format!("{id}/VERSION"), "1.0")
            .file(format!("{id}/json"), document.to_string())
            .file(format!("{id}/layer.tar"), layer.tar.clone());
    }
    let mut repositories = json!({});
    for tag in &image.tags {
        let (name, tag) = tag.rsplit_once(':').unwrap_or((tag, "latest"));
        repositories[name][tag] = json!(parent);
    }
    members.file("repositories", repositories.to_string())
}

impl LayerBlob {
    fn media_type(&self) -> &'static str {
        match self.compression {
            Compression::None => "application/vnd.oci.image.layer.v1.tar",
            Compression::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Compression::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }

    fn stored(&self) -> Vec<u8> {
        self.compression.compress(&self.tar)
    }
}

impl Compression {
    pub fn compress(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::None => bytes.to_vec(),
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes).expect("writing to memory");
                encoder.finish().expect("writing to memory")
            }
            Self::Zstd => ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest),
        }
    }
}

fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": sha256(content), "size": content.len() })
}

fn blob(members: Members, content: Vec<u8>) -> Members {
    members.file(format!("blobs/sha256/{}", sha256_hex(&content)), content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Image {
        let base = Layer::new().file("a", "1");
        Image::new("shop:1.0").layer("COPY a /", base.clone()).layer("COPY again", base).instruction("CMD [\"a\"]")
    }

    #[test]
    fn every_blob_is_stored_once_under_its_digest() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let members = oci_archive(&[&image().compressed(compression)]);
            let blobs: Vec<_> = members.files().filter(|(name, _)| name.starts_with("blobs/")).collect();
            assert_eq!(blobs.len(), 3, "one layer, config, manifest");
            for (name, content) in blobs {
                assert_eq!(name, format!("blobs/sha256/{}", sha256_hex(content)));
            }
        }
    }

    #[test]
    fn images_share_what_they_have_in_common() {
        let other = image().layer("COPY b /", Layer::new().file("b", "2"));
        let members = docker_archive(&[&image(), &other]);
        assert_eq!(members.names().filter(|name| name.ends_with("/layer.tar")).count(), 2);
        let manifest: Value = serde_json::from_slice(members.content("manifest.json")).unwrap();
        assert_eq!(manifest[1]["Layers"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn v1_layers_name_their_parents() {
        let members = docker_v1(&image());
        let repositories: Value = serde_json::from_slice(members.content("repositories")).unwrap();
        let top = repositories["shop"]["1.0"].as_str().unwrap();
        let document: Value = serde_json::from_slice(members.content(&format!("{top}/json"))).unwrap();
        let base: Value =
            serde_json::from_slice(members.content(&format!("{}/json", document["parent"].as_str().unwrap()))).unwrap();
        assert_eq!(base.get("parent"), None);
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        let image = image().compressed(Compression::Gzip);
        assert_eq!(oci_archive(&[&image]).tar(), oci_archive(&[&image]).tar());
        let changed = oci_archive(&[&image]).flip("oci-layout", 0).without("index.json");
        assert_ne!(oci_archive(&[&image]), changed);
    }
}
