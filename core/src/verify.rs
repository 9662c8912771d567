//! Verification: what was declared, what was computed, and whether the two are one.

use serde::{Deserialize, Serialize};

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
