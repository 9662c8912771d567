//! What crosses between the page and its puller, the worker that fetches, verifies and keeps.

use layerlab_core::{
    archive::ImageArchive,
    registry::{
        pull::{Found, error::PullError, event::Event},
        reference::Reference,
        source::Source,
    },
    report::ImageReport,
    spec::platform::Platform,
    store::{PullEvent, Store, save::Format},
};
use layerlab_web::protocol::FromProgram;
use serde::{Deserialize, Serialize};

use crate::opfs::Room;

/// Numbers what the page has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderId(pub u32);

/// An image, and where it is to come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub reference: Reference,
    pub source: Source,
    pub platform: Platform,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ToPuller {
    /// Asks for [`FromPuller::Store`]; it also comes whenever the store has changed.
    Look,
    Pull {
        id: OrderId,
        order: Order,
    },
    /// Index, manifest and config only: [`FromPuller::Found`].
    Resolve {
        id: OrderId,
        order: Order,
    },
    Cancel {
        id: OrderId,
    },
    /// Takes an image of an opened archive into the store, as `docker load` would. `files` holds what its layers are
    /// in.
    Load {
        id: OrderId,
        plan: Box<ImageArchive>,
        image: usize,
        report: Box<ImageReport>,
    },
    /// Takes a name away, and what nothing needs any more.
    Remove {
        name: String,
    },
    /// Everything goes, half-written blobs too.
    Empty,
    /// Writes an image as an archive; with `layer`, that layer alone. `files` of [`FromPuller::Saved`] holds it.
    Save {
        id: OrderId,
        name: String,
        format: Format,
        layer: Option<usize>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromPuller {
    /// The worker listens: what was sent before is lost.
    Ready,
    Store {
        store: Box<Store>,
        room: Room,
    },
    /// A step of the pull, verified.
    Told {
        id: OrderId,
        event: PullEvent,
    },
    /// What happened on the network.
    Network {
        id: OrderId,
        event: Event,
    },
    /// Bytes of the distinct blobs, in the order of the layers that first use them.
    Progress {
        id: OrderId,
        blobs: Vec<BlobProgress>,
    },
    Found {
        id: OrderId,
        found: Box<Found>,
    },
    Done {
        id: OrderId,
    },
    Failed {
        id: OrderId,
        failure: Failure,
    },
    /// `files` holds the archive.
    Saved {
        id: OrderId,
        name: String,
    },
    /// The worker died: a panic, a trap, or memory that could not be had.
    Crashed,
}

impl FromProgram for FromPuller {
    fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    fn crashed() -> Self {
        Self::Crashed
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobProgress {
    /// Base first.
    pub layers: Vec<usize>,
    pub size: u64,
    pub received: u64,
    /// Received in this pull: what was kept of an earlier one did not come again.
    pub fetched: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    Pull(PullError),
    /// A sentence of the engine.
    Other(String),
    Crashed,
}
