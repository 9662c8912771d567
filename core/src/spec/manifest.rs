//! The image manifest: one config, and the layers base first.
//!
//! Source: OCI image-spec, manifest.md; Docker's schema 2 has the same shape.

use serde_json::{Map, Value};

use super::{descriptor::Descriptor, json::Fields};

#[derive(Clone, Debug, PartialEq)]
pub struct ImageManifest {
    pub media_type: Option<String>,
    pub artifact_type: Option<String>,
    /// `None` in the withdrawn artifact manifest, which has `blobs` and no config.
    pub config: Option<Descriptor>,
    /// Base first.
    pub layers: Vec<Descriptor>,
}

impl ImageManifest {
    /// `None` where the object is no manifest: neither a config nor an artifact's blobs.
    pub fn from_json(object: &Map<String, Value>, fields: &mut Fields<'_>) -> Option<Self> {
        let config = fields.object(object, "config").map(|config| Descriptor::from_json(config, fields));
        let list = match config {
            Some(_) => "layers",
            None if object.contains_key("blobs") => "blobs",
            None => return None,
        };
        let layers =
            fields.objects(object, list).into_iter().map(|layer| Descriptor::from_json(layer, fields)).collect();
        Some(Self {
            config,
            layers,
            media_type: fields.string(object, "mediaType"),
            artifact_type: fields.string(object, "artifactType"),
        })
    }
}
