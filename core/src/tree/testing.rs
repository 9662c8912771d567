//! Layers written down as lists of paths.

use std::collections::BTreeSet;

use super::UnionTree;
use crate::{
    digest::Digest,
    layer::changeset::{Changeset, ContentHash, DeviceNumber, Entry, EntryKind, Metadata, Whiteout, Xattr},
    limits::Limits,
    path::{PathId, clamp},
};

/// One tar member to be.
#[derive(Clone, Debug)]
pub struct Item {
    path: String,
    kind: Kind,
    metadata: Metadata,
    xattr: Option<(String, String)>,
    size: u64,
}

#[derive(Clone, Debug)]
enum Kind {
    File(String),
    Directory,
    Symlink(String),
    HardLink(String),
    Char(u32, u32),
    Whiteout(Whiteout),
}

pub fn file(path: &str, content: &str) -> Item {
    Item::new(path, Kind::File(content.into()), 0o644).sized(content.len() as u64)
}

pub fn dir(path: &str) -> Item {
    Item::new(path, Kind::Directory, 0o755)
}

pub fn symlink(path: &str, target: &str) -> Item {
    Item::new(path, Kind::Symlink(target.into()), 0o777)
}

/// A hard link from `path` to `target`.
pub fn link(path: &str, target: &str) -> Item {
    Item::new(path, Kind::HardLink(target.into()), 0o644)
}

pub fn char_device(path: &str, major: u32, minor: u32) -> Item {
    Item::new(path, Kind::Char(major, minor), 0o644)
}

/// Hides `path` of the lower layers.
pub fn whiteout(path: &str) -> Item {
    Item::new(path, Kind::Whiteout(Whiteout::Explicit), 0o644)
}

/// Hides all that the lower layers have in `directory`.
pub fn opaque(directory: &str) -> Item {
    Item::new(directory, Kind::Whiteout(Whiteout::Opaque), 0o644)
}

/// `.wh.` alone, in `directory`.
pub fn bare_whiteout(directory: &str) -> Item {
    Item::new(directory, Kind::Whiteout(Whiteout::Bare), 0o644)
}

impl Item {
    fn new(path: &str, kind: Kind, mode: u16) -> Self {
        let metadata = Metadata { mode, ..Metadata::default() };
        Self { path: path.into(), kind, metadata, xattr: None, size: 0 }
    }

    pub fn name(&self) -> &str {
        &self.path
    }

    pub fn is_whiteout(&self) -> bool {
        matches!(self.kind, Kind::Whiteout(_))
    }

    pub fn mode(mut self, mode: u16) -> Self {
        self.metadata.mode = mode;
        self
    }

    pub fn mtime(mut self, mtime: i64) -> Self {
        self.metadata.mtime = mtime;
        self
    }

    pub fn xattr(mut self, name: &str, value: &str) -> Self {
        self.xattr = Some((name.into(), value.into()));
        self
    }

    /// The size its header declares, for what is no file.
    pub fn sized(mut self, size: u64) -> Self {
        self.size = size;
        self
    }
}

pub fn changeset(items: &[Item]) -> Changeset {
    let mut changeset = Changeset::default();
    for item in items {
        let path = intern(&mut changeset, &item.path);
        let kind = match &item.kind {
            Kind::File(content) => EntryKind::File { content: content_hash(content) },
            Kind::Directory => EntryKind::Directory,
            Kind::Symlink(target) => EntryKind::Symlink { target: changeset.add_target(target.as_bytes()) },
            Kind::HardLink(target) => EntryKind::HardLink { target: intern(&mut changeset, target) },
            &Kind::Char(major, minor) => EntryKind::CharDevice(DeviceNumber { major, minor }),
            &Kind::Whiteout(whiteout) => EntryKind::Whiteout(whiteout),
        };
        let set = item
            .xattr
            .iter()
            .map(|(name, value)| Xattr { name: name.as_bytes().into(), value: value.as_bytes().into() });
        let xattrs = changeset.add_xattrs(set.collect());
        let metadata = Metadata { xattrs, ..item.metadata };
        changeset.entries.push(Entry { path, kind, metadata, size: item.size, data_offset: 0 });
    }
    changeset
}

/// What a layer's summary says of its regular bytes: whiteout markers are regular files in the tar.
pub fn regular_bytes(changeset: &Changeset) -> u64 {
    let regular = |entry: &&Entry| matches!(entry.kind, EntryKind::File { .. } | EntryKind::Whiteout(_));
    changeset.entries.iter().filter(regular).map(|entry| entry.size).sum()
}

/// The union of `layers`, base first.
pub fn tree(layers: &[&[Item]]) -> UnionTree {
    let mut tree = UnionTree::new(&Limits::default());
    for items in layers {
        let changeset = changeset(items);
        tree.apply(&changeset, regular_bytes(&changeset));
    }
    tree
}

/// The surviving paths, sorted.
pub fn files(tree: &UnionTree) -> Vec<String> {
    let paths: BTreeSet<Vec<u8>> = tree.living().map(|view| tree.paths().bytes(view.path)).collect();
    paths.into_iter().map(|path| String::from_utf8_lossy(&path).into_owned()).collect()
}

#[track_caller]
pub fn assert_files(tree: &UnionTree, expected: &[&str]) {
    assert_eq!(files(tree), expected);
}

/// A line a path, with all that two equal trees must have equal; times are in it, inode numbers are not.
pub fn describe(tree: &UnionTree) -> Vec<String> {
    let mut lines: Vec<String> = tree
        .living()
        .map(|view| {
            let path = String::from_utf8_lossy(&tree.paths().bytes(view.path)).into_owned();
            let m = view.inode.metadata;
            let kind = match view.inode.kind {
                super::InodeKind::Symlink { target } => format!("-> {}", String::from_utf8_lossy(tree.target(target))),
                kind => format!("{kind:?}"),
            };
            let others = tree.living().filter(|other| other.inode_id == view.inode_id).count();
            let xattrs = tree.xattrs(&m);
            format!("{path} {} {kind} {:o} {}:{} {} {xattrs:?} x{others}", view.word, m.mode, m.uid, m.gid, m.mtime)
        })
        .collect();
    lines.sort();
    lines
}

fn intern(changeset: &mut Changeset, path: &str) -> PathId {
    changeset.paths.path(clamp(path.as_bytes()).components)
}

fn content_hash(content: &str) -> ContentHash {
    let digest = Digest::sha256(content.as_bytes());
    let half = |at: usize| u64::from_str_radix(&digest.encoded()[at..at + 16], 16).unwrap();
    ContentHash([half(0), half(16)])
}
