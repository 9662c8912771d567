//! The image store: images by image ID, which is the digest of the config.
//!
//! Source: OCI image-spec, config.md ("ImageID"); moby, `image/store.go`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BlobRole, ImageRecord};
use crate::digest::{ChainId, Digest, ImageId};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Images {
    by_id: BTreeMap<ImageId, StoredImage>,
}

/// An image that is here whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredImage {
    pub id: ImageId,
    /// One for each manifest it came by: two registries may compress the same layers differently. Never empty.
    records: Vec<ImageRecord>,
    /// Kept, because every question about sharing asks for them.
    chain_ids: Vec<ChainId>,
}

impl Images {
    pub fn contains(&self, id: &ImageId) -> bool {
        self.by_id.contains_key(id)
    }

    pub fn get(&self, id: &ImageId) -> Option<&StoredImage> {
        self.by_id.get(id)
    }

    /// In the order of the image IDs.
    pub fn iter(&self) -> impl Iterator<Item = &StoredImage> {
        self.by_id.values()
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(super) fn insert(&mut self, record: ImageRecord) {
        let id = record.id();
        let chain_ids = record.chain_ids();
        let empty = StoredImage { id: id.clone(), records: Vec::new(), chain_ids };
        let image = self.by_id.entry(id).or_insert(empty);
        match image.records.iter_mut().find(|present| present.manifest == record.manifest) {
            Some(present) => *present = record,
            None => image.records.push(record),
        }
    }

    pub(super) fn remove(&mut self, id: &ImageId) -> Option<StoredImage> {
        self.by_id.remove(id)
    }
}

impl StoredImage {
    /// As it came first.
    pub fn record(&self) -> &ImageRecord {
        &self.records[0]
    }

    pub fn records(&self) -> &[ImageRecord] {
        &self.records
    }

    /// Base first.
    pub fn chain_ids(&self) -> &[ChainId] {
        &self.chain_ids
    }

    /// Every blob its records name, repetitions included.
    pub fn blobs(&self) -> impl Iterator<Item = (&Digest, BlobRole)> {
        self.records.iter().flat_map(|record| {
            let index = record.index.iter().map(|document| (&document.digest, BlobRole::Index));
            let manifest = record.manifest.iter().map(|document| (&document.digest, BlobRole::Manifest));
            let layers = record.layers.iter().map(|layer| (&layer.blob, BlobRole::Layer));
            index.chain(manifest).chain([(&record.config.digest, BlobRole::Config)]).chain(layers)
        })
    }
}
