//! One opened archive, as the page knows it.

use layerlab_core::{
    archive::{BlobId, ImageArchive, ImageNature, Outer},
    digest::Digest,
    layer::LayerSummary,
    report::Report,
    verify::Answer,
};

use super::{Pace, Shared};
use crate::protocol::{ArchiveId, Failure, Passes, SourceInfo};
use crate::view_model::images::Offer;

/// An archive from the moment it was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    pub id: ArchiveId,
    /// Names it in links: from the content once that is known, so that a link outlives the page.
    pub key: String,
    pub source: Shared<SourceInfo>,
    /// Milliseconds on the page's clock.
    pub accepted_at: f64,
    pub phase: Phase,
    pub plan: Option<Shared<ImageArchive>>,
    /// The plan's images, as people pick them.
    pub offer: Shared<Offer>,
    /// How the layers are reached.
    pub passes: Passes,
    /// One for each of the plan's blobs.
    pub blobs: Vec<Blob>,
    /// Stored bytes of all layers.
    pub bytes: Tally,
    pub layers: Tally,
    pub pace: Pace,
    pub report: Option<Shared<Report>>,
    pub trust: Option<Shared<Trusted>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Listing members, or spooling what is compressed as a whole.
    Opening {
        outer: Outer,
        done: u64,
        total: u64,
    },
    Reading,
    Done,
    Failed(Shared<Failure>),
    /// The visitor stopped it; what was read is still shown.
    Cancelled,
}

/// How far a layer's bytes have been read.
#[derive(Clone, Debug, PartialEq)]
pub enum Blob {
    Waiting,
    /// Stored bytes so far.
    Reading(u64),
    Read(Shared<LayerSummary>),
    /// Its bytes could not be had; the report says so in the layer's place.
    Failed(Shared<Failure>),
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: u64,
    pub total: u64,
}

/// What was pasted, and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Trusted {
    pub text: String,
    /// `None` while the worker has not answered.
    pub answers: Option<Vec<Answer>>,
}

impl Blob {
    /// Nothing more comes from it.
    fn is_over(&self) -> bool {
        matches!(self, Self::Read(_) | Self::Failed(_))
    }

    /// Stored bytes read so far of `size`.
    fn stored(&self, size: u64) -> u64 {
        match self {
            Self::Waiting => 0,
            Self::Reading(stored) => (*stored).min(size),
            Self::Read(_) | Self::Failed(_) => size,
        }
    }
}

impl Archive {
    pub fn new(id: ArchiveId, source: SourceInfo, accepted_at: f64) -> Self {
        let total = source.size;
        Self {
            id,
            key: format!("opened-{}", id.0),
            source: Shared::new(source),
            accepted_at,
            phase: Phase::Opening { outer: Outer::None, done: 0, total },
            plan: None,
            offer: Shared::new(Offer::default()),
            passes: Passes::Direct,
            blobs: Vec::new(),
            bytes: Tally::default(),
            layers: Tally::default(),
            pace: Pace::default(),
            report: None,
            trust: None,
        }
    }

    /// The word of `data-state`.
    pub fn state_word(&self) -> &'static str {
        match self.phase {
            Phase::Opening { .. } | Phase::Reading => "reading",
            Phase::Done => "done",
            Phase::Failed(_) | Phase::Cancelled => "failed",
        }
    }

    pub fn is_busy(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::Reading)
    }

    pub fn blob(&self, id: BlobId) -> Option<&Blob> {
        self.blobs.get(id.0 as usize)
    }

    /// What computing has told of a layer's bytes so far.
    pub fn summary(&self, id: BlobId) -> Option<&Shared<LayerSummary>> {
        match self.blob(id)? {
            Blob::Read(summary) => Some(summary),
            Blob::Waiting | Blob::Reading(_) | Blob::Failed(_) => None,
        }
    }

    /// Takes the plan in: the layers are to be read now.
    pub fn plan(&mut self, plan: Shared<ImageArchive>, passes: Passes) {
        self.passes = passes;
        self.phase = Phase::Reading;
        self.blobs = vec![Blob::Waiting; plan.blobs.len()];
        self.bytes = Tally { done: 0, total: plan.blobs.iter().map(|blob| blob.location.size).sum() };
        self.layers = Tally { done: 0, total: plan.blobs.len() as u64 };
        self.offer = Shared::new(Offer::new(&plan));
        self.plan = Some(plan);
    }

    /// Notes how far a layer's bytes have been read. The tallies are kept, not summed anew: with 10,000 layers
    /// that would be quadratic.
    pub fn record(&mut self, id: BlobId, now: Blob) {
        let index = id.0 as usize;
        let size = self.plan.as_ref().and_then(|plan| plan.blobs.get(index)).map_or(0, |blob| blob.location.size);
        let Some(state) = self.blobs.get_mut(index) else { return };
        if state.is_over() {
            return;
        }
        self.bytes.done = self.bytes.done.saturating_sub(state.stored(size)) + now.stored(size);
        self.layers.done += u64::from(now.is_over());
        *state = now;
    }

    /// The digest that identifies the archive to a person who must find it again: the first image's config.
    pub fn config_digest(&self) -> Option<&Digest> {
        let images = &self.plan.as_ref()?.images;
        let whole = images.iter().filter(|image| image.nature == ImageNature::Filesystem);
        whole.chain(images).find_map(|image| image.config.as_ref()).map(|config| &config.digest.0)
    }
}
