//! The only types that cross the worker boundary.
//!
//! A message is one JavaScript object (see [`Message`]): postcard bytes beside raw values, because a `File` cannot be
//! serialised and a changeset's buffer is transferred, not copied. One wasm binary serves all workers; the first
//! message decides the role.

mod message;

use layerlab_core::{
    archive::{BlobId, ImageArchive, LayerBlob, Outer},
    error::ArchiveError,
    finding::Finding,
    layer::{LayerSummary, changeset::ContentKey},
    report::Report,
    verify::Answer,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use self::message::Message;

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

/// To a worker. A worker serves one role in its life: that of its first message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ToWorker {
    Archive(ToArchive),
    Layers(LayerJobs),
    /// Hash what arrives through `port`.
    Hash,
    /// To the program `explorer`, which serves nothing else.
    Explorer(ToExplorer),
}

/// From a worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FromWorker {
    /// The worker listens: what was sent before is lost.
    Ready,
    Archive(FromArchive),
    Layers(FromLayers),
    /// The worker died: a panic, a trap, or memory that could not be had.
    Crashed,
}

/// What any program of ours says in a worker.
pub trait FromProgram: Serialize + DeserializeOwned + 'static {
    /// It listens: what was sent before is lost.
    fn is_ready(&self) -> bool;

    /// That it died: a panic, a trap, or memory that could not be had.
    fn crashed() -> Self;
}

impl FromProgram for FromWorker {
    fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    fn crashed() -> Self {
        Self::Crashed
    }
}

/// From the page to the tree worker of one archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ToArchive {
    /// `files` holds the files of `source`.
    Open { source: SourceInfo, key: ContentKey },
    /// `buffer` holds the encoded changeset.
    Layer { blob: BlobId, summary: LayerSummary },
    /// A layer worker could not read its blob.
    LayerFailed { blob: BlobId, failure: Failure },
    /// Asks for the report as the bytes of the JSON document, in `buffer` of the answer.
    ExportJson,
    /// Hands plan, report and changesets over through `port` as soon as the report is made. What is handed over is
    /// forgotten: two copies of a million paths would be too many.
    HandOver,
    /// Asks what a pasted text says about the images of this archive.
    Trust { text: String },
}

/// From the page to the explorer of one archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ToExplorer {
    /// `port` is the one through which the tree worker hands the archive over ([`Handed`]); `files` holds what the
    /// layers are in.
    Begin { source: SourceInfo, passes: Passes, key: ContentKey },
    /// `port` is a client's: it asks and is answered there, in the words of the crate `layerlab-explore`.
    Client,
}

/// From the tree worker of an archive to its explorer, once and in this order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Handed {
    Archive {
        plan: Box<ImageArchive>,
        outer: Outer,
        report: Box<Report>,
    },
    /// `buffer` holds the encoded changeset.
    Layer {
        blob: BlobId,
        summary: LayerSummary,
    },
    /// The layer could not be read.
    Lost {
        blob: BlobId,
        finding: Finding,
    },
    /// Nothing more comes.
    All,
}

/// From the tree worker to the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FromArchive {
    /// Listing the members (`done` of `total` is 0 of the file's size), or, where `outer` is a compression, passing
    /// through the compressed file: stored bytes.
    Opening {
        outer: Outer,
        done: u64,
        total: u64,
    },
    /// The plan: the layers in `plan.blobs` are now to be read. Where `files` is present it replaces the source.
    Planned {
        plan: Box<ImageArchive>,
        passes: Passes,
    },
    /// Only with [`Passes::Two`].
    LayerProgress {
        blob: BlobId,
        stored: u64,
    },
    /// Only with [`Passes::Two`].
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
        answers: Vec<Answer>,
    },
    Failed(Failure),
}

/// How the layers of an archive are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Passes {
    /// At random in the file that was opened.
    Direct,
    /// At random in the decompressed archive, which was spooled into the browser's private file system.
    Spooled,
    /// No spool could be had: the tree worker decompresses the archive a second time and reads the layers itself.
    Two,
}

/// From the page to a layer worker of the pool: some blobs of one archive. `files` holds what they are in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerJobs {
    pub key: ContentKey,
    /// Bytes that may be gathered in one piece for the browser's own digest.
    pub gather: u64,
    /// Ascending by location; the volume is an index into the message's `files`.
    pub jobs: Vec<LayerJob>,
    /// Sizes that the files had when they were accepted: another one now means that the file changed.
    pub sizes: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerJob {
    pub blob: BlobId,
    pub layer: LayerBlob,
}

/// From a layer worker to the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FromLayers {
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
    /// All jobs are answered. `memory` is the size of the worker's wasm memory in bytes.
    Idle {
        memory: u64,
    },
}

/// Why an archive or a layer could not be read: a key for the message catalogue, and the core's English sentence.
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

impl Failure {
    pub fn new(code: FailureCode, sentence: impl Into<String>) -> Self {
        Self { code, detail: String::new(), sentence: sentence.into() }
    }

    pub fn crashed() -> Self {
        Self::new(FailureCode::Crashed, "The worker that read it stopped: it probably ran out of memory.")
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        let error = match error {
            ArchiveError::Io(error) => return error.into(),
            error => error,
        };
        let code = match &error {
            ArchiveError::NothingReadable { .. } => FailureCode::NoImages,
            ArchiveError::NotAnArchive { .. } => FailureCode::NotAnArchive,
            ArchiveError::Document { .. } => FailureCode::Document,
            ArchiveError::NoImages { .. } => FailureCode::NoImages,
            ArchiveError::OuterDamaged { .. } => FailureCode::OuterDamaged,
            ArchiveError::Limit { .. } => FailureCode::Limit,
            ArchiveError::Changed => FailureCode::Changed,
            ArchiveError::Io(_) => FailureCode::Unreadable,
        };
        let detail = match &error {
            ArchiveError::NotAnArchive { seems } => seems.to_string(),
            _ => String::new(),
        };
        Self { code, detail, sentence: error.to_string() }
    }
}
