//! What a pull does, step by step.

use serde::{Deserialize, Serialize};

use super::{Document, ImageName, ImageRecord, StoredLayer};
use crate::digest::{ChainId, DiffId, Digest, ImageId};

/// One step of a pull: planned ahead, or told by a client as it happens. The store is a fold over these
/// ([`super::Store::apply`]), and so is every picture of a pull. `layer` is the place in the image, 0 the base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PullEvent {
    /// The tag goes to the registry.
    Ask { name: ImageName },
    /// An index came, from which the platform's manifest is chosen.
    Index { document: Document },
    /// The manifest came, and its digest is known.
    Manifest { document: Document },
    /// A document was looked for in the content store (containerd's does so for each).
    DocumentLookUp { digest: Digest, found: bool },
    /// Is the image here already?
    ImageLookUp { by: ImageKey, found: bool },
    /// The config came, and its bytes have the image ID as their digest.
    Config { document: Document },
    /// Is this layer here?
    LayerLookUp { layer: usize, by: LookUp, found: bool },
    /// A miss ended the look-up: what lies above is not looked for any more.
    LookUpStopped { layer: usize },
    /// The layer is here and nothing of it has to come. `size` are the bytes of the blob that is not fetched.
    Exists { layer: usize, chain: ChainId, size: u64 },
    /// The blob is asked for, by the digest that the manifest gives.
    Fetch { layer: usize, blob: Digest, size: u64 },
    /// All bytes of the blob came, and they have its digest.
    BlobVerified { layer: usize, blob: Digest, size: u64 },
    /// The blob is opened. `tar_size` is known ahead where the layer was read before.
    Decompress { layer: usize, blob: Digest, tar_size: Option<u64> },
    /// What was inside has the diff_id that the config gives.
    DiffIdVerified { layer: usize, blob: Digest, diff_id: DiffId },
    /// The layer takes its place on its parent.
    Register { layer: usize, chain: ChainId, stored: Box<StoredLayer> },
    /// All layers are here, so the image is.
    ImageRegistered { record: Box<ImageRecord> },
    /// The name stands for this image now.
    Tagged { name: ImageName, id: ImageId, digest: Option<Digest>, was: Option<ImageId> },
    /// A check failed, and the pull ends. Nothing that was not verified is in the store.
    Refused { step: Step, layer: Option<usize>, expected: String, found: String },
}

/// The seven steps of a pull, numbered as people are told them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    Ask = 1,
    Manifest = 2,
    ImageLookUp = 3,
    Config = 4,
    LayerLookUp = 5,
    Fetch = 6,
    DiffId = 7,
}

/// What an image is looked for by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageKey {
    /// Classic Docker's image ID.
    Config(ImageId),
    /// containerd's: the digest that the tag leads to, of an index or a manifest.
    Target(Digest),
}

/// What a layer is looked for by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LookUp {
    /// The note of the diff_id that this blob had when it was opened before.
    Note(Digest),
    Chain(ChainId),
    /// The blob in the content store.
    Blob(Digest),
    DiffId(DiffId),
}

impl PullEvent {
    /// Which of the seven steps it belongs to.
    pub fn step(&self) -> Step {
        match self {
            Self::Ask { .. } => Step::Ask,
            Self::Index { .. } | Self::Manifest { .. } | Self::DocumentLookUp { .. } => Step::Manifest,
            Self::ImageLookUp { .. } => Step::ImageLookUp,
            Self::Config { .. } => Step::Config,
            Self::LayerLookUp { .. } | Self::LookUpStopped { .. } | Self::Exists { .. } => Step::LayerLookUp,
            Self::Fetch { .. } | Self::BlobVerified { .. } | Self::Decompress { .. } => Step::Fetch,
            Self::DiffIdVerified { .. } | Self::Register { .. } => Step::DiffId,
            Self::ImageRegistered { .. } | Self::Tagged { .. } => Step::DiffId,
            Self::Refused { step, .. } => *step,
        }
    }

    /// The layer it speaks of.
    pub fn layer(&self) -> Option<usize> {
        match self {
            Self::LayerLookUp { layer, .. }
            | Self::LookUpStopped { layer }
            | Self::Exists { layer, .. }
            | Self::Fetch { layer, .. }
            | Self::BlobVerified { layer, .. }
            | Self::Decompress { layer, .. }
            | Self::DiffIdVerified { layer, .. }
            | Self::Register { layer, .. } => Some(*layer),
            Self::Refused { layer, .. } => *layer,
            Self::Ask { .. }
            | Self::Index { .. }
            | Self::Manifest { .. }
            | Self::DocumentLookUp { .. }
            | Self::ImageLookUp { .. }
            | Self::Config { .. }
            | Self::ImageRegistered { .. }
            | Self::Tagged { .. } => None,
        }
    }

    /// Every [`Self::key`], for the test that the catalogues have them.
    pub const KEYS: [&str; 29] = [
        "ask",
        "index",
        "manifest",
        "document-found",
        "document-missing",
        "image-found",
        "image-missing",
        "image-target-found",
        "image-target-missing",
        "config",
        "note-found",
        "note-missing",
        "chain-found",
        "chain-missing",
        "blob-found",
        "blob-missing",
        "diff-id-found",
        "diff-id-missing",
        "look-up-stopped",
        "exists",
        "fetch",
        "blob-verified",
        "decompress",
        "diff-id-verified",
        "register",
        "image-registered",
        "tagged",
        "tag-moved",
        "refused",
    ];

    /// The last part of the key in the message catalogue: what a caption is found by.
    pub fn key(&self) -> &'static str {
        let either = |found: bool, yes, no| if found { yes } else { no };
        match self {
            Self::Ask { .. } => "ask",
            Self::Index { .. } => "index",
            Self::Manifest { .. } => "manifest",
            Self::DocumentLookUp { found, .. } => either(*found, "document-found", "document-missing"),
            Self::ImageLookUp { by: ImageKey::Config(_), found } => either(*found, "image-found", "image-missing"),
            Self::ImageLookUp { by: ImageKey::Target(_), found } => {
                either(*found, "image-target-found", "image-target-missing")
            }
            Self::Config { .. } => "config",
            Self::LayerLookUp { by, found, .. } => match by {
                LookUp::Note(_) => either(*found, "note-found", "note-missing"),
                LookUp::Chain(_) => either(*found, "chain-found", "chain-missing"),
                LookUp::Blob(_) => either(*found, "blob-found", "blob-missing"),
                LookUp::DiffId(_) => either(*found, "diff-id-found", "diff-id-missing"),
            },
            Self::LookUpStopped { .. } => "look-up-stopped",
            Self::Exists { .. } => "exists",
            Self::Fetch { .. } => "fetch",
            Self::BlobVerified { .. } => "blob-verified",
            Self::Decompress { .. } => "decompress",
            Self::DiffIdVerified { .. } => "diff-id-verified",
            Self::Register { .. } => "register",
            Self::ImageRegistered { .. } => "image-registered",
            Self::Tagged { id, was: Some(was), .. } if was != id => "tag-moved",
            Self::Tagged { .. } => "tagged",
            Self::Refused { .. } => "refused",
        }
    }

    /// Bytes that came over the network with it.
    pub fn came(&self) -> u64 {
        match self {
            Self::Index { document } | Self::Manifest { document } | Self::Config { document } => document.size,
            Self::BlobVerified { size, .. } => *size,
            _ => 0,
        }
    }
}
