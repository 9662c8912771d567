//! Which two states of a stack are compared, and what of that is shown at first.

use serde::{Deserialize, Serialize};

use super::row::{Change, Set};

/// A way to read a stack. Layers are numbered from 0, the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reading {
    /// What one layer changed.
    Own { layer: u32 },
    /// The whole tree up to a layer, with what that layer changed.
    Merged { layer: u32 },
    /// What changed from the tree up to one layer (`None` for no layer at all) to the tree up to another.
    Range { from: Option<u32>, to: u32 },
}

impl Reading {
    /// Layers of the state that it starts from, and of the state that it shows.
    pub fn heights(self) -> (u32, u32) {
        match self {
            Self::Own { layer } | Self::Merged { layer } => (layer, layer.saturating_add(1)),
            Self::Range { from, to } => (from.map_or(0, |from| from.saturating_add(1)), to.saturating_add(1)),
        }
    }

    /// The changes that are shown until somebody chooses others.
    pub fn changes(self) -> Set<Change> {
        let all = Set::all();
        match self {
            Self::Own { .. } => all.without(Change::Unmodified),
            Self::Merged { .. } => all.without(Change::Removed),
            Self::Range { .. } => all.without(Change::Unmodified).without(Change::Relisted),
        }
    }
}
