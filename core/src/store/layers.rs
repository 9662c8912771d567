//! The layer store: unpacked layers by chain ID, and what is known of blobs whose layers were unpacked once.
//!
//! Source: OCI image-spec, config.md ("Layer ChainID"); moby, `layer/layer_store.go` and
//! `distribution/metadata/v2_metadata_service.go`.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{
    digest::{ChainId, DiffId, Digest},
    layer::{
        Compression, LayerReading,
        changeset::{Changeset, EntryKind},
    },
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layers {
    by_chain: BTreeMap<ChainId, StoredLayer>,
    diff_ids: BTreeMap<Digest, DiffId>,
}

/// A layer in its place: the same diff on another parent is another layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLayer {
    pub diff_id: DiffId,
    /// `None` for a base layer.
    pub parent: Option<ChainId>,
    pub facts: Option<LayerFacts>,
}

/// What is known of a layer once it was decompressed; before that nobody has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerFacts {
    pub compression: Compression,
    /// Bytes of the decompressed tar.
    pub tar_size: u64,
    /// See [`unpacked_size`].
    pub unpacked_size: u64,
}

impl From<&LayerReading> for LayerFacts {
    fn from(reading: &LayerReading) -> Self {
        Self {
            compression: reading.summary.compression,
            tar_size: reading.summary.tar_size,
            unpacked_size: unpacked_size(&reading.changeset),
        }
    }
}

/// Bytes that an unpacked layer takes as overlay2 counts them: regular files, a hard-linked one once, and the targets
/// of symbolic links. Directories and whiteouts count nothing.
pub fn unpacked_size(changeset: &Changeset) -> u64 {
    let mut last: BTreeMap<_, u64> = BTreeMap::new();
    for entry in &changeset.entries {
        let bytes = match entry.kind {
            EntryKind::File { .. } => entry.size,
            EntryKind::Symlink { target } => changeset.target(target).len() as u64,
            EntryKind::HardLink { .. } | EntryKind::Directory => 0,
            EntryKind::CharDevice(_) | EntryKind::BlockDevice(_) | EntryKind::Fifo => 0,
            EntryKind::Other(_) | EntryKind::Whiteout(_) => continue,
        };
        // A path that is written twice keeps what was written last.
        last.insert(entry.path, bytes);
    }
    last.values().copied().fold(0, u64::saturating_add)
}

impl Layers {
    pub fn contains(&self, chain: &ChainId) -> bool {
        self.by_chain.contains_key(chain)
    }

    pub fn get(&self, chain: &ChainId) -> Option<&StoredLayer> {
        self.by_chain.get(chain)
    }

    /// In the order of the chain IDs.
    pub fn iter(&self) -> impl Iterator<Item = (&ChainId, &StoredLayer)> {
        self.by_chain.iter()
    }

    pub fn len(&self) -> usize {
        self.by_chain.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_chain.is_empty()
    }

    /// The diff_id of a blob that was decompressed here once. Docker keeps these notes even when the layer is gone.
    pub fn diff_id_of(&self, blob: &Digest) -> Option<&DiffId> {
        self.diff_ids.get(blob)
    }

    /// Blob digests and the diff_ids they turned out to have.
    pub fn notes(&self) -> impl Iterator<Item = (&Digest, &DiffId)> {
        self.diff_ids.iter()
    }

    /// Different contents among the layers.
    pub fn diffs(&self) -> HashSet<&DiffId> {
        self.by_chain.values().map(|layer| &layer.diff_id).collect()
    }

    pub(super) fn insert(&mut self, chain: ChainId, layer: StoredLayer) {
        let present = self.by_chain.entry(chain).or_insert_with(|| layer.clone());
        present.facts = present.facts.or(layer.facts);
    }

    pub(super) fn remember(&mut self, blob: &Digest, diff_id: &DiffId) {
        self.diff_ids.insert(blob.clone(), diff_id.clone());
    }

    pub(super) fn remove(&mut self, chain: &ChainId) -> Option<StoredLayer> {
        self.by_chain.remove(chain)
    }
}
