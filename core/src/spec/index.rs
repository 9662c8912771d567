//! The image index: manifests, and indexes, in the order of preference.
//!
//! Source: OCI image-spec, image-index.md; Docker's manifest list has the same shape.

use serde_json::{Map, Value};

use super::{descriptor::Descriptor, json::Fields};

#[derive(Clone, Debug, PartialEq)]
pub struct ImageIndex {
    pub manifests: Vec<Descriptor>,
}

impl ImageIndex {
    /// `None` where the object is no index. It is told by its list and not by its media type, which is often absent.
    pub fn from_json(object: &Map<String, Value>, fields: &mut Fields<'_>) -> Option<Self> {
        object.contains_key("manifests").then(|| Self {
            manifests: fields
                .objects(object, "manifests")
                .into_iter()
                .map(|manifest| Descriptor::from_json(manifest, fields))
                .collect(),
        })
    }
}
