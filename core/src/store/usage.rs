//! What the images take, and what they would take if nothing were shared.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Store, StoredImage};
use crate::digest::{ChainId, Digest, ImageId};

/// Which bytes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Blobs as they came: documents and layers as stored at the registry.
    Blobs,
    /// Layers as they lie on disk once unpacked, one for each chain ID.
    Unpacked,
}

/// The sums over a whole store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Every image for itself.
    pub logical: u64,
    /// Everything once.
    pub physical: u64,
    /// Layers that nobody has measured yet; they count as nothing.
    pub unknown: usize,
}

impl Usage {
    /// What sharing saves.
    pub fn saved(&self) -> u64 {
        self.logical.saturating_sub(self.physical)
    }
}

/// One image: what `docker system df -v` calls its size, shared size and unique size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageUsage {
    pub id: ImageId,
    pub size: u64,
    /// Of layers (or blobs) that another image needs too.
    pub shared: u64,
}

impl ImageUsage {
    pub fn unique(&self) -> u64 {
        self.size.saturating_sub(self.shared)
    }
}

impl Store {
    pub fn usage(&self, measure: Measure) -> Usage {
        self.usage_of(measure, |_| true)
    }

    /// As if only these images were here.
    pub fn usage_of(&self, measure: Measure, counts: impl Fn(&StoredImage) -> bool) -> Usage {
        let mut usage = Usage::default();
        let mut seen = BTreeSet::new();
        for image in self.images().iter().filter(|image| counts(image)) {
            for part in self.parts(image, measure) {
                usage.logical = usage.logical.saturating_add(part.size.unwrap_or(0));
                if seen.insert(part.digest) {
                    usage.physical = usage.physical.saturating_add(part.size.unwrap_or(0));
                    usage.unknown += usize::from(part.size.is_none());
                }
            }
        }
        usage
    }

    /// In the order of the image IDs.
    pub fn usage_by_image(&self, measure: Measure) -> Vec<ImageUsage> {
        let parts: Vec<(ImageId, BTreeSet<Part>)> = self
            .images()
            .iter()
            .map(|image| (image.id.clone(), self.parts(image, measure).into_iter().collect()))
            .collect();
        let of = |id: &ImageId, own: &BTreeSet<Part>| {
            let elsewhere = |part: &Part| parts.iter().any(|(other, theirs)| other != id && theirs.contains(part));
            let size = |part: &Part| part.size.unwrap_or(0);
            ImageUsage {
                id: id.clone(),
                size: own.iter().map(size).fold(0, u64::saturating_add),
                shared: own.iter().filter(|part| elsewhere(part)).map(size).fold(0, u64::saturating_add),
            }
        };
        parts.iter().map(|(id, own)| of(id, own)).collect()
    }

    /// What an image is made of, each part once.
    fn parts(&self, image: &StoredImage, measure: Measure) -> Vec<Part> {
        let mut parts: Vec<Part> = match measure {
            Measure::Blobs => image
                .blobs()
                .map(|(digest, _)| Part { digest: digest.clone(), size: Some(self.blob_size(digest)) })
                .collect(),
            Measure::Unpacked => image.chain_ids().iter().map(|chain| self.unpacked(chain)).collect(),
        };
        parts.sort();
        parts.dedup();
        parts
    }

    /// A blob that is not kept (Docker's overlay2 store keeps none, and an image from an archive has no manifest)
    /// takes nothing.
    fn blob_size(&self, digest: &Digest) -> u64 {
        self.content().get(digest).map_or(0, |blob| blob.size)
    }

    fn unpacked(&self, chain: &ChainId) -> Part {
        let facts = self.layers().get(chain).and_then(|layer| layer.facts);
        Part { digest: chain.0.clone(), size: facts.map(|facts| facts.unpacked_size) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    digest: Digest,
    size: Option<u64>,
}
