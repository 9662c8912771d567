//! Two changesets as one.

use std::fmt;

use crate::{
    layer::changeset::{Changeset, Entry, EntryKind, Metadata, Whiteout},
    path::PathId,
};

/// Why no single changeset does what two in turn do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotComposable {
    /// The upper one removes an entry of the lower one whose parent no entry lists: in turn the parent stays as a
    /// directory, with the metadata that a layer below both gives it, and no entry can say that. Holds the parent.
    ImpliedParent(Vec<u8>),
    /// The upper one removes what a hard link of the lower one is bound to. Holds the target.
    HardLinkTarget(Vec<u8>),
}

/// The changeset that does to any tree what `lower` and then `upper` do.
///
/// Its whiteouts are those of both; its entries are the lower ones that the upper whiteouts leave, then the upper
/// ones, so a path may stand in it twice. It belongs to no tar: offsets of data are 0.
pub fn compose(lower: &Changeset, upper: &Changeset) -> Result<Changeset, NotComposable> {
    let mut composed = Composed::new(lower, upper);
    for entry in lower.entries.iter().filter(|entry| is_whiteout(entry)) {
        composed.push(lower, Side::Lower, entry);
    }
    for entry in upper.entries.iter().filter(|entry| is_whiteout(entry)) {
        composed.push(upper, Side::Upper, entry);
    }
    let removed = composed.removed(upper);
    composed.check(lower, &removed)?;
    for entry in lower.entries.iter().filter(|entry| !is_whiteout(entry)) {
        if !removed[composed.lower[entry.path.index()].index()] {
            composed.push(lower, Side::Lower, entry);
        }
    }
    for entry in upper.entries.iter().filter(|entry| !is_whiteout(entry)) {
        composed.push(upper, Side::Upper, entry);
    }
    Ok(composed.changeset)
}

struct Composed {
    changeset: Changeset,
    /// The paths of both, in the composed table.
    lower: Vec<PathId>,
    upper: Vec<PathId>,
}

#[derive(Clone, Copy)]
enum Side {
    Lower,
    Upper,
}

impl Composed {
    fn new(lower: &Changeset, upper: &Changeset) -> Self {
        let mut changeset = Changeset::default();
        let [lower, upper] = [lower, upper].map(|from| {
            let mut ids = vec![PathId::ROOT];
            for id in from.paths.ids().skip(1) {
                let parent = ids[from.paths.parent(id).index()];
                ids.push(changeset.paths.child(parent, from.paths.name(id)));
            }
            ids
        });
        Self { changeset, lower, upper }
    }

    fn push(&mut self, from: &Changeset, side: Side, entry: &Entry) {
        let ids = match side {
            Side::Lower => &self.lower,
            Side::Upper => &self.upper,
        };
        let kind = match entry.kind {
            EntryKind::HardLink { target } => EntryKind::HardLink { target: ids[target.index()] },
            EntryKind::Symlink { target } => {
                EntryKind::Symlink { target: self.changeset.add_target(from.target(target)) }
            }
            kind => kind,
        };
        let path = ids[entry.path.index()];
        let xattrs = self.changeset.add_xattrs(from.xattrs(entry.metadata.xattrs).to_vec());
        let metadata = Metadata { xattrs, ..entry.metadata };
        self.changeset.entries.push(Entry { path, kind, metadata, size: entry.size, data_offset: 0 });
    }

    /// For each composed path, whether the whiteouts of `upper` take it away.
    fn removed(&self, upper: &Changeset) -> Vec<bool> {
        let paths = &self.changeset.paths;
        let mut removed = vec![false; paths.len()];
        let mut below = vec![false; paths.len()];
        for entry in &upper.entries {
            let at = self.upper[entry.path.index()].index();
            match entry.kind {
                EntryKind::Whiteout(Whiteout::Explicit) if at > 0 => (removed[at], below[at]) = (true, true),
                EntryKind::Whiteout(Whiteout::Opaque) => below[at] = true,
                _ => {}
            }
        }
        for path in paths.ids().skip(1) {
            let parent_below = below[paths.parent(path).index()];
            removed[path.index()] |= parent_below;
            below[path.index()] |= parent_below;
        }
        removed
    }

    fn check(&self, lower: &Changeset, removed: &[bool]) -> Result<(), NotComposable> {
        let paths = &self.changeset.paths;
        let mut only_directory: Vec<Option<bool>> = vec![None; paths.len()];
        for entry in lower.entries.iter().filter(|entry| !is_whiteout(entry)) {
            let known = &mut only_directory[self.lower[entry.path.index()].index()];
            *known = Some(known.unwrap_or(true) && entry.kind == EntryKind::Directory);
        }
        for entry in lower.entries.iter().filter(|entry| !is_whiteout(entry)) {
            let path = self.lower[entry.path.index()];
            if !removed[path.index()] {
                if let EntryKind::HardLink { target } = entry.kind
                    && removed[self.lower[target.index()].index()]
                {
                    return Err(NotComposable::HardLinkTarget(lower.paths.bytes(target)));
                }
                continue;
            }
            let ancestors = std::iter::successors(Some(path), |&at| Some(paths.parent(at)));
            let implied = ancestors
                .take_while(|&at| at != PathId::ROOT)
                .find(|at| !removed[at.index()] && only_directory[at.index()] != Some(true));
            if let Some(parent) = implied {
                return Err(NotComposable::ImpliedParent(paths.bytes(parent)));
            }
        }
        Ok(())
    }
}

fn is_whiteout(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::Whiteout(_))
}

impl fmt::Display for NotComposable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |bytes: &[u8]| crate::display::harmless(bytes);
        match self {
            Self::ImpliedParent(parent) => write!(
                f,
                "no single layer can say that {} stays: no entry of the lower layer lists it, and what implies it is \
                 removed",
                path(parent)
            ),
            Self::HardLinkTarget(target) => {
                write!(f, "no single layer can remove {} and keep the hard link of the lower layer to it", path(target))
            }
        }
    }
}

impl std::error::Error for NotComposable {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        limits::Limits,
        tree::{
            UnionTree,
            testing::{Item, changeset, describe, dir, file, link, opaque, symlink, whiteout},
        },
    };

    fn in_turn(layers: &[&Changeset]) -> Vec<String> {
        let mut tree = UnionTree::new(&Limits::default());
        for layer in layers {
            tree.apply(layer, 0);
        }
        describe(&tree)
    }

    #[track_caller]
    fn assert_composes(base: &[Item], lower: &[Item], upper: &[Item]) {
        let [base, lower, upper] = [base, lower, upper].map(changeset);
        let composed = compose(&lower, &upper).unwrap();
        assert_eq!(in_turn(&[&base, &composed]), in_turn(&[&base, &lower, &upper]));
    }

    #[test]
    fn whiteouts_of_the_upper_reach_the_lower_and_what_is_below_both() {
        let base = [dir("d"), file("d/base", "b"), file("a", "")];
        assert_composes(&base, &[dir("d"), file("d/lower", "l")], &[opaque("d"), file("d/upper", "u")]);
        assert_composes(&base, &[file("a", "new")], &[whiteout("a")]);
        assert_composes(&base, &[whiteout("a")], &[file("a", "again")]);
    }

    #[test]
    fn a_directory_that_was_a_file_in_between_has_lost_what_it_held() {
        assert_composes(&[dir("d"), file("d/x", "")], &[file("d", "")], &[dir("d"), file("d/y", "")]);
    }

    #[test]
    fn a_hard_link_keeps_the_content_that_the_upper_writes_over() {
        assert_composes(&[], &[file("a", "one"), link("b", "a")], &[file("a", "two")]);
    }

    #[test]
    fn what_no_single_layer_can_say_is_refused() {
        let refused =
            |lower: &[Item], upper: &[Item]| compose(&changeset(lower), &changeset(upper)).unwrap_err().to_string();
        assert_eq!(
            refused(&[file("d/x", "")], &[whiteout("d/x")]),
            "no single layer can say that d stays: no entry of the lower layer lists it, and what implies it is removed"
        );
        assert_eq!(
            refused(&[link("h", "f")], &[whiteout("f")]),
            "no single layer can remove f and keep the hard link of the lower layer to it"
        );
    }

    fn any_layer() -> impl Strategy<Value = Vec<Item>> {
        let name = prop::sample::select(vec!["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "f"]);
        let item = prop_oneof![
            3 => (name.clone(), "[xy]{0,2}").prop_map(|(path, content)| file(path, &content)),
            2 => name.clone().prop_map(|path| dir(path).mode(0o700)),
            1 => name.clone().prop_map(|path| symlink(path, "t")),
            1 => (name.clone(), name.clone()).prop_map(|(path, target)| link(path, target)),
            2 => name.clone().prop_map(whiteout),
            1 => name.prop_map(opaque),
        ];
        (any::<bool>(), prop::collection::vec(item, 0..6)).prop_map(|(lists_parents, items)| {
            let parents = if lists_parents { vec![dir("d"), dir("d/e")] } else { Vec::new() };
            parents.into_iter().chain(items).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn a_composed_changeset_does_what_the_two_do_in_turn(
            base in any_layer(), lower in any_layer(), upper in any_layer(),
        ) {
            let [base, lower, upper] = [base, lower, upper].map(|items| changeset(&items));
            if let Ok(composed) = compose(&lower, &upper) {
                prop_assert_eq!(in_turn(&[&base, &composed]), in_turn(&[&base, &lower, &upper]));
            }
        }
    }
}
