//! Two states of a stack, path by path.

use super::{
    reading::Reading,
    row::{Change, Kind},
    timeline::{State, Timeline, Version, VersionId},
};
use crate::{
    path::PathId,
    tree::{Inode, InodeId},
};

/// For every path of a timeline, what became of it between two heights.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug)]
pub struct Cell {
    below: VersionId,
    above: VersionId,
    /// `None` where nothing is, below or above.
    pub change: Option<Change>,
    /// The bytes of the upper state that the path answers for: of the names of an inode, the first does.
    pub bytes: u64,
    pub contribution: i64,
}

/// The side of a comparison that a row shows: the upper one, and for what was removed the lower one.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'t> {
    pub version: Version,
    pub inode: &'t Inode,
    pub kind: Kind,
}

impl Comparison {
    pub fn new(timeline: &Timeline, reading: Reading) -> Self {
        let (below, above) = reading.heights();
        let mut lower = Accounts::new(timeline);
        let mut upper = Accounts::new(timeline);
        let cell = |path: PathId| {
            let (below, above) = (timeline.version_at(path, below), timeline.version_at(path, above));
            let (lower_version, upper_version) = (timeline.version(below), timeline.version(above));
            let before = lower.bytes(lower_version);
            let bytes = upper.bytes(upper_version);
            let contribution = i128::from(bytes) - i128::from(before);
            Cell {
                below,
                above,
                change: match below == above {
                    true => upper_version.filter(is_here).map(|_| Change::Unmodified),
                    false => Change::between(timeline, lower_version, upper_version),
                },
                bytes,
                contribution: contribution.clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            }
        };
        Self { cells: timeline.paths().ids().map(cell).collect() }
    }

    /// What is shown of a path: `None` where it is in neither state.
    pub fn shown<'t>(&self, timeline: &'t Timeline, path: PathId) -> Option<Shown<'t>> {
        let cell = self.cells.get(path.index())?;
        let version = timeline.version(if cell.change? == Change::Removed { cell.below } else { cell.above })?;
        let State::Here { inode, hard_link } = version.state else { return None };
        let inode = timeline.inode(inode);
        Some(Shown { version, inode, kind: Kind::of(inode, hard_link) })
    }
}

fn is_here(version: &Version) -> bool {
    matches!(version.state, State::Here { .. })
}

/// Which inodes of one state have been counted: hard links are several names of the same bytes.
struct Accounts<'t> {
    timeline: &'t Timeline,
    counted: Vec<bool>,
}

impl<'t> Accounts<'t> {
    fn new(timeline: &'t Timeline) -> Self {
        Self { timeline, counted: vec![false; timeline.tree().inode_count()] }
    }

    fn bytes(&mut self, version: Option<Version>) -> u64 {
        let Some(Version { state: State::Here { inode, .. }, .. }) = version else { return 0 };
        self.first(inode).map_or(0, |inode| inode.size)
    }

    fn first(&mut self, id: InodeId) -> Option<&'t Inode> {
        let counted = &mut self.counted[id.index()];
        (!std::mem::replace(counted, true)).then(|| self.timeline.inode(id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_reading, timeline};
    use super::*;
    use crate::{
        limits::Limits,
        tree::{
            UnionTree,
            testing::{changeset, dir, file, link, opaque, regular_bytes, symlink, whiteout},
        },
    };

    #[test]
    fn a_layers_own_changes_each_have_their_word() {
        let timeline = timeline(&[
            &[dir("d"), file("d/kept", "k"), file("d/gone", "g"), file("a", "1"), file("m", "m"), file("t", "t")],
            &[
                dir("d").mtime(9),
                whiteout("d/gone"),
                file("a", "22"),
                file("m", "m").mode(0o600),
                symlink("t", "a"),
                file("n", "new"),
            ],
        ]);
        assert_reading(
            &timeline,
            Reading::Own { layer: 1 },
            &["M a 2 +1", ". d 0 -1", "- d/gone 1 -1", "m m 1 +0", "+ n 3 +3", "T t 0 -1"],
        );
        assert_reading(
            &timeline,
            Reading::Merged { layer: 1 },
            &["M a 2 +1", ". d 1 +0", "  d/kept 1 +0", "m m 1 +0", "+ n 3 +3", "T t 0 -1"],
        );
    }

    #[test]
    fn a_range_says_what_changed_from_one_stack_to_another_in_both_directions() {
        let timeline = timeline(&[
            &[dir("d"), file("d/a", "1"), file("b", "22")],
            &[opaque("d"), file("d/tmp", "333")],
            &[whiteout("d/tmp"), file("c", "4444"), file("b", "22").mtime(5)],
        ]);
        assert_reading(&timeline, Reading::Range { from: Some(0), to: 2 }, &["+ c 4 +4", "  d 0 -1", "- d/a 1 -1"]);
        assert_reading(&timeline, Reading::Range { from: Some(2), to: 0 }, &["- c 4 -4", "  d 1 +1", "+ d/a 1 +1"]);
        assert_reading(&timeline, Reading::Range { from: Some(1), to: 1 }, &[]);
    }

    #[test]
    fn the_names_of_one_inode_count_its_bytes_once() {
        let timeline = timeline(&[&[file("a", "four"), link("b", "a"), link("c", "a")], &[whiteout("a")]]);
        assert_reading(&timeline, Reading::Own { layer: 0 }, &["+ a 4 +4", "+ b 4 +0", "+ c 4 +0"]);
        // The bytes stay with the names that are left.
        let own = Comparison::new(&timeline, Reading::Own { layer: 1 });
        assert_eq!(own.cells.iter().map(|cell| cell.contribution).sum::<i64>(), 0);
    }

    #[test]
    fn contributions_sum_to_what_the_union_says_the_layer_contributes() {
        let layers = [
            &[dir("d"), file("d/a", "12345"), file("b", "22"), link("h", "d/a")][..],
            &[opaque("d"), file("d/b", "1"), file("b", "2222")],
            &[whiteout("h"), link("i", "d/b"), whiteout("b")],
        ];
        let timeline = timeline(&layers);
        let mut union = UnionTree::new(&Limits::default());
        for (layer, items) in layers.iter().enumerate() {
            let changeset = changeset(items);
            let effect = union.apply(&changeset, regular_bytes(&changeset));
            let own = Comparison::new(&timeline, Reading::Own { layer: layer as u32 });
            let sum: i64 = own.cells.iter().map(|cell| cell.contribution).sum();
            assert_eq!(sum, effect.contribution_bytes, "layer {layer}");
        }
    }
}
