//! The state of every path after every layer of one stack.

use super::names::Names;
use crate::{
    layer::changeset::Changeset,
    limits::Limits,
    path::{PathId, PathTable},
    report::Cause,
    tree::{Inode, InodeId, UnionTree},
};

/// A stack, applied once. Heights count layers: at height 0 nothing is there, at height 1 the base.
#[derive(Clone, Debug)]
pub struct Timeline {
    tree: UnionTree,
    versions: Vec<Version>,
    /// By path, the number of its last version.
    latest: Vec<u32>,
    names: Names,
    whole: bool,
}

/// What one layer made of a path, until a later version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// 0 is the base.
    pub layer: u32,
    pub state: State,
    previous: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Here {
        inode: InodeId,
        /// The name came as a hard link.
        hard_link: bool,
    },
    Gone(Cause),
}

/// The number of a version; of none where a path was never there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VersionId(u32);

/// The version before the first.
const NONE: u32 = u32::MAX;

impl Timeline {
    /// Applies `layers`, base first: each with the regular bytes of all its members
    /// ([`crate::layer::LayerSummary::regular_bytes`]). It ends below the layer that would pass
    /// [`Limits::explored_states`]: see [`Timeline::is_whole`].
    pub fn new<'c>(layers: impl IntoIterator<Item = (&'c Changeset, u64)>, limits: &Limits) -> Self {
        let mut timeline = Self {
            tree: UnionTree::remembering(limits),
            versions: Vec::new(),
            latest: Vec::new(),
            names: Names::default(),
            whole: true,
        };
        for (changeset, regular_bytes) in layers {
            let states = timeline.versions.len().max(timeline.tree.inode_count());
            if states + changeset.paths.len() > limits.explored_states {
                timeline.whole = false;
                break;
            }
            timeline.tree.apply(changeset, regular_bytes);
            timeline.record();
        }
        timeline.names = Names::new(timeline.tree.paths());
        timeline
    }

    /// Number of layers.
    pub fn height(&self) -> u32 {
        self.tree.layers()
    }

    /// False where a bound left layers out at the top.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Every path that any of the layers speaks of.
    pub fn paths(&self) -> &PathTable {
        self.tree.paths()
    }

    /// The merged tree of the whole stack; it keeps the inodes that are gone.
    pub fn tree(&self) -> &UnionTree {
        &self.tree
    }

    pub fn inode(&self, id: InodeId) -> &Inode {
        self.tree.inode(id)
    }

    /// What is at a path when `height` layers are applied.
    pub fn at(&self, path: PathId, height: u32) -> Option<Version> {
        self.version(self.version_at(path, height)).filter(|version| matches!(version.state, State::Here { .. }))
    }

    /// The versions of a path, the oldest first.
    pub fn versions(&self, path: PathId) -> Vec<Version> {
        let latest = self.latest.get(path.index()).and_then(|&id| self.version(VersionId(id)));
        let earlier = |version: &Version| self.version(VersionId(version.previous));
        let mut versions: Vec<Version> = std::iter::successors(latest, earlier).collect();
        versions.reverse();
        versions
    }

    /// The inode of a living path at a height.
    pub fn inode_at(&self, path: PathId, height: u32) -> Option<&Inode> {
        match self.at(path, height)?.state {
            State::Here { inode, .. } => Some(self.inode(inode)),
            State::Gone(_) => None,
        }
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// The last version of a layer below `height`, living or gone.
    pub(super) fn version_at(&self, path: PathId, height: u32) -> VersionId {
        let mut id = self.latest.get(path.index()).copied().unwrap_or(NONE);
        while let Some(version) = self.versions.get(id as usize) {
            if version.layer < height {
                break;
            }
            id = version.previous;
        }
        VersionId(id)
    }

    pub(super) fn version(&self, id: VersionId) -> Option<Version> {
        self.versions.get(id.0 as usize).copied()
    }

    /// Notes what the layer that was just applied left at each path it touched.
    fn record(&mut self) {
        let Self { tree, versions, latest, .. } = self;
        let layer = tree.layers() - 1;
        latest.resize(tree.paths().len(), NONE);
        for touch in tree.touched() {
            let state = match (tree.get(touch.path), touch.removed) {
                (Some(view), _) => State::Here { inode: view.inode_id, hard_link: view.word == "hardlink" },
                (None, Some(cause)) => State::Gone(cause),
                // Bound, and taken away again by a later entry of the layer, which is a touch of its own.
                (None, None) => continue,
            };
            let last = &mut latest[touch.path.index()];
            match versions.get_mut(*last as usize) {
                Some(version) if version.layer == layer => version.state = state,
                Some(Version { state: State::Gone(_), .. }) | None if matches!(state, State::Gone(_)) => {}
                _ => {
                    let id = versions.len() as u32;
                    versions.push(Version { layer, state, previous: std::mem::replace(last, id) });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{lines_at, timeline};
    use super::*;
    use crate::tree::testing::{dir, file, opaque, whiteout};

    #[test]
    fn every_height_shows_what_the_union_showed_then() {
        let timeline = timeline(&[
            &[dir("d"), file("d/a", "1"), file("b", "2")],
            &[whiteout("b"), opaque("d"), file("d/c", "3")],
            &[whiteout("b"), file("d", "now a file")],
        ]);
        assert_eq!(lines_at(&timeline, 0), [""; 0]);
        assert_eq!(lines_at(&timeline, 1), ["b", "d", "d/a"]);
        assert_eq!(lines_at(&timeline, 2), ["d", "d/c"]);
        assert_eq!(lines_at(&timeline, 3), ["d"]);
    }

    #[test]
    fn a_path_that_comes_and_goes_within_a_layer_has_no_version() {
        let timeline = timeline(&[&[file("d/x", "1"), file("d", "2")]]);
        let x = timeline.paths().find([&b"d"[..], b"x"]).unwrap();
        assert_eq!(timeline.versions(x), []);
    }

    #[test]
    fn a_stack_that_passes_the_bound_ends_below_the_layer() {
        let limits = Limits { explored_states: 5, ..Limits::default() };
        let layers = [&[file("a", "")][..], &[file("b", "")], &[file("c", ""), file("d", ""), file("e", "")]];
        let changesets = layers.map(crate::tree::testing::changeset);
        let timeline = Timeline::new(changesets.iter().map(|changeset| (changeset, 0)), &limits);
        assert_eq!((timeline.height(), timeline.is_whole()), (2, false));
    }
}
