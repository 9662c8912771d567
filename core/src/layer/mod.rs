//! A layer: a tar of changes, stored as it is or compressed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    digest::{DiffId, Digest},
    finding::Finding,
};

pub mod changeset;
mod content;
pub mod decompress;
mod entry;
pub mod read;
pub mod tar;

/// Compression of a stored layer, by its first bytes and never by its media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// What reading a layer's bytes once, to their end, has told: all of it computed, nothing declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerSummary {
    pub compression: Compression,
    /// Bytes as stored, and their digest.
    pub blob_size: u64,
    pub blob_digest: Digest,
    /// Bytes of the whole decompressed stream, and their digest.
    pub tar_size: u64,
    pub diff_id: DiffId,
    /// Tar members; PAX and GNU helper headers are none, a root `./` is one.
    pub entries: u64,
    /// Members by [`changeset::EntryKind::word`].
    pub types: BTreeMap<String, u64>,
    /// Sizes of regular members summed (logical size of sparse ones).
    pub regular_bytes: u64,
    pub findings: Vec<Finding>,
}

/// A layer, read.
#[derive(Clone, Debug)]
pub struct LayerReading {
    pub summary: LayerSummary,
    pub changeset: changeset::Changeset,
}
