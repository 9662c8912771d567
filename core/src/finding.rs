//! Findings: what is wrong, odd or worth knowing about something that could still be read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One observation. The sentence is whole on its own; the other fields let a view say it in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// One English sentence; names from the archive in it are already made harmless (see [`crate::display`]).
    pub message: String,
    /// The member, path or field it is about, made harmless.
    pub path: Option<String>,
    pub expected: Option<String>,
    pub found: Option<String>,
    /// Byte offset in the stream that was read (the archive, or the layer's decompressed tar), where one is known.
    pub offset: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Odd, and harmless.
    Note,
    /// Readers may differ, or something is not as declared.
    Warning,
    /// Something could not be read, or a digest does not match.
    Error,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What kind of finding it is: stable names, the keys of the message catalogue and of the JSON report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }
        }
    };
}

codes! {
    // the archive
    ArchiveTruncated = "archive-truncated",
    ArchiveTrailingData = "archive-trailing-data",
    ArchiveNoEndBlocks = "archive-no-end-blocks",
    MemberRepeated = "member-repeated",
    MemberUnsafeName = "member-unsafe-name",
    OciLayoutMissing = "oci-layout-missing",
    DocumentUnreadable = "document-unreadable",
    ViewsDisagree = "views-disagree",
    ImageBroken = "image-broken",
    IndexCycle = "index-cycle",
    LimitReached = "limit-reached",
    FileChanged = "file-changed",
    // an image
    BlobAbsent = "blob-absent",
    ConfigAbsent = "config-absent",
    NotAFilesystemImage = "not-a-filesystem-image",
    Attestation = "attestation",
    HistoryMismatch = "history-mismatch",
    DiffIdsMissing = "diff-ids-missing",
    DiffIdsCount = "diff-ids-count",
    ManifestDigestMismatch = "manifest-digest-mismatch",
    ConfigDigestMismatch = "config-digest-mismatch",
    TagsDropped = "tags-dropped",
    DigestNotComputed = "digest-not-computed",
    // a layer
    LayerAbsent = "layer-absent",
    LayerForeign = "layer-foreign",
    LayerEncrypted = "layer-encrypted",
    LayerDamaged = "layer-damaged",
    LayerTruncated = "layer-truncated",
    LayerNotTar = "layer-not-tar",
    LayerNoEndBlocks = "layer-no-end-blocks",
    LayerTrailingData = "layer-trailing-data",
    BlobDigestMismatch = "blob-digest-mismatch",
    BlobSizeMismatch = "blob-size-mismatch",
    DiffIdMismatch = "diff-id-mismatch",
    MediaTypeMismatch = "media-type-mismatch",
    CompressedTrailingData = "compressed-trailing-data",
    ExtensionMalformed = "extension-malformed",
    EntryUnknownType = "entry-unknown-type",
    EntryUnsafePath = "entry-unsafe-path",
    EntryTooDeep = "entry-too-deep",
    EntryRepeated = "entry-repeated",
    HardLinkUnresolved = "hard-link-unresolved",
    HardLinkCrossLayer = "hard-link-cross-layer",
    WhiteoutWithoutTarget = "whiteout-without-target",
    WhiteoutBare = "whiteout-bare",
    AufsMetadata = "aufs-metadata",
    StargzMetadata = "stargz-metadata",
    ParentNotDirectory = "parent-not-directory",
}

impl Finding {
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self { code, severity, message: message.into(), path: None, expected: None, found: None, offset: None }
    }

    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// Names what it is about. `path` comes from the archive and is made harmless here.
    pub fn at_path(mut self, path: &[u8]) -> Self {
        self.path = Some(crate::display::harmless(path));
        self
    }

    pub fn at_offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    pub fn expected_found(mut self, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        self.expected = Some(expected.to_string());
        self.found = Some(found.to_string());
        self
    }
}

/// A bounded list: the first findings are kept, the rest counted, so that a hostile layer cannot fill the memory.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    dropped: usize,
    limit: usize,
}

impl Findings {
    pub fn new(limit: usize) -> Self {
        Self { kept: Vec::new(), dropped: 0, limit }
    }

    pub fn push(&mut self, finding: Finding) {
        if self.kept.len() < self.limit {
            self.kept.push(finding);
        } else {
            self.dropped += 1;
        }
    }

    /// The same, without the cost of the sentence where it would only be counted.
    pub fn push_with(&mut self, finding: impl FnOnce() -> Finding) {
        if self.kept.len() < self.limit {
            self.kept.push(finding());
        } else {
            self.dropped += 1;
        }
    }

    /// The kept findings, and a last one that counts the dropped where there are some.
    pub fn into_vec(mut self) -> Vec<Finding> {
        if self.dropped > 0 {
            let message = format!("{} further findings are not listed.", self.dropped);
            self.kept
                .push(Finding::note(Code::LimitReached, message).expected_found(self.limit, self.limit + self.dropped));
        }
        self.kept
    }
}
