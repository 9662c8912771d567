//! Catalogue keys of the engine's enumerations.

use layerlab_core::{
    archive::{ArchiveKind, DocumentRole, ImageNature},
    error::Seems,
    finding::Severity,
    report::Cause,
    verify::{Because, Given, Matched, Subject, Verdict},
};

use crate::protocol::FailureCode;

macro_rules! words {
    ($($(#[$doc:meta])* $function:ident($type:ident) $prefix:literal { $($variant:ident = $word:literal,)* })*) => {
        $($(#[$doc])* pub fn $function(value: $type) -> &'static str {
            match value { $($type::$variant => concat!($prefix, ".", $word),)* }
        })*

        /// All keys of this file, for the test that each has a text.
        pub fn all() -> Vec<&'static str> {
            vec![$($(concat!($prefix, ".", $word),)*)*]
        }
    };
}

words! {
    kind(ArchiveKind) "kind" {
        DockerArchive = "docker-archive",
        OciArchive = "oci-archive",
        OciLayout = "oci-layout",
        DockerDir = "docker-dir",
        DockerV1 = "docker-v1",
        Layer = "layer",
        Rootfs = "rootfs",
    }
    role(DocumentRole) "role" {
        DockerManifest = "docker-manifest",
        Repositories = "repositories",
        OciLayout = "oci-layout",
        Index = "index",
        Manifest = "manifest",
        Config = "config",
        V1Json = "v1-json",
        Artifact = "artifact",
    }
    nature(ImageNature) "nature" {
        Filesystem = "filesystem",
        Attestation = "attestation",
        Artifact = "artifact",
        Absent = "absent",
    }
    severity(Severity) "severity" {
        Note = "note",
        Warning = "warning",
        Error = "error",
    }
    verdict(Verdict) "verdict" {
        Match = "match",
        Mismatch = "mismatch",
        NotChecked = "not-checked",
    }
    subject(Subject) "subject" {
        ManifestDigest = "manifest-digest",
        ManifestSize = "manifest-size",
        ConfigDigest = "config-digest",
        ConfigSize = "config-size",
        BlobDigest = "blob-digest",
        BlobSize = "blob-size",
        DiffId = "diff-id",
        ChainId = "chain-id",
    }
    failure(FailureCode) "failure" {
        NotAnArchive = "not-an-archive",
        Document = "document",
        NoImages = "no-images",
        OuterDamaged = "outer-damaged",
        Limit = "limit",
        Changed = "changed",
        Unreadable = "unreadable",
        Crashed = "crashed",
    }
    cause(Cause) "cause" {
        Overwritten = "overwritten",
        MetadataOnly = "metadata-only",
        TimeOnly = "time-only",
        RepeatedInLayer = "repeated-in-layer",
        Deleted = "deleted",
        DeletedWithDirectory = "deleted-with-directory",
        HiddenByOpaque = "hidden-by-opaque",
        DirectoryReplaced = "directory-replaced",
        NoPath = "no-path",
    }
    /// What a pasted text was compared with.
    matched(Matched) "matched" {
        ImageId = "image-id",
        ManifestDigest = "manifest-digest",
        IndexDigest = "index-digest",
        LayerBlob = "layer-blob",
        DiffId = "diff-id",
        DiffIds = "diff-ids",
        ChainId = "chain-id",
    }
    because(Because) "because" {
        NoManifestInArchive = "no-manifest",
        ManifestMadeOnSaving = "manifest-made-on-saving",
        UnknownRole = "unknown-role",
        LayersAbsent = "layers-absent",
        AlgorithmNotComputed = "algorithm",
    }
    /// What a pasted text was taken for.
    given(Given) "given" {
        Digest = "digest",
        RepoDigest = "repo-digest",
        DockerInspect = "docker-inspect",
        ManifestDocument = "manifest-document",
        IndexDocument = "index-document",
        ConfigDocument = "config-document",
    }
}

/// A key without its prefix: a name for classes and data attributes.
pub fn name(key: &'static str) -> &'static str {
    key.rsplit('.').next().unwrap_or(key)
}

/// What a file that is no archive seems to be: the engine says it in English words, which are the key here. A
/// picture or a compressed stream carries the name of its format, which needs no translation.
const SEEMS: [(Seems, &str); 11] = [
    (Seems::Empty, "seems.empty"),
    (Seems::Zeros, "seems.zeros"),
    (Seems::Text, "seems.text"),
    (Seems::Json, "seems.json"),
    (Seems::DockerHistory, "seems.docker-history"),
    (Seems::Zip, "seems.zip"),
    (Seems::Pdf, "seems.pdf"),
    (Seems::Executable, "seems.executable"),
    (Seems::DamagedTar, "seems.damaged-tar"),
    (Seems::Folder, "seems.folder"),
    (Seems::Unknown, "seems.unknown"),
];

/// The key of the engine's words for what a file seems to be, where there is one.
pub fn seems(detail: &str) -> Option<&'static str> {
    SEEMS.iter().find(|(seems, _)| seems.to_string() == detail).map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_seems_to_be_has_words() {
        for (seems_to_be, key) in SEEMS {
            assert_eq!(seems(&seems_to_be.to_string()), Some(key));
            assert_ne!(crate::i18n::text(key), key);
        }
        assert_eq!(seems("a PNG picture"), None);
    }
}
