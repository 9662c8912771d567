//! Two trees, path by path.

use std::collections::HashMap;

use serde::{Deserialize, Serialize, Serializer};

use super::How;
use crate::{
    path::{PathId, PathTable},
    tree::{Inode, InodeId, InodeKind, UnionTree, View, compare_paths},
};

/// What differs between two trees.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The paths of both: ids in `changes` are of this table.
    pub table: PathTable,
    /// Sorted by path.
    pub changes: Vec<PathChange>,
    pub added: u64,
    pub removed: u64,
    pub changed: u64,
    /// Living paths that have no difference that counts.
    pub same: u64,
    /// Merged bytes of each tree, a hard-link group once.
    pub bytes_a: u64,
    pub bytes_b: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathChange {
    pub path: PathId,
    pub change: Change,
    pub a: Option<Seen>,
    pub b: Option<Seen>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    Removed,
    Changed(Aspects),
}

/// What one tree has at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// As in the report's `types`; what a hard link is bound to counts.
    pub word: &'static str,
    pub size: u64,
    /// The layer the name comes from.
    pub layer: u32,
}

/// One way in which what is at a path differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Aspect {
    Type,
    /// Bytes of a file, or number of a device.
    Content,
    /// Target of a symbolic link.
    Target,
    Mode,
    Owner,
    Xattrs,
    /// Other names share the file.
    Links,
    Time,
}

/// A set of aspects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Aspects(u8);

impl Paths {
    /// What turns `a` into `b`. See [`super::Side::tree`] for what the two must have in common.
    pub fn compare(a: &UnionTree, b: &UnionTree, how: How) -> Self {
        let mut table = PathTable::new();
        let [of_a, of_b] = [a, b].map(|tree| joined(tree, &mut table));
        let mut both: Vec<(Option<View<'_>>, Option<View<'_>>)> = vec![(None, None); table.len()];
        for (view, at) in a.living().zip(&of_a) {
            both[at.index()].0 = Some(view);
        }
        for (view, at) in b.living().zip(&of_b) {
            both[at.index()].1 = Some(view);
        }
        let [groups_a, groups_b] = [
            groups(both.iter().map(|(a, b)| b.is_some().then_some(*a)?)),
            groups(both.iter().map(|(a, b)| a.is_some().then_some(*b)?)),
        ];
        let mut paths = Self {
            table,
            changes: Vec::new(),
            added: 0,
            removed: 0,
            changed: 0,
            same: 0,
            bytes_a: a.bytes(),
            bytes_b: b.bytes(),
        };
        for (at, (view_a, view_b)) in both.into_iter().enumerate() {
            let change = match (view_a, view_b) {
                (None, None) => continue,
                (None, Some(_)) => Change::Added,
                (Some(_), None) => Change::Removed,
                (Some(view_a), Some(view_b)) => {
                    let mut aspects = differing((a, view_a.inode), (b, view_b.inode), how);
                    if groups_a.get(&view_a.inode_id) != groups_b.get(&view_b.inode_id) {
                        aspects.insert(Aspect::Links);
                    }
                    if aspects.is_empty() {
                        paths.same += 1;
                        continue;
                    }
                    Change::Changed(aspects)
                }
            };
            *match change {
                Change::Added => &mut paths.added,
                Change::Removed => &mut paths.removed,
                Change::Changed(_) => &mut paths.changed,
            } += 1;
            let [a, b] = [view_a, view_b].map(|view| view.map(seen));
            paths.changes.push(PathChange { path: PathId(at as u32), change, a, b });
        }
        let Self { table, changes, .. } = &mut paths;
        changes.sort_by(|a, b| compare_paths(table, a.path, b.path));
        paths
    }
}

/// The living paths of a tree, in its own order, in a table of both.
fn joined(tree: &UnionTree, table: &mut PathTable) -> Vec<PathId> {
    let paths = tree.paths();
    let mut places = vec![PathId::ROOT; paths.len()];
    tree.living()
        .map(|view| {
            let parent = places[paths.parent(view.path).index()];
            let place = table.child(parent, paths.name(view.path));
            places[view.path.index()] = place;
            place
        })
        .collect()
}

/// For each inode with several names in the common paths, the first of them. Two trees link alike where these are equal.
fn groups<'a>(views: impl Iterator<Item = Option<View<'a>>>) -> HashMap<InodeId, PathId> {
    let mut first: HashMap<InodeId, (PathId, u32)> = HashMap::new();
    for (at, view) in views.enumerate() {
        if let Some(view) = view.filter(|view| view.inode.names > 1) {
            first.entry(view.inode_id).or_insert((PathId(at as u32), 0)).1 += 1;
        }
    }
    first.into_iter().filter(|(_, (_, names))| *names > 1).map(|(id, (path, _))| (id, path)).collect()
}

fn differing((tree_a, a): (&UnionTree, &Inode), (tree_b, b): (&UnionTree, &Inode), how: How) -> Aspects {
    let mut aspects = Aspects::default();
    match (a.kind, b.kind) {
        (InodeKind::Symlink { target: a }, InodeKind::Symlink { target: b }) => {
            aspects.insert_if(Aspect::Target, tree_a.target(a) != tree_b.target(b));
        }
        (InodeKind::Other(a), InodeKind::Other(b)) => aspects.insert_if(Aspect::Type, a != b),
        (kind_a, kind_b) if std::mem::discriminant(&kind_a) != std::mem::discriminant(&kind_b) => {
            aspects.insert(Aspect::Type);
        }
        (kind_a, kind_b) => aspects.insert_if(Aspect::Content, kind_a != kind_b || a.size != b.size),
    }
    let (m, n) = (&a.metadata, &b.metadata);
    // No system looks at the mode of a symbolic link, and tools write what they like.
    let has_mode = !matches!(a.kind, InodeKind::Symlink { .. });
    aspects.insert_if(Aspect::Mode, m.mode != n.mode && (how == How::Strict || has_mode));
    aspects.insert_if(Aspect::Owner, (m.uid, m.gid) != (n.uid, n.gid));
    aspects.insert_if(Aspect::Xattrs, tree_a.xattrs(m) != tree_b.xattrs(n));
    let times_differ = (m.mtime, m.mtime_nanos) != (n.mtime, n.mtime_nanos);
    aspects.insert_if(Aspect::Time, how == How::Strict && times_differ);
    aspects
}

fn seen(view: View<'_>) -> Seen {
    Seen { word: view.word, size: view.inode.size, layer: view.layer }
}

impl Aspect {
    pub const ALL: [Self; 8] =
        [Self::Type, Self::Content, Self::Target, Self::Mode, Self::Owner, Self::Xattrs, Self::Links, Self::Time];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Content => "content",
            Self::Target => "target",
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::Xattrs => "xattrs",
            Self::Links => "links",
            Self::Time => "time",
        }
    }
}

impl Aspects {
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn contains(self, aspect: Aspect) -> bool {
        self.0 & (1 << aspect as u8) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Aspect> {
        Aspect::ALL.into_iter().filter(move |&aspect| self.contains(aspect))
    }

    fn insert(&mut self, aspect: Aspect) {
        self.0 |= 1 << aspect as u8;
    }

    fn insert_if(&mut self, aspect: Aspect, condition: bool) {
        if condition {
            self.insert(aspect);
        }
    }
}

impl Serialize for Aspects {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
