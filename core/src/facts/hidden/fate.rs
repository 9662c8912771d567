//! What became of a file of one layer in the layers above it.

use serde::{Deserialize, Serialize};

use crate::{
    layer::changeset::{Changeset, EntryKind, Whiteout},
    path::{PathId, clamp},
};

/// Whether a process in the container still sees what a layer brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Gone from the image, and still in the layer that brought it.
    Deleted {
        by: u32,
    },
    /// Another file has its place (in the same layer, where a layer lists a path twice).
    Replaced {
        by: u32,
    },
    Visible,
}

/// What one layer does to a path of the layers below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Deletes,
    Replaces,
}

/// The entries of one layer by path, so that many paths can be asked for.
#[derive(Debug)]
pub struct Marks<'c> {
    changeset: &'c Changeset,
    marks: Vec<u8>,
}

const DIRECTORY: u8 = 1;
const OTHER: u8 = 2;
const WHITEOUT: u8 = 4;
const OPAQUE: u8 = 8;

impl<'c> Marks<'c> {
    /// The changeset must be able to find paths: after a journey `rebuild_lookup` comes first.
    pub fn new(changeset: &'c Changeset) -> Self {
        let mut marks = vec![0; changeset.paths.len()];
        for entry in &changeset.entries {
            let mark = match entry.kind {
                EntryKind::Directory => DIRECTORY,
                EntryKind::Whiteout(Whiteout::Explicit) => WHITEOUT,
                EntryKind::Whiteout(Whiteout::Opaque) => OPAQUE,
                EntryKind::Whiteout(Whiteout::Bare) => 0,
                _ => OTHER,
            };
            if let Some(marks) = marks.get_mut(entry.path.index()) {
                *marks |= mark;
            }
        }
        Self { changeset, marks }
    }

    /// `None` where the layer leaves the path of the layers below alone.
    pub fn effect(&self, path: &[u8]) -> Option<Effect> {
        let components = clamp(path).components;
        let (last, parents) = components.split_last()?;
        let paths = &self.changeset.paths;
        let mark = |at: PathId| self.marks.get(at.index()).copied().unwrap_or(0);
        let mut at = PathId::ROOT;
        let mut gone = mark(at) & OPAQUE != 0;
        for name in parents {
            match paths.find_child(at, name) {
                Some(child) => at = child,
                None => return gone.then_some(Effect::Deletes),
            }
            // What is no directory ends all that was below it, unless it is one again in the same layer.
            let not_directory = mark(at) & OTHER != 0 && mark(at) & DIRECTORY == 0;
            gone |= mark(at) & (WHITEOUT | OPAQUE) != 0 || not_directory;
        }
        let mark = paths.find_child(at, last).map_or(0, mark);
        if mark & (OTHER | DIRECTORY) != 0 {
            return Some(Effect::Replaces);
        }
        (gone || mark & WHITEOUT != 0).then_some(Effect::Deletes)
    }

    /// Whether another entry for the same path comes later in the layer.
    pub fn is_written_over(&self, path: &[u8], data_offset: u64) -> bool {
        let Some(at) = self.changeset.paths.find(clamp(path).components) else { return false };
        if self.marks.get(at.index()).is_none_or(|mark| mark & (OTHER | DIRECTORY) == 0) {
            return false;
        }
        let last = self
            .changeset
            .entries
            .iter()
            .rev()
            .find(|entry| entry.path == at && !matches!(entry.kind, EntryKind::Whiteout(_)));
        last.is_some_and(|entry| entry.data_offset > data_offset)
    }

    /// Other names that the layer gives to the file at `path`.
    pub fn hard_links(&self, path: &[u8]) -> Vec<Vec<u8>> {
        let Some(at) = self.changeset.paths.find(clamp(path).components) else { return Vec::new() };
        let linked = |entry: &&crate::layer::changeset::Entry| matches!(entry.kind, EntryKind::HardLink { target } if target == at);
        self.changeset.entries.iter().filter(linked).map(|entry| self.changeset.paths.bytes(entry.path)).collect()
    }
}

/// The fate of the file that `layer` has at `path`, in the layers above. `layers` is base first; an absent layer is
/// `None` and leaves all as it is.
pub fn fate(layers: &[Option<Marks<'_>>], layer: usize, path: &[u8], data_offset: u64) -> Fate {
    let Some(Some(own)) = layers.get(layer) else { return Fate::Visible };
    if own.is_written_over(path, data_offset) {
        return Fate::Replaced { by: layer as u32 };
    }
    let above = |path: &[u8]| {
        let effects = layers.iter().enumerate().skip(layer + 1);
        effects.filter_map(|(by, marks)| Some((by as u32, marks.as_ref()?.effect(path)?))).next()
    };
    let fate = match above(path) {
        None => return Fate::Visible,
        Some((by, Effect::Deletes)) => Fate::Deleted { by },
        Some((by, Effect::Replaces)) => Fate::Replaced { by },
    };
    // A hard link keeps the bytes in sight under another name.
    if own.hard_links(path).iter().any(|link| above(link).is_none()) { Fate::Visible } else { fate }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::testing::{Item, bare_whiteout, changeset, dir, file, link, opaque, symlink, whiteout};

    fn fate_of(path: &str, layers: &[&[Item]]) -> Fate {
        let changesets: Vec<_> = layers.iter().map(|items| changeset(items)).collect();
        let marks: Vec<_> = changesets.iter().map(|changeset| Some(Marks::new(changeset))).collect();
        fate(&marks, 0, path.as_bytes(), 0)
    }

    #[test]
    fn a_file_lives_until_a_layer_above_ends_it() {
        let base = [dir("d"), file("d/key", "k")];
        for (upper, expected) in [
            (vec![file("other", "")], Fate::Visible),
            (vec![dir("d"), file("d/x", "")], Fate::Visible),
            (vec![whiteout("d/other"), bare_whiteout("d")], Fate::Visible),
            (vec![whiteout("d/key")], Fate::Deleted { by: 1 }),
            (vec![whiteout("d")], Fate::Deleted { by: 1 }),
            (vec![whiteout("d"), dir("d")], Fate::Deleted { by: 1 }),
            (vec![dir("d"), opaque("d")], Fate::Deleted { by: 1 }),
            (vec![opaque("")], Fate::Deleted { by: 1 }),
            (vec![file("d", "")], Fate::Deleted { by: 1 }),
            (vec![symlink("d", "elsewhere")], Fate::Deleted { by: 1 }),
            (vec![file("d/key", "new")], Fate::Replaced { by: 1 }),
            (vec![opaque("d"), file("d/key", "new")], Fate::Replaced { by: 1 }),
        ] {
            assert_eq!(fate_of("d/key", &[&base, &upper]), expected, "{upper:?}");
        }
        assert_eq!(
            fate_of("d/key", &[&base, &[], &[whiteout("d/key")], &[file("d/key", "")]]),
            Fate::Deleted { by: 2 }
        );
    }

    #[test]
    fn a_hard_link_keeps_it_in_sight() {
        let base = [file("key", "k"), link("again", "key")];
        assert_eq!(fate_of("key", &[&base, &[whiteout("key")]]), Fate::Visible);
        assert_eq!(fate_of("key", &[&base, &[whiteout("key"), whiteout("again")]]), Fate::Deleted { by: 1 });
    }
}
