//! What a command of the host's terminal did, beside printing: what the picture of images and containers moves by.

use super::{Build, RemovedImage};
use crate::{digest::ImageId, store::PullPlan};

/// One thing that a `docker` command did. (What processes inside do are the events of their system calls.)
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A container came, with an empty writable layer.
    Created {
        container: String,
    },
    Started {
        container: String,
    },
    Stopped {
        container: String,
    },
    /// Its writable layer went with it, and so many bytes.
    ContainerRemoved {
        container: String,
        bytes: u64,
    },
    /// A writable layer became the top layer of an image.
    Committed {
        container: String,
        image: ImageId,
    },
    Tagged {
        name: String,
        image: ImageId,
    },
    ImageRemoved(RemovedImage),
    /// The plan's events have happened.
    Pulled(Box<PullPlan>),
    Built(Box<Build>),
    /// A file of the build context was written, or went.
    ContextChanged,
    VolumeCreated {
        name: String,
    },
}

impl Effect {
    /// Every [`Self::key`], for the test that the catalogues have them.
    pub const KEYS: [&str; 11] = [
        "created",
        "started",
        "stopped",
        "container-removed",
        "committed",
        "tagged",
        "image-removed",
        "pulled",
        "built",
        "context-changed",
        "volume-created",
    ];

    /// The last part of the key in the message catalogue.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Started { .. } => "started",
            Self::Stopped { .. } => "stopped",
            Self::ContainerRemoved { .. } => "container-removed",
            Self::Committed { .. } => "committed",
            Self::Tagged { .. } => "tagged",
            Self::ImageRemoved(_) => "image-removed",
            Self::Pulled(_) => "pulled",
            Self::Built(_) => "built",
            Self::ContextChanged => "context-changed",
            Self::VolumeCreated { .. } => "volume-created",
        }
    }
}
