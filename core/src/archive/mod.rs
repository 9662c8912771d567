//! Image archives: where bytes become images, layers and documents.
//!
//! [`ImageArchive`] is the plan of an archive: all that its documents say, and where each layer's bytes are. It is
//! made without reading any layer; layers are read one by one (in any order, on any worker) from their
//! [`Location`]s, and `report` puts plan and readings together.

mod dir;
mod docker;
mod document;
mod manifest;
pub mod member;
mod oci;
mod open;
mod plan;
pub mod scan;
pub mod sniff;
pub mod source;
mod stream;
mod tape;
mod v1;

use serde::{Deserialize, Serialize};

pub use self::stream::read_layers_in_stream;
use crate::{
    digest::{Algorithm, DiffId, Digest, ImageId},
    finding::Finding,
    spec::{config::ImageConfig, platform::Platform},
};

/// What the archive is, decided by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveKind {
    DockerArchive,
    OciArchive,
    OciLayout,
    DockerDir,
    DockerV1,
    Layer,
    Rootfs,
}

/// Compression around the whole archive (a folder is `Dir`), by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outer {
    None,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Dir,
}

/// Where bytes are: in which of the opened files, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Location {
    /// 0 for a single archive; the index of the file in a dropped folder.
    pub volume: u32,
    pub offset: u64,
    pub size: u64,
}

/// Index into [`ImageArchive::blobs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobId(pub u32);

/// The plan of one archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImageArchive {
    pub kind: ArchiveKind,
    pub findings: Vec<Finding>,
    /// In the archive's own order: `manifest.json` first, then the indexes.
    pub images: Vec<Image>,
    /// Each layer's bytes once, however many images and names point at them.
    pub blobs: Vec<LayerBlob>,
    /// The documents that were read, for people to open.
    pub documents: Vec<Document>,
}

/// A layer's bytes, to be read once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerBlob {
    pub location: Location,
    /// The member or file name, made harmless.
    pub path: String,
    /// The algorithms in which its digests are declared; SHA-256 where nothing is declared.
    pub blob_algorithm: Algorithm,
    pub diff_id_algorithm: Algorithm,
    /// False for blobs that no layer media type describes (an attestation's JSON): hashed, not parsed.
    pub expect_tar: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The member or file name, made harmless.
    pub path: String,
    pub location: Location,
    pub role: DocumentRole,
    /// Computed from its bytes.
    pub digest: Digest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentRole {
    DockerManifest,
    Repositories,
    OciLayout,
    Index,
    Manifest,
    Config,
    V1Json,
    Artifact,
}

/// Which document lists the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    Docker,
    Oci,
    V1,
    Dir,
    /// A bare layer or rootfs tarball: nothing lists it.
    Bare,
}

/// What a listed manifest stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageNature {
    Filesystem,
    /// BuildKit's provenance or SBOM, listed beside the image it is about.
    Attestation,
    /// Helm charts, wasm, models: blobs that are no layers of a file system.
    Artifact,
    /// Listed, and nothing of it can be opened: its manifest, or its config and every layer, is not in this archive.
    Absent,
}

/// One image, as one manifest lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    pub via: Via,
    pub nature: ImageNature,
    /// As written in the archive: hostile text until displayed.
    pub tags: Vec<String>,
    pub manifest: Option<ManifestRef>,
    /// The index document that lists the manifest (its computed digest).
    pub index_digest: Option<Digest>,
    /// From the index's descriptor.
    pub platform: Option<Platform>,
    pub config: Option<ConfigRef>,
    /// Base first.
    pub layers: Vec<ImageLayer>,
    pub findings: Vec<Finding>,
}

/// A manifest: what its descriptor declared, what was computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestRef {
    pub declared: Option<Digest>,
    pub declared_size: Option<u64>,
    /// `None` where the document is not in the archive.
    pub digest: Option<Digest>,
    pub size: Option<u64>,
    pub media_type: Option<String>,
    pub artifact_type: Option<String>,
}

/// A config document: what the manifest or its file name declared, what was computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigRef {
    pub path: String,
    /// From the manifest's descriptor, or from a file name of the form `<hex>.json` or `blobs/sha256/<hex>`.
    pub declared: Option<Digest>,
    pub declared_size: Option<u64>,
    pub digest: ImageId,
    pub size: u64,
    pub config: ImageConfig,
}

/// A layer's place in an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageLayer {
    /// As the manifest writes it (a member name, or `blobs/<algorithm>/<encoded>`), made harmless.
    pub path: String,
    pub media_type: Option<String>,
    /// From the manifest's descriptor; for a member named by its digest nothing is declared by the manifest.
    pub declared: Option<DeclaredBlob>,
    pub diff_id_declared: Option<DiffId>,
    pub created_by: Option<String>,
    pub source: LayerSource,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredBlob {
    pub digest: Digest,
    /// Signed, because a hostile manifest may say so.
    pub size: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LayerSource {
    Blob(BlobId),
    /// Not in this archive; the finding says why that is or is not an error.
    Absent(Finding),
}
