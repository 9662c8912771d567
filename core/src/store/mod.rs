//! A local store of images: what a container engine keeps, and how a pull fills it without fetching anything twice.
//!
//! The [`Store`] knows *that* bytes are here, not the bytes themselves: those are in files, in the browser's private
//! file system, or in a lesson nowhere at all. It moves by [`Store::apply`] alone, one [`PullEvent`] at a time, so a
//! pull can be planned ([`plan()`]), replayed, stepped back and compared between the policies of real engines.
//!
//! Sources: OCI image-spec (config.md, "Layer ChainID"); moby's `layer`, `image`, `distribution/xfer`; containerd's
//! `core/content` and `core/unpack`.

pub mod content;
pub mod event;
pub mod images;
pub mod layers;
pub mod layout;
pub mod plan;
pub mod record;
pub mod remove;
pub mod save;
pub mod tags;
pub mod tamper;
pub mod terminal;
pub mod usage;

use serde::{Deserialize, Serialize};

pub use self::{
    content::{Blob, BlobRole, Content},
    event::{ImageKey, LookUp, PullEvent, Step},
    images::{Images, StoredImage},
    layers::{LayerFacts, Layers, StoredLayer, unpacked_size},
    plan::{Bytes, LayerAction, LayerPlan, Policy, PolicyDifference, PullPlan, differences, plan},
    record::{Document, ImageRecord, LayerRecord, RecordError},
    remove::{Kept, RemoveError, Removed},
    tags::{ImageName, Tags},
    terminal::Terminal,
    usage::{ImageUsage, Measure, Usage},
};
use crate::digest::{ChainId, DiffId, Digest, ImageId};

/// All images of one machine. A clone is a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Store {
    content: Content,
    layers: Layers,
    images: Images,
    tags: Tags,
}

impl Store {
    pub fn new() -> Self {
        Self::default()
    }

    /// Documents and stored layers, by digest.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Unpacked layers, by chain ID.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// Images, by image ID.
    pub fn images(&self) -> &Images {
        &self.images
    }

    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// By name (`redis` is `redis:latest`), by ID, or by the beginning of an ID of at least four characters.
    pub fn image(&self, name: &str) -> Option<&StoredImage> {
        if let Some(id) = self.tags.get(&ImageName::parse(name)) {
            return self.images.get(id);
        }
        let hex = name.strip_prefix("sha256:").unwrap_or(name);
        self.images.iter().find(|image| hex.len() >= 4 && image.id.0.encoded().starts_with(hex))
    }

    /// One step of a pull.
    pub fn apply(&mut self, event: &PullEvent) {
        match event {
            PullEvent::Index { document } => self.content.insert(document, BlobRole::Index),
            PullEvent::Manifest { document } => self.content.insert(document, BlobRole::Manifest),
            PullEvent::Config { document } => self.content.insert(document, BlobRole::Config),
            PullEvent::BlobVerified { blob, size, .. } => {
                self.content.insert(&Document::of(blob, *size), BlobRole::Layer);
            }
            PullEvent::DiffIdVerified { blob, diff_id, .. } => self.layers.remember(blob, diff_id),
            PullEvent::Register { chain, stored, .. } => self.layers.insert(chain.clone(), (**stored).clone()),
            PullEvent::ImageRegistered { record } => self.images.insert((**record).clone()),
            PullEvent::Tagged { name, id, .. } => self.tags.insert(name.clone(), id.clone()),
            PullEvent::Ask { .. }
            | PullEvent::DocumentLookUp { .. }
            | PullEvent::ImageLookUp { .. }
            | PullEvent::LayerLookUp { .. }
            | PullEvent::LookUpStopped { .. }
            | PullEvent::Exists { .. }
            | PullEvent::Fetch { .. }
            | PullEvent::Decompress { .. }
            | PullEvent::Refused { .. } => {}
        }
    }

    /// The images that need a layer: why it stays when another of them goes. Its reference count is their number.
    pub fn users_of_layer<'a>(&'a self, chain: &'a ChainId) -> impl Iterator<Item = &'a StoredImage> {
        self.images.iter().filter(move |image| image.chain_ids().contains(chain))
    }

    /// The images that need a blob: their manifests name it, or are it.
    pub fn users_of_blob<'a>(&'a self, digest: &'a Digest) -> impl Iterator<Item = &'a StoredImage> {
        self.images.iter().filter(move |image| image.blobs().any(|(blob, _)| blob == digest))
    }

    /// Whether a layer with this content is unpacked here, on whatever parent.
    pub fn has_diff(&self, diff_id: &DiffId) -> bool {
        self.layers.iter().any(|(_, layer)| layer.diff_id == *diff_id)
    }

    /// Gives an image one more name; the image that had it before loses it.
    pub fn tag(&mut self, id: &ImageId, name: ImageName) -> Option<ImageId> {
        self.images.get(id)?;
        let was = self.tags.get(&name).cloned();
        self.tags.insert(name, id.clone());
        was
    }
}
