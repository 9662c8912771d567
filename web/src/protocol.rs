//! The only types that cross the worker boundary.
//!
//! Messages are postcard bytes beside raw JavaScript values (a `File` cannot be serialised, a changeset's buffer is
//! transferred): each message is one object `{ head: Uint8Array, files?: File[], buffer?: ArrayBuffer }`.

use layerlab_core::{
    archive::{BlobId, ImageArchive, LayerBlob, Outer},
    layer::{LayerSummary, changeset::ContentKey},
    report::Report,
};
use serde::{Deserialize, Serialize};

/// An opened archive, numbered by the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArchiveId(pub u32);

/// What was dropped: a file, or the files of a folder with their paths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceInfo {
    pub name: String,
    pub size: u64,
    pub folder: bool,
    /// Paths inside the folder, in the order of the message's `files`; one name for a single file.
    pub paths: Vec<String>,
}

/// From the page to the tree worker of one archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToArchive {
    /// `files` holds the files of `source`.
    Open { id: ArchiveId, source: SourceInfo, key: ContentKey },
    /// `buffer` holds the encoded changeset.
    Layer { blob: BlobId, summary: LayerSummary },
    /// A layer worker could not read its file (gone, changed, no permission).
    LayerFailed { blob: BlobId, failure: Failure },
    /// Asks for the report as the bytes of the JSON document, in `buffer` of the answer.
    ExportJson,
    /// Asks what a pasted text says about the images of this archive.
    Trust { text: String },
}

/// From the tree worker to the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FromArchive {
    Ready,
    /// Spooling an archive that is compressed as a whole, or listing its members.
    Opening {
        outer: Outer,
        done: u64,
        total: u64,
    },
    /// The plan: the layers in `plan.blobs` are now to be read. Where `files` is present it replaces the source
    /// (the decompressed spool); `read_here` says that no spool was possible and the tree worker itself reads the
    /// layers in a second pass.
    Planned {
        plan: Box<ImageArchive>,
        read_here: bool,
    },
    /// Only when `read_here`.
    Progress {
        blob: BlobId,
        stored: u64,
    },
    LayerRead {
        blob: BlobId,
        summary: LayerSummary,
    },
    Done {
        report: Box<Report>,
    },
    /// `buffer` holds the JSON.
    Json,
    Trust {
        answers: Vec<layerlab_core::verify::Answer>,
    },
    Failed(Failure),
}

/// From the page to a layer worker of the pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerJob {
    pub archive: ArchiveId,
    pub blob: BlobId,
    /// Location relative to `files[0]` of the message.
    pub job: LayerBlob,
    pub key: ContentKey,
    /// Size the file had when it was accepted: another one now means that it changed.
    pub file_size: u64,
}

/// From a layer worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromLayer {
    Ready,
    Progress {
        blob: BlobId,
        stored: u64,
    },
    /// `buffer` holds the encoded changeset.
    Read {
        blob: BlobId,
        summary: LayerSummary,
    },
    Failed {
        blob: BlobId,
        failure: Failure,
    },
}

/// Why an archive could not be opened: a key for the message catalogue, and the core's English sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub code: FailureCode,
    /// For `NotAnArchive`: what it seems to be. Made harmless.
    pub detail: String,
    pub sentence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureCode {
    NotAnArchive,
    Document,
    NoImages,
    OuterDamaged,
    Limit,
    Changed,
    Unreadable,
    /// The worker itself died (out of memory, say).
    Crashed,
}
