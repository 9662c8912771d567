//! What the compare pane asks the explorers of the two archives.

use layerlab_core::{
    compare::{DiffDocument, How, PathRow},
    report::ImageReport,
    spec::config::ImageConfig,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CompareQuestion {
    /// The layers of an image, to be given to the explorer of another archive: see [`super::stack`].
    Stack {
        image: usize,
    },
    /// What turns an image of this archive into the other.
    Compare {
        image: usize,
        how: How,
        other: Box<Other>,
    },
    /// Differing paths of the comparison that was made last.
    Rows {
        show: Show,
        start: usize,
        len: usize,
    },
    /// The same, whole, in the buffer beside the answer.
    Csv,
    Json,
}

/// The other image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Other {
    /// Of the same archive.
    Here(usize),
    /// Of another one, whose layers were read with the same content key.
    Elsewhere { report: Box<ImageReport>, config: Option<Box<ImageConfig>>, stack: Vec<u8> },
}

/// Which of the differing paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    All,
    Added,
    Removed,
    Changed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CompareAnswer {
    /// The layers are in the buffer beside the answer; without one, a layer is absent.
    Stack,
    /// Without paths, which are asked for; `None` where there is no such image.
    Compared(Option<Box<DiffDocument>>),
    Rows(Vec<PathRow>),
    /// The file is in the buffer beside the answer.
    File,
}

impl Show {
    pub const ALL: [Self; 4] = [Self::All, Self::Added, Self::Removed, Self::Changed];

    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}
