//! Jump-to search: hits among the rows that are shown, in the order of the tree, folded or not.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::path::{PathId, PathTable};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    Next,
    Previous,
}

/// Where a jump leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub path: PathId,
    /// Its place among the hits, from 1.
    pub number: u32,
    pub of: u32,
    /// Its row, now that all above it is unfolded.
    pub row: usize,
}

/// Gives the shown children of a path, in their order.
pub type ChildrenOf<'c> = &'c mut dyn FnMut(PathId) -> Rc<[PathId]>;

/// What a query finds.
#[derive(Clone, Debug)]
pub struct Hits {
    pub hit: Vec<bool>,
    /// Hits at a path and below it.
    counts: Vec<u32>,
}

impl Hits {
    /// `found` among the paths that are `shown`.
    pub fn new(paths: &PathTable, mut found: Vec<bool>, shown: &[bool]) -> Self {
        let mut counts = vec![0_u32; paths.len()];
        // A parent's number is smaller than its children's, so one pass from the end sums all levels.
        for path in (1..paths.len() as u32).rev().map(PathId) {
            let at = path.index();
            found[at] &= shown[at];
            counts[at] += u32::from(found[at]);
            counts[paths.parent(path).index()] += counts[at];
        }
        Self { hit: found, counts }
    }

    pub fn count(&self) -> u32 {
        self.counts[0]
    }

    /// The nearest hit after or before `from` (which itself is none), around the end. Without `from`, the first or
    /// the last.
    pub fn near(
        &self,
        paths: &PathTable,
        from: Option<PathId>,
        direction: Direction,
        children: ChildrenOf<'_>,
    ) -> Option<PathId> {
        if self.count() == 0 {
            return None;
        }
        let found = from.and_then(|from| match direction {
            Direction::Next => self.after(paths, from, children),
            Direction::Previous => self.before(paths, from, children),
        });
        found.or_else(|| match direction {
            Direction::Next => self.first_below(PathId::ROOT, children),
            Direction::Previous => self.last_below(PathId::ROOT, children),
        })
    }

    /// The place of a hit among all, from 1.
    pub fn number(&self, paths: &PathTable, hit: PathId, children: ChildrenOf<'_>) -> u32 {
        let mut number = u32::from(self.hit[hit.index()]);
        let mut at = hit;
        while at != PathId::ROOT {
            let parent = paths.parent(at);
            let siblings = children(parent);
            number +=
                siblings.iter().take_while(|&&path| path != at).map(|path| self.counts[path.index()]).sum::<u32>();
            number += u32::from(parent != PathId::ROOT && self.hit[parent.index()]);
            at = parent;
        }
        number
    }

    fn after(&self, paths: &PathTable, from: PathId, children: ChildrenOf<'_>) -> Option<PathId> {
        if let Some(below) = self.first_below(from, children) {
            return Some(below);
        }
        let mut at = from;
        while at != PathId::ROOT {
            let parent = paths.parent(at);
            let siblings = children(parent);
            let mut later = siblings.iter().skip_while(|&&path| path != at).skip(1);
            if let Some(&next) = later.find(|path| self.counts[path.index()] > 0) {
                return if self.hit[next.index()] { Some(next) } else { self.first_below(next, children) };
            }
            at = parent;
        }
        None
    }

    fn before(&self, paths: &PathTable, from: PathId, children: ChildrenOf<'_>) -> Option<PathId> {
        let mut at = from;
        while at != PathId::ROOT {
            let parent = paths.parent(at);
            let siblings = children(parent);
            let earlier = siblings.iter().take_while(|&&path| path != at).filter(|path| self.counts[path.index()] > 0);
            if let Some(&last) = earlier.last() {
                return self.last_below(last, children).or(Some(last));
            }
            if parent != PathId::ROOT && self.hit[parent.index()] {
                return Some(parent);
            }
            at = parent;
        }
        None
    }

    fn first_below(&self, path: PathId, children: ChildrenOf<'_>) -> Option<PathId> {
        let mut at = path;
        loop {
            at = *children(at).iter().find(|path| self.counts[path.index()] > 0)?;
            if self.hit[at.index()] {
                return Some(at);
            }
        }
    }

    fn last_below(&self, path: PathId, children: ChildrenOf<'_>) -> Option<PathId> {
        let mut at = path;
        while let Some(&last) = children(at).iter().rev().find(|path| self.counts[path.index()] > 0) {
            at = last;
        }
        (at != path).then_some(at)
    }
}
