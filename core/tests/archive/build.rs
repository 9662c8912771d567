//! Archives, member by member.

use layerlab_core::digest::Digest;
use serde_json::{Value, json};

pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
pub const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// Writes tars member by member, with names as they are given.
pub struct Tar(tar::Builder<Vec<u8>>);

impl Tar {
    pub fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    pub fn file(self, name: &str, data: impl AsRef<[u8]>) -> Self {
        self.member(tar::EntryType::Regular, name, "", data.as_ref())
    }

    pub fn folder(self, name: &str) -> Self {
        self.member(tar::EntryType::Directory, name, "", b"")
    }

    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.member(tar::EntryType::Symlink, name, target, b"")
    }

    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.member(tar::EntryType::Link, name, target, b"")
    }

    /// A PAX extended header, local (`x`) or global (`g`).
    pub fn pax(self, kind: tar::EntryType, records: &[(&str, &str)]) -> Self {
        let data: String = records
            .iter()
            .map(|(key, value)| {
                let rest = key.len() + value.len() + 3;
                let length = (1..).map(|digits| rest + digits).find(|l| l.to_string().len() + rest == *l).unwrap();
                format!("{length} {key}={value}\n")
            })
            .collect();
        self.member(kind, "pax", "", data.as_bytes())
    }

    pub fn member(mut self, kind: tar::EntryType, name: &str, target: &str, data: &[u8]) -> Self {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.0.append(&header, data).unwrap();
        self
    }

    /// A blob of a layout; returns its digest too.
    pub fn blob(self, data: impl AsRef<[u8]>) -> (Self, Digest) {
        let digest = Digest::sha256(data.as_ref());
        (self.file(&format!("blobs/sha256/{}", digest.encoded()), data), digest)
    }

    pub fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// A descriptor with the digest and size of `data`.
pub fn descriptor(media_type: &str, data: impl AsRef<[u8]>) -> Value {
    let data = data.as_ref();
    json!({ "mediaType": media_type, "digest": Digest::sha256(data).to_string(), "size": data.len() })
}

/// A config of a made-up image: its layers' diff_ids, one history entry for each.
pub fn config(layers: &[&[u8]]) -> String {
    let diff_ids: Vec<_> = layers.iter().map(|layer| Digest::sha256(layer).to_string()).collect();
    let history: Vec<_> = (0..layers.len()).map(|n| json!({ "created_by": format!("RUN {n}") })).collect();
    json!({ "os": "linux", "architecture": "amd64", "rootfs": { "diff_ids": diff_ids }, "history": history })
        .to_string()
}

/// A layer of one file.
pub fn layer(name: &str) -> Vec<u8> {
    Tar::new().file(name, name).bytes()
}

pub fn docker_manifest(entries: &[(&str, &[&str], &[&str])]) -> String {
    let entry = |(config, tags, layers): &(&str, &[&str], &[&str])| json!({ "Config": config, "RepoTags": (!tags.is_empty()).then_some(tags), "Layers": layers });
    Value::from(entries.iter().map(entry).collect::<Vec<_>>()).to_string()
}

/// A layout under construction: blobs by their digests, the index last.
pub struct Layout {
    pub tar: Tar,
}

impl Layout {
    pub fn new() -> Self {
        Self { tar: Tar::new().file("oci-layout", LAYOUT) }
    }

    pub fn blob(&mut self, data: impl AsRef<[u8]>) {
        let (tar, _) = std::mem::replace(&mut self.tar, Tar::new()).blob(data);
        self.tar = tar;
    }

    /// Adds layers, config and manifest of an image; returns the manifest's descriptor.
    pub fn image(&mut self, layers: &[&[u8]]) -> Value {
        let config = config(layers);
        let layers: Vec<_> = layers
            .iter()
            .map(|layer| {
                self.blob(layer);
                descriptor(OCI_LAYER, layer)
            })
            .collect();
        self.blob(&config);
        self.manifest(json!({ "config": descriptor(OCI_CONFIG, &config), "layers": layers }))
    }

    pub fn manifest(&mut self, manifest: Value) -> Value {
        self.blob(manifest.to_string());
        descriptor(OCI_MANIFEST, manifest.to_string())
    }

    pub fn index(&mut self, manifests: &[Value]) -> Value {
        let index = json!({ "manifests": manifests }).to_string();
        self.blob(&index);
        descriptor(OCI_INDEX, index)
    }

    pub fn finish(self, manifests: &[Value]) -> Vec<u8> {
        self.tar.file("index.json", json!({ "manifests": manifests }).to_string()).bytes()
    }
}

pub fn with(mut descriptor: Value, key: &str, value: Value) -> Value {
    descriptor[key] = value;
    descriptor
}

pub fn tagged(descriptor: Value, tag: &str) -> Value {
    with(descriptor, "annotations", json!({ "org.opencontainers.image.ref.name": tag }))
}

pub fn blob_name(data: impl AsRef<[u8]>) -> String {
    format!("blobs/sha256/{}", Digest::sha256(data.as_ref()).encoded())
}
