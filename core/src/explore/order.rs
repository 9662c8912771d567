//! The order of rows.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{compare::Comparison, timeline::Timeline};
use crate::path::PathId;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Column {
    #[default]
    Name,
    Change,
    Size,
    Contribution,
    Kind,
    Mode,
    Owner,
    Layer,
}

/// A column, and whether its largest value comes first. Rows that are equal in it stand by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    pub by: Column,
    pub descending: bool,
}

/// What one sort needs to know of a row.
pub struct Keys<'a> {
    pub timeline: &'a Timeline,
    pub comparison: &'a Comparison,
    /// By path: bytes and contribution of all that is shown there.
    pub sums: &'a [(u64, i64)],
}

impl Keys<'_> {
    /// Sorts `paths`, which come by name.
    pub fn sort(&self, paths: &mut [PathId], sort: Sort) {
        match sort.by {
            Column::Name if sort.descending => paths.reverse(),
            Column::Name => {}
            by => {
                let mut keyed: Vec<(i128, PathId)> = paths.iter().map(|&path| (self.key(by, path), path)).collect();
                let order = |a: &(i128, PathId), b: &(i128, PathId)| -> Ordering {
                    if sort.descending { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) }
                };
                keyed.sort_by(order);
                for (place, (_, path)) in paths.iter_mut().zip(keyed) {
                    *place = path;
                }
            }
        }
    }

    fn key(&self, by: Column, path: PathId) -> i128 {
        let Some(shown) = self.comparison.shown(self.timeline, path) else { return 0 };
        let change = self.comparison.cells[path.index()].change;
        let metadata = &shown.inode.metadata;
        match by {
            Column::Name => 0,
            Column::Change => change.map_or(0, |change| change as i128),
            Column::Size => shown_size(self.sums[path.index()].0, shown.inode.size).into(),
            Column::Contribution => self.sums[path.index()].1.into(),
            Column::Kind => shown.kind as i128,
            Column::Mode => metadata.mode.into(),
            Column::Owner => (i128::from(metadata.uid) << 32) | i128::from(metadata.gid),
            Column::Layer => shown.version.layer.into(),
        }
    }
}

/// A row's size: its own for a file, which a removed one or a second name does not sum; else the sum.
pub fn shown_size(sum: u64, own: u64) -> u64 {
    if own > 0 { own } else { sum }
}
