//! The content store: documents and layers as they were stored at the registry, by digest.
//!
//! Source: OCI image-spec, image-layout.md ("Blobs"); containerd, `core/content`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Document;
use crate::digest::Digest;

/// What is here, each digest once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    blobs: BTreeMap<Digest, Blob>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// Bytes as stored.
    pub size: u64,
    pub role: BlobRole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlobRole {
    Index,
    Manifest,
    Config,
    Layer,
}

impl Content {
    pub fn contains(&self, digest: &Digest) -> bool {
        self.blobs.contains_key(digest)
    }

    pub fn get(&self, digest: &Digest) -> Option<&Blob> {
        self.blobs.get(digest)
    }

    /// In the order of the digests.
    pub fn iter(&self) -> impl Iterator<Item = (&Digest, &Blob)> {
        self.blobs.iter()
    }

    /// Bytes of all blobs.
    pub fn size(&self) -> u64 {
        self.blobs.values().map(|blob| blob.size).fold(0, u64::saturating_add)
    }

    pub(super) fn insert(&mut self, document: &Document, role: BlobRole) {
        self.blobs.entry(document.digest.clone()).or_insert(Blob { size: document.size, role });
    }

    pub(super) fn remove(&mut self, digest: &Digest) -> Option<Blob> {
        self.blobs.remove(digest)
    }
}
