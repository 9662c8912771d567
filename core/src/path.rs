//! Paths as a tree of interned components.
//!
//! A map of full paths is the simple way and the wrong one: one hostile path of 5,000 levels needs gigabytes as
//! full paths, and about a hundred kilobytes here. Paths are bytes; nothing is decoded.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

/// A path in one [`PathTable`]; ids of different tables must not be mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PathId(pub u32);

impl PathId {
    /// The root directory: the empty path.
    pub const ROOT: Self = Self(0);

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// All paths of a layer or of a tree. Parents always have a smaller id than their children.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PathTable {
    names: Vec<u8>,
    nodes: Vec<PathNode>,
    #[serde(skip)]
    lookup: HashTable<u32>,
    #[serde(skip)]
    seed: DefaultHashBuilder,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct PathNode {
    parent: u32,
    name_start: u32,
    name_len: u32,
}

impl Default for PathTable {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            nodes: vec![PathNode { parent: 0, name_start: 0, name_len: 0 }],
            lookup: HashTable::new(),
            seed: DefaultHashBuilder::default(),
        }
    }
}

impl PathTable {
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of paths, the root included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }

    /// All paths, every parent before its children.
    pub fn ids(&self) -> impl Iterator<Item = PathId> + use<> {
        (0..self.nodes.len() as u32).map(PathId)
    }

    /// The root is its own parent.
    pub fn parent(&self, path: PathId) -> PathId {
        PathId(self.nodes[path.index()].parent)
    }

    /// The last component; empty for the root.
    pub fn name(&self, path: PathId) -> &[u8] {
        let node = &self.nodes[path.index()];
        &self.names[node.name_start as usize..][..node.name_len as usize]
    }

    pub fn depth(&self, path: PathId) -> usize {
        std::iter::successors(Some(path), |&p| (p != PathId::ROOT).then(|| self.parent(p))).count() - 1
    }

    /// The components joined by `/`, without a leading slash.
    pub fn bytes(&self, path: PathId) -> Vec<u8> {
        let mut components = Vec::new();
        let mut at = path;
        while at != PathId::ROOT {
            components.push(self.name(at));
            at = self.parent(at);
        }
        components.reverse();
        components.join(&b'/')
    }

    /// The path made harmless for display; `/` for the root.
    pub fn display(&self, path: PathId) -> String {
        if path == PathId::ROOT { "/".into() } else { crate::display::harmless(&self.bytes(path)) }
    }

    pub fn find_child(&self, parent: PathId, name: &[u8]) -> Option<PathId> {
        debug_assert!(self.lookup.len() + 1 == self.nodes.len(), "rebuild_lookup was not called after decoding");
        self.lookup.find(hash(&self.seed, parent, name), |&id| self.is_child(id, parent, name)).map(|&id| PathId(id))
    }

    /// Finds or adds. `name` is one component: not empty, no slash.
    pub fn child(&mut self, parent: PathId, name: &[u8]) -> PathId {
        if let Some(found) = self.find_child(parent, name) {
            return found;
        }
        let id = self.nodes.len() as u32;
        let name_start = self.names.len() as u32;
        self.names.extend_from_slice(name);
        self.nodes.push(PathNode { parent: parent.0, name_start, name_len: name.len() as u32 });
        self.insert_lookup(id);
        PathId(id)
    }

    /// Finds or adds the path of `components`.
    pub fn path<'a>(&mut self, components: impl IntoIterator<Item = &'a [u8]>) -> PathId {
        components.into_iter().fold(PathId::ROOT, |parent, name| self.child(parent, name))
    }

    pub fn find<'a>(&self, components: impl IntoIterator<Item = &'a [u8]>) -> Option<PathId> {
        components.into_iter().try_fold(PathId::ROOT, |parent, name| self.find_child(parent, name))
    }

    /// Makes the look-up index where a journey has lost it.
    pub fn ensure_lookup(&mut self) {
        if self.lookup.len() + 1 != self.nodes.len() {
            self.rebuild_lookup();
        }
    }

    /// The look-up index does not travel: it is built again on the side that needs to find paths by name.
    pub fn rebuild_lookup(&mut self) {
        self.lookup = HashTable::with_capacity(self.nodes.len());
        for id in 1..self.nodes.len() as u32 {
            self.insert_lookup(id);
        }
    }

    fn insert_lookup(&mut self, id: u32) {
        let Self { names, nodes, lookup, seed } = self;
        let key = |&id: &u32| {
            let node = &nodes[id as usize];
            hash(seed, PathId(node.parent), &names[node.name_start as usize..][..node.name_len as usize])
        };
        lookup.insert_unique(key(&id), id, key);
    }

    fn is_child(&self, id: u32, parent: PathId, name: &[u8]) -> bool {
        self.nodes[id as usize].parent == parent.0 && self.name(PathId(id)) == name
    }
}

fn hash(seed: &DefaultHashBuilder, parent: PathId, name: &[u8]) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write_u32(parent.0);
    hasher.write(name);
    hasher.finish()
}

/// What became of a name from an archive when it was clamped into the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clamped<'a> {
    /// Components without `.`, `..` and empty ones; empty for the root itself.
    pub components: Vec<&'a [u8]>,
    /// The name began with `/`.
    pub absolute: bool,
    /// The name held a `..` component (resolved by name, and never above the root).
    pub dot_dot: bool,
    /// The name ended in `/`, as directories of old archives do.
    pub trailing_slash: bool,
}

/// Splits a name from an archive and clamps it at the root, by name alone: no symbolic link is followed.
pub fn clamp(name: &[u8]) -> Clamped<'_> {
    let mut components = Vec::new();
    let mut dot_dot = false;
    for part in name.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                dot_dot = true;
                components.pop();
            }
            part => components.push(part),
        }
    }
    Clamped { components, absolute: name.starts_with(b"/"), dot_dot, trailing_slash: name.ends_with(b"/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_clamped_at_the_root() {
        for (name, inside) in [
            ("./a/b", "a/b"),
            ("/etc/passwd", "etc/passwd"),
            ("../../etc/passwd", "etc/passwd"),
            ("a/../../b", "b"),
            ("a//b/./c/", "a/b/c"),
            ("./", ""),
            ("..", ""),
        ] {
            assert_eq!(clamp(name.as_bytes()).components.join(&b'/'), inside.as_bytes(), "{name}");
        }
    }

    #[test]
    fn a_path_is_interned_once_and_found_again_after_a_journey() {
        let mut table = PathTable::new();
        let b = table.path([&b"usr"[..], b"bin"]);
        assert_eq!(table.path([&b"usr"[..], b"bin"]), b);
        assert_eq!(table.len(), 3);
        assert_eq!(table.bytes(b), b"usr/bin");
        let mut travelled: PathTable = postcard::from_bytes(&postcard::to_stdvec(&table).unwrap()).unwrap();
        travelled.rebuild_lookup();
        assert_eq!(travelled.find([&b"usr"[..], b"bin"]), Some(b));
        assert_eq!(travelled.find([&b"bin"[..]]), None);
    }

    #[test]
    fn five_thousand_levels_cost_five_thousand_nodes() {
        let mut table = PathTable::new();
        let deep = table.path(std::iter::repeat_n(&b"d"[..], 5_000));
        assert_eq!((table.len(), table.depth(deep)), (5_001, 5_000));
    }
}
