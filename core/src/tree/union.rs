//! The union of a stack of layers: what a process sees, and which layer each path comes from.
//!
//! Source: OCI image-spec, layer.md ("Applying Changesets", "Whiteouts").

use std::collections::BTreeMap;

use super::{
    forest::Forest,
    inode::{Inode, InodeId, InodeKind, Inodes},
    intern::Interner,
    ledger::{Ledger, clamp},
};
use crate::{
    finding::Finding,
    layer::changeset::{Metadata, Xattr},
    limits::Limits,
    path::{PathId, PathTable},
    report::{Cause, Counts, Merged},
};

mod apply;
mod settle;
#[cfg(test)]
mod tests;

/// A merged tree that grows by one layer at a time, base first: see [`UnionTree::apply`].
#[derive(Clone, Debug)]
pub struct UnionTree {
    paths: PathTable,
    nodes: Forest<Name>,
    inodes: Inodes,
    xattrs: Interner<Vec<Xattr>>,
    targets: Interner<Vec<u8>>,
    layers: u32,
    totals: Totals,
    ledger: Ledger,
    findings_limit: usize,
    touched: Vec<Touch>,
}

/// A path that the last layer bound or took away; a path may be touched several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    pub path: PathId,
    /// How it was taken away; `None` where something was bound to it.
    pub removed: Option<Cause>,
}

/// What one layer did to the tree below it.
#[derive(Clone, Debug)]
pub struct LayerEffect {
    pub counts: Counts,
    /// Change of the merged bytes; negative where the layer takes more away than it brings.
    pub contribution_bytes: i64,
    /// Merged bytes after the layer.
    pub cumulative_bytes: u64,
    pub findings: Vec<Finding>,
}

/// One living path.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub path: PathId,
    /// What the name is: a hard link is `hardlink`, whatever it is bound to.
    pub word: &'static str,
    pub inode_id: InodeId,
    pub inode: &'a Inode,
    /// The layer the name comes from; the bytes of a hard link may come from a lower one ([`Inode::layer`]).
    pub layer: u32,
}

/// What is known of a path in the tree.
#[derive(Clone, Copy, Debug, Default)]
struct Name {
    inode: InodeId,
    /// The layer whose entry (or implied parent) the name is.
    layer: u32,
    /// The layer since which the path has been there without a gap.
    since: u32,
    /// One more than the last layer that lists the path.
    listed_by: u32,
    /// The name came as a hard link.
    hard_link: bool,
}

/// Sums over the living paths. Sizes are what headers declare, so 64 bits may not hold a sum of them.
#[derive(Clone, Debug, Default)]
struct Totals {
    paths: u64,
    types: BTreeMap<&'static str, u64>,
    bytes: u128,
    bytes_apparent: u128,
    stored: u128,
}

impl UnionTree {
    /// An empty tree: nothing but the root.
    pub fn new(limits: &Limits) -> Self {
        Self {
            paths: PathTable::new(),
            nodes: Forest::default(),
            inodes: Inodes::default(),
            xattrs: Interner::default(),
            targets: Interner::default(),
            layers: 0,
            totals: Totals::default(),
            ledger: Ledger::new(limits.report_rows),
            findings_limit: limits.findings,
            touched: Vec::new(),
        }
    }

    /// An empty tree that keeps every inode it ever has, so that an [`InodeId`] stays good after its names are gone.
    pub fn remembering(limits: &Limits) -> Self {
        Self { inodes: Inodes::keeping(), ..Self::new(limits) }
    }

    /// What the last layer did, in its order. The end of it is in the tree.
    pub fn touched(&self) -> &[Touch] {
        &self.touched
    }

    /// An inode that a name reaches, or, in a tree that remembers, that one ever did.
    pub fn inode(&self, id: InodeId) -> &Inode {
        &self.inodes[id]
    }

    /// Inodes so far: every [`InodeId::index`] is below it.
    pub fn inode_count(&self) -> usize {
        self.inodes.len()
    }

    /// Number of layers applied.
    pub fn layers(&self) -> u32 {
        self.layers
    }

    /// Every path that any of the layers speaks of, living or not.
    pub fn paths(&self) -> &PathTable {
        &self.paths
    }

    /// What is at a path; `None` where nothing is, and for the root.
    pub fn get(&self, path: PathId) -> Option<View<'_>> {
        let node = self.nodes[path];
        if path == PathId::ROOT || !node.alive {
            return None;
        }
        let Name { inode: inode_id, hard_link, layer, .. } = node.value;
        let inode = &self.inodes[inode_id];
        Some(View { path, word: word(inode, hard_link), inode_id, inode, layer })
    }

    /// The living children of a directory, in no useful order.
    pub fn children(&self, directory: PathId) -> impl Iterator<Item = PathId> {
        self.nodes.children(directory)
    }

    pub fn has_children(&self, path: PathId) -> bool {
        self.nodes.has_children(path)
    }

    /// All living paths, the root excluded, every parent before its children.
    pub fn living(&self) -> impl Iterator<Item = View<'_>> {
        self.nodes.living().filter_map(|path| self.get(path))
    }

    /// The extended attributes of an inode of this tree, sorted by name.
    pub fn xattrs(&self, metadata: &Metadata) -> &[Xattr] {
        match metadata.xattrs.0 {
            0 => &[],
            n => self.xattrs.value(n - 1),
        }
    }

    /// The target of a symbolic link: see [`InodeKind::Symlink`].
    pub fn target(&self, target: u32) -> &[u8] {
        self.targets.value(target)
    }

    /// Where the stored bytes went that are not seen. Its sum is [`UnionTree::shadowed_bytes`].
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Regular bytes of all layers applied.
    pub fn stored_bytes(&self) -> u64 {
        clamp(self.totals.stored)
    }

    /// Regular bytes of the merged tree, each hard-link group once.
    pub fn bytes(&self) -> u64 {
        clamp(self.totals.bytes)
    }

    /// Stored, and reachable by no name.
    pub fn shadowed_bytes(&self) -> u64 {
        clamp(self.totals.stored.saturating_sub(self.totals.bytes))
    }

    /// Merged over stored bytes; 1 when nothing is stored.
    pub fn score(&self) -> f64 {
        if self.totals.stored == 0 { 1.0 } else { self.totals.bytes as f64 / self.totals.stored as f64 }
    }

    /// The report's `merged`, with the hash of the listing that [`UnionTree::paths_sha256`] gave.
    pub fn merged(&self, paths_sha256: Option<String>) -> Merged {
        Merged {
            paths: self.totals.paths,
            types: self.totals.types.iter().filter(|(_, n)| **n > 0).map(|(&word, &n)| (word.into(), n)).collect(),
            bytes: clamp(self.totals.bytes),
            bytes_apparent: clamp(self.totals.bytes_apparent),
            paths_sha256,
        }
    }

    pub(super) fn inodes(&self) -> &Inodes {
        &self.inodes
    }
}

/// The word of the report's `types`.
fn word(inode: &Inode, hard_link: bool) -> &'static str {
    match inode.kind {
        _ if hard_link => "hardlink",
        InodeKind::UnresolvedHardLink => "hardlink",
        InodeKind::File { .. } => "file",
        InodeKind::Directory => "dir",
        InodeKind::Symlink { .. } => "symlink",
        InodeKind::CharDevice(_) => "char",
        InodeKind::BlockDevice(_) => "block",
        InodeKind::Fifo => "fifo",
        InodeKind::Other(_) => "other",
    }
}
