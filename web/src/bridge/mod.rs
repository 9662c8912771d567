//! The page's side of the worker boundary.

use js_sys::ArrayBuffer;
use layerlab_core::{
    archive::{BlobId, ImageArchive, Outer},
    layer::LayerSummary,
    report::Report,
    verify::Answer,
};
use std::rc::Rc;
use yew::Callback;

use crate::protocol::{ArchiveId, Failure, Passes, SourceInfo};

/// What the workers tell the page.
#[derive(Clone, Debug)]
pub enum Event {
    Opening { id: ArchiveId, outer: Outer, done: u64, total: u64 },
    Planned { id: ArchiveId, plan: Rc<ImageArchive>, passes: Passes },
    LayerProgress { id: ArchiveId, blob: BlobId, stored: u64 },
    LayerRead { id: ArchiveId, blob: BlobId, summary: Rc<LayerSummary> },
    LayerFailed { id: ArchiveId, blob: BlobId, failure: Failure },
    Done { id: ArchiveId, report: Rc<Report> },
    Json { id: ArchiveId, bytes: ArrayBuffer },
    Trust { id: ArchiveId, answers: Vec<Answer> },
    Failed { id: ArchiveId, failure: Failure },
}

/// Starts, queues and terminates the workers.
#[derive(Debug)]
pub struct Bridge {
    on_event: Callback<Event>,
}

impl Bridge {
    pub fn new(on_event: Callback<Event>) -> Self {
        Self { on_event }
    }

    pub fn open(&self, _id: ArchiveId, _files: Vec<web_sys::File>, _info: SourceInfo) {
        let _ = &self.on_event;
    }

    pub fn cancel(&self, _id: ArchiveId) {}

    pub fn close(&self, _id: ArchiveId) {}

    pub fn export_json(&self, _id: ArchiveId) {}

    pub fn trust(&self, _id: ArchiveId, _text: String) {}
}
