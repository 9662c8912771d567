//! The JSON report: the analyser's whole result as one document.
//!
//! Field order and list order are fixed, so that every front end writes the same bytes. Keys may be added within a
//! schema version, never renamed. All types here are plain, so that a report also travels in postcard.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    archive::{ArchiveKind, ImageNature, Outer, Via},
    cost::{Fix, Known},
    digest::{ChainId, DiffId, Digest, ImageId},
    finding::Finding,
    layer::Compression,
    spec::platform::Platform,
    verify::Check,
};

mod assemble;
mod json;
mod layer;
mod stack;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use assemble::{Readings, assemble};
pub use json::{document_to_json, to_json};
pub use stack::{layers, merged_tree};

/// The `schema` of every report this version writes.
pub const SCHEMA: &str = "layerlab.report/1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub schema: String,
    /// Base name of what was opened.
    pub file: String,
    /// Bytes of the file; of all files for a folder.
    pub size: u64,
    pub outer: Outer,
    pub kind: ArchiveKind,
    pub findings: Vec<Finding>,
    pub images: Vec<ImageReport>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageReport {
    pub via: Via,
    pub nature: ImageNature,
    pub tags: Vec<String>,
    pub manifest_digest: Option<Digest>,
    pub manifest_media_type: Option<String>,
    pub artifact_type: Option<String>,
    pub index_digest: Option<Digest>,
    /// What Docker on containerd's store prints as the image ID: the digest of the index inside the archive's own
    /// `index.json`, else of the manifest.
    pub containerd_id: Option<Digest>,
    pub platform: Option<Platform>,
    pub config_digest: Option<ImageId>,
    pub os: Option<String>,
    pub architecture: Option<String>,
    pub variant: Option<String>,
    pub created: Option<String>,
    pub history: u64,
    pub history_empty: u64,
    /// Base first.
    pub layers: Vec<LayerReport>,
    /// `None` where a layer is absent.
    pub merged: Option<Merged>,
    pub shadowed_bytes: Option<u64>,
    pub efficiency: Option<Efficiency>,
    pub dive: Option<Dive>,
    /// Every comparison of a declared with a computed digest or size, in the order of the chain.
    pub checks: Vec<Check>,
    pub findings: Vec<Finding>,
}

impl ImageReport {
    /// New Docker saves list an image twice, in `manifest.json` and in `index.json`: one config on one stack of layers.
    pub fn same_stack(&self, other: &Self) -> bool {
        let stack = |image: &Self| image.layers.iter().map(|layer| layer.diff_id.clone()).collect::<Option<Vec<_>>>();
        let own = stack(self);
        self.config_digest == other.config_digest && own.is_some() && own == stack(other)
    }
}

/// One layer's place in an image. What was not computed (an absent blob) is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerReport {
    /// 0 is the base.
    pub index: u64,
    pub path: String,
    pub media_type: Option<String>,
    pub blob_digest: Option<Digest>,
    pub blob_size: Option<u64>,
    pub digest_declared: Option<Digest>,
    pub size_declared: Option<i64>,
    /// Digest and size both; `None` where none is declared or none was computed.
    pub digest_ok: Option<bool>,
    pub compression: Option<Compression>,
    pub tar_size: Option<u64>,
    pub diff_id: Option<DiffId>,
    pub diff_id_declared: Option<DiffId>,
    /// True only where a diff_id is declared and equal; `None` where none was computed.
    pub diff_id_ok: Option<bool>,
    /// `None` from the first absent layer upward.
    pub chain_id: Option<ChainId>,
    pub created_by: Option<String>,
    pub entries: Option<u64>,
    pub types: BTreeMap<String, u64>,
    pub regular_bytes: Option<u64>,
    /// `None` where a layer below or this one is absent.
    pub counts: Option<Counts>,
    pub contribution_bytes: Option<i64>,
    pub cumulative_bytes: Option<u64>,
    pub findings: Vec<Finding>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub added: u64,
    pub modified: u64,
    pub modified_content: u64,
    pub modified_meta_only: u64,
    pub modified_type: u64,
    pub relisted: u64,
    pub removed: u64,
    pub whiteouts: u64,
    pub opaque_dirs: u64,
    pub whiteouts_without_target: u64,
}

/// The tree after the last layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merged {
    /// Root excluded, implicit parents included.
    pub paths: u64,
    pub types: BTreeMap<String, u64>,
    /// Regular bytes, each hard-link group once.
    pub bytes: u64,
    /// Regular bytes, for every name.
    pub bytes_apparent: u64,
    /// SHA-256 over the sorted path bytes joined by newlines; `None` where listing them would pass the bound.
    pub paths_sha256: Option<String>,
}

/// Where the stored bytes went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Efficiency {
    /// `merged.bytes` over the stored regular bytes; 1 when nothing is stored.
    pub score: f64,
    /// Bytes by cause: every cause is present, they are disjoint and sum to `shadowed_bytes`.
    pub causes: BTreeMap<Cause, u64>,
    /// Largest first, then by layer and path.
    pub ledger: Vec<LedgerEntry>,
    /// What the bound on rows left out of `ledger`.
    pub ledger_rest: Rest,
    /// The same content visible at several paths: no part of the sum.
    pub duplicates: Vec<Duplicate>,
    pub duplicates_rest: Rest,
    /// What tools have left behind and the merged tree still shows, largest first: no part of the sum.
    pub leftovers: Vec<Leftover>,
    pub leftovers_rest: Rest,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    pub rows: u64,
    pub bytes: u64,
}

/// Why stored bytes are not seen in the final tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Overwritten with other content, or by something that is no file.
    Overwritten,
    /// Written again with the same content and other metadata.
    MetadataOnly,
    /// Written again with nothing but another time.
    TimeOnly,
    /// The same path twice in one layer.
    RepeatedInLayer,
    /// Deleted by its own whiteout.
    Deleted,
    /// Deleted with a directory above it.
    DeletedWithDirectory,
    /// Hidden by an opaque directory.
    HiddenByOpaque,
    /// Below a directory that a non-directory replaced.
    DirectoryReplaced,
    /// Carried by a member that is no path of the tree (a whiteout marker with content, AUFS metadata).
    NoPath,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub cause: Cause,
    /// The layer that stores the bytes.
    pub layer: u64,
    pub path: String,
    pub bytes: u64,
    /// The layer that caused it, and its instruction.
    pub by_layer: u64,
    pub by_instruction: Option<String>,
    /// The kind of leftover that it was, where it was one.
    pub known: Option<Known>,
    pub fix: Fix,
}

/// A place of leftovers, and what one layer stores there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leftover {
    pub known: Known,
    pub layer: u64,
    /// The directory.
    pub path: String,
    /// What removing it frees of the layer.
    pub bytes: u64,
    pub files: u64,
    /// What made the layer.
    pub instruction: Option<String>,
    pub fix: Fix,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duplicate {
    /// Bytes of one copy.
    pub bytes: u64,
    /// Inodes that hold the content.
    pub copies: u64,
    /// Bytes of all copies but one.
    pub wasted: u64,
    /// The first name of each copy, sorted; at most a hundred.
    pub paths: Vec<DuplicatePath>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicatePath {
    pub layer: u64,
    pub path: String,
}

/// dive 0.13.1's own figures, for comparison.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dive {
    pub efficiency: f64,
    pub wasted_bytes: u64,
    pub user_wasted_percent: Option<f64>,
}
