//! Catalogue keys of the engine's enumerations.

use layerlab_core::{
    archive::{ArchiveKind, DocumentRole, ImageNature},
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
        Archive = "archive",
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
