//! What the workers tell the page.

use std::rc::Rc;

use js_sys::ArrayBuffer;
use layerlab_core::{
    archive::{BlobId, ImageArchive, Outer},
    layer::LayerSummary,
    report::Report,
    verify::Answer,
};

use crate::protocol::{ArchiveId, Failure, Passes};

#[derive(Clone, Debug)]
pub enum Event {
    /// `done` of `total` bytes of the file have passed; 0 while members are listed.
    Opening {
        id: ArchiveId,
        outer: Outer,
        done: u64,
        total: u64,
    },
    Planned {
        id: ArchiveId,
        plan: Rc<ImageArchive>,
        passes: Passes,
    },
    /// Stored bytes of the blob that are read.
    LayerProgress {
        id: ArchiveId,
        blob: BlobId,
        stored: u64,
    },
    LayerRead {
        id: ArchiveId,
        blob: BlobId,
        summary: Rc<LayerSummary>,
    },
    /// The layer could not be read; the report will say so in its place.
    LayerFailed {
        id: ArchiveId,
        blob: BlobId,
        failure: Failure,
    },
    Done {
        id: ArchiveId,
        report: Rc<Report>,
    },
    /// The report as a JSON document.
    Json {
        id: ArchiveId,
        bytes: ArrayBuffer,
    },
    Trust {
        id: ArchiveId,
        answers: Vec<Answer>,
    },
    /// Nothing more comes from this archive.
    Failed {
        id: ArchiveId,
        failure: Failure,
    },
}
