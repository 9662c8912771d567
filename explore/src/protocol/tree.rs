//! Questions about the files of an image.

use layerlab_core::{
    explore::{Biography, Direction, Filter, FilterError, Hit, Reading, Row, Sort, Summary},
    path::PathId,
};
use serde::{Deserialize, Serialize};

/// `image` is its number in the plan. Each image has one view, which stays as its client left it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TreeQuestion {
    /// Does something to the view, and gives a window of its rows: [`TreeAnswer::Page`].
    View { image: u32, act: Act, start: u32, len: u32 },
    /// The life of a path: [`TreeAnswer::Life`].
    Life { image: u32, path: PathId },
    /// Bytes of what a layer has at a path: [`TreeAnswer::Progress`], then [`TreeAnswer::Bytes`].
    Read { image: u32, path: PathId, layer: u32, offset: u64, len: u64 },
    /// The lines that differ between what two layers have at a path: [`TreeAnswer::Difference`].
    Compare { image: u32, path: PathId, below: u32, above: u32 },
    /// What is at a path when `height` layers are applied: [`TreeAnswer::Chunk`]s, then [`TreeAnswer::Taken`]. A file
    /// comes as it is, all else as a tar.
    Take { image: u32, path: PathId, height: u32, tar: bool },
}

/// What a person does to a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Act {
    /// Nothing: another window is wanted.
    Look,
    Read(Reading),
    Expand(PathId, bool),
    ExpandAll,
    ExpandToChanges,
    CollapseAll,
    Sort(Sort),
    Flat(bool),
    Filter(Filter),
    /// Finds, and goes to the first hit.
    Search(String),
    Jump {
        from: Option<PathId>,
        direction: Direction,
    },
    TypeAhead {
        from: u32,
        prefix: String,
    },
    /// Unfolds the way to a path, named by its bytes.
    Find(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TreeAnswer {
    Page(Box<Page>),
    Life(Box<Life>),
    Progress {
        done: u64,
        total: u64,
    },
    /// The buffer holds the bytes from `offset` on.
    Bytes {
        offset: u64,
        size: u64,
    },
    Difference(Difference),
    /// The buffer holds the next bytes.
    Chunk {
        done: u64,
        total: u64,
    },
    /// All chunks have come; `name` is harmless.
    Taken {
        name: String,
    },
    /// One English sentence.
    Failed(String),
}

/// A view, as much of it as is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Layers that could be applied: base first, up to the first that is absent or unreadable.
    pub height: u32,
    pub reading: Reading,
    pub sort: Sort,
    pub flat: bool,
    pub filter: Filter,
    /// Rows of the whole view.
    pub len: u32,
    /// The first of `rows`.
    pub start: u32,
    pub rows: Vec<Row>,
    pub summary: Summary,
    /// Hits of the last search.
    pub hits: u32,
    /// Where a jump, a search or a look-up has led.
    pub hit: Option<Hit>,
    pub error: Option<FilterError>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Life {
    /// The whole path.
    pub bytes: Vec<u8>,
    pub biography: Biography,
    /// By chapter: names and values in words, both harmless.
    pub xattrs: Vec<Vec<(String, String)>>,
}

/// How two versions of a file differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Difference {
    /// Runs of lines; between two runs lines are left out that are equal.
    Lines(Vec<Vec<DiffLine>>),
    /// Not a byte.
    None,
    /// One of them is no text.
    Binary,
    /// They pass what is compared by lines.
    TooLarge { limit: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    pub sign: DiffSign,
    /// Numbers from 1 in the lower and in the upper version.
    pub below: Option<u32>,
    pub above: Option<u32>,
    /// Harmless.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiffSign {
    Same,
    Removed,
    Added,
}
