//! Verification: what was declared, what was computed, and whether the two are one.

use serde::{Deserialize, Serialize};

mod checks;
mod claim;
mod forms;
mod trust;

pub use checks::{checks, same_diff_id, same_digest};
pub use forms::{Forms, forms};
pub use trust::{MAX_TEXT_BYTES, trust};

/// One comparison. A tick is shown only for [`Verdict::Match`]: where nothing was computed it says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub subject: Subject,
    /// The layer it is about, base first from 0.
    pub layer: Option<u64>,
    /// Who declares it, in words a person can look up ("manifest.json", "the config's diff_ids[2]").
    pub declared_by: Option<String>,
    pub declared: Option<String>,
    pub computed: Option<String>,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    ManifestDigest,
    ManifestSize,
    ConfigDigest,
    ConfigSize,
    BlobDigest,
    BlobSize,
    DiffId,
    ChainId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Match,
    Mismatch,
    /// Nothing was declared, or nothing could be computed (absent blob, unknown algorithm).
    NotChecked,
}

/// What a text that someone trusts (a digest, a reference, the output of an inspect command, a document) says
/// about one image of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Index into the report's images.
    pub image: u64,
    pub trust: Trust,
    /// What the text was taken for.
    pub given: Given,
    /// The value the text gives.
    pub expected: String,
    /// The computed value it was held against.
    pub found: Option<String>,
}

/// Equal to what you trust is more than consistent with itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    Equals(Matched),
    Contradicts(Matched),
    Undecidable(Because),
}

/// Which digest of the image was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    ImageId,
    ManifestDigest,
    IndexDigest,
    LayerBlob,
    DiffId,
    DiffIds,
    ChainId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// A registry's digest was given, and the archive carries no manifest (a legacy save).
    NoManifestInArchive,
    /// The archive's manifest was made on saving (other compression, other media types): the registry's may differ
    /// although the image is the same.
    ManifestMadeOnSaving,
    /// A digest of unknown role equals nothing here; it may be one that this archive does not carry.
    UnknownRole,
    LayersAbsent,
    AlgorithmNotComputed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    Digest,
    RepoDigest,
    DockerInspect,
    ManifestDocument,
    IndexDocument,
    ConfigDocument,
}
