//! What is saved: documents as bytes, layers by their digests.

use std::{
    collections::HashMap,
    io::{self, Read},
};

use serde_json::{Value, json};

use super::Blobs;
use crate::{
    archive::{
        DocumentRole, ImageArchive, LayerSource, Location,
        source::{LocationReader, Volumes},
    },
    digest::{DiffId, Digest},
    layer::Compression,
    limits::Limits,
    report::ImageReport,
    spec::json::parse,
};

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

/// An image to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedImage {
    /// `redis:6.2`: what it is tagged with where it is loaded. None is fine.
    pub names: Vec<String>,
    pub config: Vec<u8>,
    /// As it came, with its media type; without one a manifest is made.
    pub manifest: Option<(Vec<u8>, String)>,
    /// Base first.
    pub layers: Vec<SavedLayer>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedLayer {
    pub blob: Digest,
    pub blob_size: u64,
    pub diff_id: DiffId,
    pub tar_size: u64,
    pub compression: Compression,
}

/// The layers of an opened archive.
pub struct ArchiveBlobs<'a> {
    volumes: &'a mut dyn Volumes,
    places: HashMap<Digest, Location>,
}

impl SavedImage {
    /// The image at `image` of an opened archive whose layers were all read, and where each lies. `Err` is a sentence:
    /// why it cannot be saved.
    pub fn from_archive<'v>(
        plan: &ImageArchive,
        report: &ImageReport,
        image: usize,
        volumes: &'v mut dyn Volumes,
        limits: &Limits,
    ) -> Result<(Self, ArchiveBlobs<'v>), String> {
        let planned = plan.images.get(image).ok_or_else(|| format!("There is no image {}.", image + 1))?;
        let config = planned.config.as_ref().ok_or("The image has no config, so nothing could load it.")?;
        let mut read = |role: DocumentRole, digest: &Digest| {
            let document = plan.documents.iter().find(|it| it.role == role && it.digest == *digest)?;
            let mut bytes = Vec::new();
            let mut reader = LocationReader::new(volumes, document.location);
            reader.by_ref().take(limits.document_bytes).read_to_end(&mut bytes).ok()?;
            (Digest::compute(digest.algorithm(), &bytes).as_ref() == Some(digest)).then_some(bytes)
        };
        let config = read(DocumentRole::Config, &config.digest.0).ok_or("The config cannot be read again.")?;
        let manifest = planned.manifest.as_ref().and_then(|manifest| {
            let bytes = read(DocumentRole::Manifest, manifest.digest.as_ref()?)?;
            Some((bytes, manifest.media_type.clone().unwrap_or_else(|| MANIFEST_TYPE.into())))
        });
        let mut layers = Vec::new();
        let mut places = HashMap::new();
        for (number, (place, read)) in planned.layers.iter().zip(&report.layers).enumerate() {
            let LayerSource::Blob(blob) = place.source else {
                return Err(format!("Layer {} is not in this archive.", number + 1));
            };
            if read.diff_id_ok != Some(true) {
                return Err(format!(
                    "Layer {} is not what the config says: it is not saved as if it were.",
                    number + 1
                ));
            }
            let layer = || {
                Some(SavedLayer {
                    blob: read.blob_digest.clone()?,
                    blob_size: read.blob_size?,
                    diff_id: read.diff_id.clone()?,
                    tar_size: read.tar_size?,
                    compression: read.compression?,
                })
            };
            let layer = layer().ok_or_else(|| format!("Layer {} was not read.", number + 1))?;
            if let Some(blob) = plan.blobs.get(blob.0 as usize) {
                places.insert(layer.blob.clone(), blob.location);
            }
            layers.push(layer);
        }
        let image = Self { names: planned.tags.clone(), config, manifest, layers };
        Ok((image, ArchiveBlobs { volumes, places }))
    }

    /// The same, with this layer alone (0 is the base): a smaller image with an ID of its own. `None` where there is
    /// no such layer or the config is no object.
    pub fn only_layer(&self, layer: usize, limits: &Limits) -> Option<Self> {
        let kept = self.layers.get(layer)?.clone();
        let mut config: Value = parse(&self.config, limits.document_nesting, limits.document_values).ok()?;
        let object = config.as_object_mut()?;
        let history = object.get("history").and_then(Value::as_array).into_iter().flatten();
        let made = history.filter(|entry| entry["empty_layer"] != json!(true)).nth(layer).cloned();
        object.insert("history".into(), json!(made.into_iter().collect::<Vec<_>>()));
        object.insert("rootfs".into(), json!({ "type": "layers", "diff_ids": [kept.diff_id] }));
        // It is another image, so the name of the whole one is not its name.
        Some(Self { names: Vec::new(), config: config.to_string().into_bytes(), manifest: None, layers: vec![kept] })
    }

    pub(super) fn manifest_type(&self) -> &str {
        self.manifest.as_ref().map_or(MANIFEST_TYPE, |(_, media_type)| media_type)
    }

    pub(super) fn manifest_document(&self) -> Vec<u8> {
        if let Some((bytes, _)) = &self.manifest {
            return bytes.clone();
        }
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|layer| {
                let suffix = match layer.compression {
                    Compression::None => "",
                    Compression::Gzip => "+gzip",
                    Compression::Zstd => "+zstd",
                    Compression::Bzip2 => "+bzip2",
                    Compression::Xz => "+xz",
                };
                json!({
                    "mediaType": format!("application/vnd.oci.image.layer.v1.tar{suffix}"),
                    "digest": layer.blob,
                    "size": layer.blob_size,
                })
            })
            .collect();
        let config = json!({
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": Digest::sha256(&self.config),
            "size": self.config.len(),
        });
        json!({ "schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config, "layers": layers })
            .to_string()
            .into_bytes()
    }
}

impl Blobs for ArchiveBlobs<'_> {
    fn open(&mut self, blob: &Digest) -> io::Result<Box<dyn Read + '_>> {
        let place = self.places.get(blob).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(LocationReader::new(self.volumes, *place)))
    }
}

impl std::fmt::Debug for ArchiveBlobs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArchiveBlobs").field("places", &self.places).finish_non_exhaustive()
    }
}
