//! What the cost pane asks the explorer.

use layerlab_core::{cost::map::Zoom, path::PathId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CostQuestion {
    /// The bytes directly below a path of the image's tree, in at most so many columns.
    Map { image: usize, path: PathId, columns: usize },
    /// The merged tree as CSV, in the buffer beside the answer.
    Tree { image: usize },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CostAnswer {
    /// `None` where a layer is absent.
    Map(Option<MapPage>),
    /// False where a layer is absent: there is no buffer.
    Tree(bool),
}

/// One directory, divided, and the way to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapPage {
    pub path: PathId,
    /// From below the root to the directory itself: id and name, made harmless.
    pub way: Vec<(PathId, String)>,
    pub zoom: Zoom,
}
