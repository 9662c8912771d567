//! What dive 0.13.1 would say of a stack: its efficiency score and wasted bytes, with its habits.
//!
//! Source: wagoodman/dive v0.13.1, `dive/filetree/efficiency.go` and `file_tree.go`. Where dive differs from the
//! image-spec it is followed, because people compare: an opaque marker is no node; only leaf nodes count; the
//! whiteout of a directory weighs what is below it and that of a file nothing; a whiteout whose target is not there
//! ends the scan of its layer.

use self::layer::{LayerNode, LayerTree};
use super::forest::Forest;
use crate::{
    layer::changeset::{Changeset, Entry, EntryKind, Whiteout},
    path::{PathId, PathTable},
    report::Dive,
};

mod layer;

/// dive's figures for a stack of layers, base first.
pub fn dive<'a>(layers: impl IntoIterator<Item = &'a Changeset>) -> Dive {
    let mut stack = Stack::default();
    let mut user_bytes: u128 = 0;
    for (index, changeset) in layers.into_iter().enumerate() {
        stack.stamp += 1;
        let layer = LayerTree::read(&mut stack, changeset);
        if index > 0 {
            user_bytes += layer.bytes;
        }
        stack.scan(&layer, index == 0);
        stack.graft(&layer);
    }
    stack.figures(user_bytes)
}

const WHITEOUT: &[u8] = b".wh.";
/// Names that begin so never become nodes (`.wh..wh..opq`).
const NO_NODE: &[u8] = b".wh..wh..";
/// Never a name in a tar: stands for the empty name that a bare `.wh.` leaves.
const NO_NAME: &[u8] = b"/";

/// The layers so far, stacked dive's way. Paths are dive's own: whiteouts keep their prefix.
#[derive(Default)]
struct Stack {
    paths: PathTable,
    files: Forest<File>,
    seen: Vec<Seen>,
    /// Number of the current layer, from 1.
    stamp: u32,
    /// Index of a path in the current layer's nodes; stale where the node there is another.
    slots: Vec<u32>,
}

/// A path in the stacked tree.
#[derive(Clone, Copy, Default)]
struct File {
    size: u64,
    directory: bool,
    /// Bytes at and below the path, known for the scan of layer `weighed`.
    weight: u64,
    weighed: u32,
}

/// What all layers say of one path.
#[derive(Clone, Copy, Default)]
struct Seen {
    layers: u32,
    smallest: u64,
    sum: u128,
    /// A scan ended here: dive leaves its "no size yet", which is -1, in the sum of smallest sizes.
    scan_ended: bool,
}

/// What a node speaks of.
struct Subject {
    whiteout: bool,
    /// Under which the sizes are summed.
    key: PathId,
    /// What a whiteout removes: its directory where it names nothing.
    target: PathId,
}

impl Stack {
    fn grow(&mut self) {
        let len = self.paths.len();
        self.files.grow(len);
        self.slots.resize(len.max(self.slots.len()), 0);
        self.seen.resize(len.max(self.seen.len()), Seen::default());
    }

    /// The paths of a changeset in this table, and whether they are nodes.
    fn places(&mut self, changeset: &Changeset) -> Vec<(PathId, bool)> {
        let mut places = vec![(PathId::ROOT, true)];
        for id in changeset.paths.ids().skip(1) {
            let (parent, node) = places[changeset.paths.parent(id).index()];
            let name = changeset.paths.name(id);
            let place = if !node || name.starts_with(NO_NODE) {
                (parent, false)
            } else {
                (self.paths.child(parent, name), true)
            };
            places.push(place);
        }
        places
    }

    /// The path under its name in the tar, and whether that is a node.
    fn place_of(&mut self, changeset: &Changeset, places: &[(PathId, bool)], entry: &Entry) -> (PathId, bool) {
        let (path, node) = places[entry.path.index()];
        match entry.kind {
            EntryKind::Whiteout(Whiteout::Opaque) => (path, false),
            EntryKind::Whiteout(Whiteout::Bare) if node => (self.paths.child(path, WHITEOUT), true),
            EntryKind::Whiteout(Whiteout::Explicit) if node => {
                let (parent, _) = places[changeset.paths.parent(entry.path).index()];
                let name = [WHITEOUT, changeset.paths.name(entry.path)].concat();
                (self.paths.child(parent, &name), true)
            }
            _ => (path, node),
        }
    }

    fn subject(&mut self, path: PathId) -> Subject {
        let parent = self.paths.parent(path);
        let Some(hidden) = self.paths.name(path).strip_prefix(WHITEOUT) else {
            return Subject { whiteout: false, key: path, target: path };
        };
        let hidden = hidden.to_vec();
        let subject = if hidden.is_empty() {
            Subject { whiteout: true, key: self.paths.child(parent, NO_NAME), target: parent }
        } else {
            let target = self.paths.child(parent, &hidden);
            Subject { whiteout: true, key: target, target }
        };
        self.grow();
        subject
    }

    /// Sums the sizes of the leaves by path. The base's whiteouts are looked up in the base itself.
    fn scan(&mut self, layer: &LayerTree, base: bool) {
        for node in layer.without_root().filter(|node| node.leaf) {
            let subject = self.subject(node.path);
            let size = match (subject.whiteout, base) {
                (false, _) => Some(node.size),
                (true, true) => layer.index(self, subject.target).map(|index| {
                    let target = layer.nodes[index];
                    if target.directory { target.weight } else { 0 }
                }),
                (true, false) => self.removed_bytes(subject.target),
            };
            let seen = &mut self.seen[subject.key.index()];
            let Some(size) = size else {
                seen.scan_ended = true;
                return;
            };
            seen.smallest = if seen.layers == 0 { size } else { seen.smallest.min(size) };
            seen.sum += u128::from(size);
            seen.layers += 1;
        }
    }

    /// What a whiteout weighs; `None` where there is nothing to remove.
    fn removed_bytes(&mut self, target: PathId) -> Option<u64> {
        let file = self.files[target];
        if !file.alive {
            return None;
        }
        if !file.value.directory {
            return Some(0);
        }
        if file.value.weighed != self.stamp {
            self.weigh(target);
        }
        Some(self.files[target].value.weight)
    }

    /// Weighs a subtree. Every node of it is marked, so that whiteouts inside whiteouts stay linear.
    fn weigh(&mut self, top: PathId) {
        let mut visited = Vec::new();
        let mut todo = vec![top];
        while let Some(path) = todo.pop() {
            visited.push(path);
            let mut weight = self.files[path].value.size;
            for child in self.files.children(path) {
                let known = self.files[child].value;
                if known.weighed == self.stamp {
                    weight = weight.saturating_add(known.weight);
                } else {
                    todo.push(child);
                }
            }
            let file = &mut self.files[path].value;
            (file.weight, file.weighed) = (weight, self.stamp);
        }
        for &path in visited.iter().skip(1).rev() {
            let weight = self.files[path].value.weight;
            let parent = &mut self.files[self.paths.parent(path)].value;
            parent.weight = parent.weight.saturating_add(weight);
        }
    }

    /// Lays the layer on the stack.
    fn graft(&mut self, layer: &LayerTree) {
        for node in layer.without_root() {
            let subject = self.subject(node.path);
            if !subject.whiteout {
                self.put(node);
            } else if subject.target != PathId::ROOT && self.files[subject.target].alive {
                self.files.remove(subject.target, self.paths.parent(subject.target), |_, _| {});
            }
        }
    }

    fn put(&mut self, node: &LayerNode) {
        let mut missing = Vec::new();
        let mut at = node.path;
        while !self.files[at].alive {
            missing.push(at);
            at = self.paths.parent(at);
        }
        for &path in missing.iter().rev() {
            self.files.link(path, self.paths.parent(path));
            self.files[path].value = File::default();
        }
        let file = &mut self.files[node.path].value;
        (file.size, file.directory) = (node.size, node.directory);
    }

    fn figures(&self, user_bytes: u128) -> Dive {
        let sum = |of: fn(&Seen) -> u128| self.seen.iter().map(of).sum::<u128>();
        let never_sized = self.seen.iter().filter(|seen| seen.scan_ended && seen.layers == 0).count();
        let smallest = sum(|seen| seen.smallest.into()) as i128 - never_sized as i128;
        let all = sum(|seen| seen.sum);
        let wasted = sum(|seen| if seen.layers >= 2 { seen.sum } else { 0 });
        Dive {
            efficiency: if all == 0 { 1.0 } else { smallest as f64 / all as f64 },
            wasted_bytes: super::ledger::clamp(wasted),
            user_wasted_percent: (user_bytes > 0).then(|| wasted as f64 / user_bytes as f64),
        }
    }
}

#[cfg(test)]
/// The expected figures are those of `tools/oracle.py`'s reading of dive.
mod tests {
    use super::*;
    use crate::tree::testing::{Item, bare_whiteout, changeset, dir, file, opaque, whiteout};

    fn figures(layers: &[&[Item]]) -> (f64, u64, Option<f64>) {
        let changesets: Vec<Changeset> = layers.iter().map(|items| changeset(items)).collect();
        let Dive { efficiency, wasted_bytes, user_wasted_percent } = dive(&changesets);
        (efficiency, wasted_bytes, user_wasted_percent)
    }

    #[test]
    fn one_layer_wastes_nothing() {
        assert_eq!(figures(&[&[file("a", "12345")]]), (1.0, 0, None));
        assert_eq!(figures(&[]), (1.0, 0, None));
    }

    #[test]
    fn a_file_in_two_layers_wastes_all_its_bytes() {
        let (efficiency, wasted, user) = figures(&[&[file("a", "12345"), file("b", "1")], &[file("a", "123")]]);
        assert_eq!((efficiency, wasted, user), (4.0 / 9.0, 8, Some(8.0 / 3.0)));
    }

    #[test]
    fn a_deleted_file_costs_its_bytes_and_a_deleted_directory_what_is_below() {
        assert_eq!(figures(&[&[file("a", "12345")], &[whiteout("a")]]), (0.0, 5, None));
        let below: &[Item] = &[dir("d"), file("d/a", "12345"), file("d/b", "1")];
        let twice: &[Item] = &[whiteout("d"), file("x", "1")];
        assert_eq!(figures(&[below, twice, below, twice]), (0.5, 26, Some(3.25)));
        assert_eq!(figures(&[below, &[whiteout("d"), file("x", "1")]]), (1.0, 0, Some(0.0)));
    }

    #[test]
    fn a_whiteout_of_nothing_ends_the_scan_of_its_layer() {
        let below: &[Item] = &[file("a", "12345"), file("z", "1")];
        let aborted: &[Item] = &[file("a", "12"), whiteout("gone"), file("z", "1")];
        assert_eq!(figures(&[below, aborted]), (5.0 / 6.0, 0, Some(0.0)));
    }

    #[test]
    fn opaque_and_bare_markers_do_what_they_do_in_dive() {
        let below: &[Item] = &[dir("d"), file("d/a", "12345")];
        assert_eq!(figures(&[below, &[opaque("d"), file("d/a", "1")]]).1, 6);
        assert_eq!(figures(&[below, &[bare_whiteout("d")], &[file("d/a", "1")]]), (6.0 / 11.0, 6, Some(6.0)));
    }

    #[test]
    fn nested_whiteouts_stay_linear() {
        let deep: Vec<String> = (1..=800).map(|levels| vec!["d"; levels].join("/")).collect();
        let below: Vec<Item> = deep.iter().map(|path| dir(path)).collect();
        let above: Vec<Item> = deep.iter().skip(1).map(|path| whiteout(path)).collect();
        assert_eq!(figures(&[&below, &above, &below]).1, 0);
    }
}
