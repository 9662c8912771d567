//! Applying one changeset: whiteouts first, then the entries in the order of the tar.

use std::collections::{BTreeMap, HashMap};

use super::{LayerEffect, Name, Touch, UnionTree, clamp, word};
use crate::{
    display::harmless,
    finding::{Code, Finding, Findings},
    layer::changeset::{Changeset, Entry, EntryKind, Metadata, Whiteout, XattrsId},
    path::PathId,
    report::{Cause, Counts},
    tree::inode::{Difference, Inode, InodeId, InodeKind},
};

impl UnionTree {
    /// Lays a layer on top. `regular_bytes` are those of all its members ([`crate::layer::LayerSummary`]): what of
    /// them no path carries is in the ledger too.
    ///
    /// - Whiteouts act on the lower layers only, before the layer's own entries, whatever their place in the tar.
    ///   They go by name: a whiteout below a symbolic link of a lower layer hides nothing behind the link.
    /// - Then the entries in order; of a repeated path the last one wins.
    /// - A directory that a non-directory replaces loses its children; a parent without an entry is a directory,
    ///   0755 and root's; a parent that is no directory becomes one, as in an overlay store, where the layer's own
    ///   directory shadows what is below.
    /// - A hard link is bound to what its target's name means at that moment.
    pub fn apply(&mut self, changeset: &Changeset, regular_bytes: u64) -> LayerEffect {
        let before = self.totals.bytes;
        self.touched.clear();
        let mut layer = Application::new(self, changeset);
        layer.whiteouts();
        layer.entries();
        let (counts, findings) = layer.finish(regular_bytes);
        self.layers += 1;
        let change = self.totals.bytes as i128 - before as i128;
        LayerEffect {
            counts,
            contribution_bytes: change.clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            cumulative_bytes: clamp(self.totals.bytes),
            findings,
        }
    }
}

pub(super) struct Application<'a> {
    pub(super) tree: &'a mut UnionTree,
    pub(super) changeset: &'a Changeset,
    pub(super) layer: u32,
    pub(super) places: Vec<Place>,
    /// What whiteouts of this layer took away: a path that the layer brings again was modified, not added.
    lower: HashMap<PathId, InodeId>,
    /// Paths that were there before the layer and then went.
    pub(super) gone: Vec<PathId>,
    /// Inodes that lost their last name, and why. It is settled at the end of the layer, when it is known whether
    /// the layer brings the path again.
    pub(super) lost: Vec<Lost>,
    /// Names in AUFS's own directories: no part of the tree, and targets of the layer's hard links.
    pub(super) aufs: BTreeMap<PathId, InodeId>,
    /// Numbers of the xattr sets of the changeset, in the tree.
    xattrs: HashMap<u32, XattrsId>,
    pub(super) counts: Counts,
    pub(super) findings: Findings,
    /// Regular bytes that became inodes.
    pub(super) placed: u128,
}

/// A path of the changeset in the tree's table.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) path: PathId,
    pub(super) aufs: bool,
}

pub(super) struct Lost {
    pub(super) inode: InodeId,
    pub(super) path: PathId,
    pub(super) cause: Cause,
}

/// AUFS keeps its bookkeeping in names that begin so (`.wh..wh.plnk`, `.wh..wh.aufs`, `.wh..wh.orph`).
const AUFS_PREFIX: &[u8] = b".wh..wh.";

impl<'a> Application<'a> {
    fn new(tree: &'a mut UnionTree, changeset: &'a Changeset) -> Self {
        let mut places = vec![Place { path: PathId::ROOT, aufs: false }];
        for id in changeset.paths.ids().skip(1) {
            let parent = places[changeset.paths.parent(id).index()];
            let name = changeset.paths.name(id);
            let path = tree.paths.child(parent.path, name);
            places.push(Place { path, aufs: parent.aufs || name.starts_with(AUFS_PREFIX) });
        }
        tree.nodes.grow(tree.paths.len());
        let findings = Findings::new(tree.findings_limit);
        Self {
            layer: tree.layers,
            tree,
            changeset,
            places,
            lower: HashMap::new(),
            gone: Vec::new(),
            lost: Vec::new(),
            aufs: BTreeMap::new(),
            xattrs: HashMap::new(),
            counts: Counts::default(),
            findings,
            placed: 0,
        }
    }

    fn whiteouts(&mut self) {
        for entry in &self.changeset.entries {
            let EntryKind::Whiteout(whiteout) = entry.kind else { continue };
            let path = self.places[entry.path.index()].path;
            match whiteout {
                Whiteout::Opaque => {
                    self.counts.opaque_dirs += 1;
                    let hidden: Vec<PathId> = self.tree.nodes.children(path).collect();
                    for child in hidden {
                        self.remove(child, Cause::HiddenByOpaque, Cause::HiddenByOpaque, true);
                    }
                }
                Whiteout::Explicit => {
                    self.counts.whiteouts += 1;
                    if path != PathId::ROOT && self.tree.nodes[path].alive {
                        self.remove(path, Cause::Deleted, Cause::DeletedWithDirectory, true);
                    } else {
                        self.without_target(path);
                    }
                }
                Whiteout::Bare => {
                    self.counts.whiteouts += 1;
                    self.counts.whiteouts_without_target += 1;
                }
            }
        }
    }

    fn without_target(&mut self, path: PathId) {
        self.counts.whiteouts_without_target += 1;
        self.findings.push_with(|| {
            let bytes = self.tree.paths.bytes(path);
            let message = format!("A whiteout hides {}, which no lower layer has.", harmless(&bytes));
            Finding::note(Code::WhiteoutWithoutTarget, message).at_path(&bytes)
        });
    }

    fn entries(&mut self) {
        let changeset = self.changeset;
        for (number, entry) in changeset.entries.iter().enumerate() {
            if matches!(entry.kind, EntryKind::Whiteout(_)) || entry.path == PathId::ROOT {
                continue;
            }
            let place = self.places[entry.path.index()];
            let (inode, hard_link) = self.inode_of(number as u32, entry);
            if place.aufs {
                if let Some(earlier) = self.aufs.insert(place.path, inode) {
                    self.lost.push(Lost { inode: earlier, path: place.path, cause: Cause::NoPath });
                }
            } else {
                self.count(place.path, inode);
                self.place(place.path, inode, hard_link);
            }
        }
    }

    /// The inode an entry makes, or the one a hard link is bound to.
    fn inode_of(&mut self, number: u32, entry: &Entry) -> (InodeId, bool) {
        let (kind, size) = match entry.kind {
            EntryKind::HardLink { target } => {
                return (self.target_of(entry, target).unwrap_or_else(|| self.unresolved(number, entry, target)), true);
            }
            EntryKind::File { content } => {
                self.placed += u128::from(entry.size);
                (InodeKind::File { content }, entry.size)
            }
            EntryKind::Symlink { target } => {
                let target = self.changeset.target(target);
                (InodeKind::Symlink { target: self.tree.targets.intern(target, || target.to_vec()) }, 0)
            }
            EntryKind::Directory => (InodeKind::Directory, 0),
            EntryKind::CharDevice(number) => (InodeKind::CharDevice(number), 0),
            EntryKind::BlockDevice(number) => (InodeKind::BlockDevice(number), 0),
            EntryKind::Fifo => (InodeKind::Fifo, 0),
            EntryKind::Other(flag) => (InodeKind::Other(flag), 0),
            EntryKind::Whiteout(_) => (InodeKind::Other(0), 0),
        };
        let metadata = self.metadata(entry.metadata);
        (self.tree.inodes.add(Inode::new(kind, metadata, size, self.layer).of_entry(number)), false)
    }

    fn target_of(&mut self, entry: &Entry, target: PathId) -> Option<InodeId> {
        let place = self.places[target.index()];
        if place.aufs {
            return self.aufs.get(&place.path).copied();
        }
        let node = self.tree.nodes[place.path];
        if place.path == PathId::ROOT || !node.alive {
            return None;
        }
        if self.tree.inodes[node.value.inode].layer < self.layer {
            self.findings.push_with(|| {
                let [link, target] = [entry.path, target].map(|path| self.changeset.paths.bytes(path));
                let message = format!(
                    "The hard link {} shares the content of {}, which a lower layer stores.",
                    harmless(&link),
                    harmless(&target)
                );
                Finding::note(Code::HardLinkCrossLayer, message).at_path(&link)
            });
        }
        Some(node.value.inode)
    }

    fn unresolved(&mut self, number: u32, entry: &Entry, target: PathId) -> InodeId {
        self.findings.push_with(|| {
            let [link, target] = [entry.path, target].map(|path| self.changeset.paths.bytes(path));
            let message = format!(
                "The hard link {} names {}, which neither a lower layer nor an earlier entry of this one has.",
                harmless(&link),
                harmless(&target)
            );
            Finding::warning(Code::HardLinkUnresolved, message).at_path(&link)
        });
        let metadata = self.metadata(entry.metadata);
        let inode = Inode::new(InodeKind::UnresolvedHardLink, metadata, 0, self.layer);
        self.tree.inodes.add(inode.of_entry(number))
    }

    /// The same metadata, with the xattrs numbered by the tree.
    fn metadata(&mut self, metadata: Metadata) -> Metadata {
        if metadata.xattrs == XattrsId::default() {
            return metadata;
        }
        let Self { xattrs, changeset, tree, .. } = self;
        let id = *xattrs.entry(metadata.xattrs.0).or_insert_with(|| {
            let set = changeset.xattrs(metadata.xattrs);
            XattrsId(tree.xattrs.intern(set, || set.to_vec()) + 1)
        });
        Metadata { xattrs: id, ..metadata }
    }

    /// Counts the first entry of a path against what the lower layers have there.
    fn count(&mut self, path: PathId, inode: InodeId) {
        let node = &mut self.tree.nodes[path];
        let stamp = self.layer + 1;
        if std::mem::replace(&mut node.value.listed_by, stamp) == stamp {
            self.findings.push_with(|| {
                let bytes = self.tree.paths.bytes(path);
                let message = format!("{} is in this layer more than once; the last entry counts.", harmless(&bytes));
                Finding::warning(Code::EntryRepeated, message).at_path(&bytes)
            });
            return;
        }
        let below = self.lower.get(&path).copied().or(node.alive.then_some(node.value.inode));
        let Some(below) = below else {
            self.counts.added += 1;
            return;
        };
        let counter = match self.tree.inodes[inode].differs_from(&self.tree.inodes[below]) {
            Difference::None => {
                self.counts.relisted += 1;
                return;
            }
            Difference::Type => &mut self.counts.modified_type,
            Difference::Content => &mut self.counts.modified_content,
            Difference::Metadata => &mut self.counts.modified_meta_only,
        };
        *counter += 1;
        self.counts.modified += 1;
    }

    /// Binds a path to an inode, whatever stood there before.
    fn place(&mut self, path: PathId, inode: InodeId, hard_link: bool) {
        self.gain_name(inode, hard_link);
        if hard_link || self.tree.inodes[inode].kind != InodeKind::Directory {
            let children: Vec<PathId> = self.tree.nodes.children(path).collect();
            for child in children {
                self.remove(child, Cause::DirectoryReplaced, Cause::DirectoryReplaced, false);
            }
        }
        self.ensure_parents(path);
        self.bind(path, inode, hard_link);
    }

    /// Gives a path another inode; its parent is there.
    fn bind(&mut self, path: PathId, inode: InodeId, hard_link: bool) {
        let node = self.tree.nodes[path];
        if node.alive {
            let own = self.tree.inodes[node.value.inode].layer == self.layer;
            self.lose_name(path, node.value, if own { Cause::RepeatedInLayer } else { Cause::Overwritten });
        } else {
            self.tree.nodes.link(path, self.tree.paths.parent(path));
            self.tree.nodes[path].value.since = self.layer;
        }
        self.tree.touched.push(Touch { path, removed: None });
        let name = &mut self.tree.nodes[path].value;
        (name.inode, name.hard_link, name.layer) = (inode, hard_link, self.layer);
    }

    /// Makes every missing parent a directory, and every parent that is something else too.
    fn ensure_parents(&mut self, path: PathId) {
        let mut missing = Vec::new();
        let mut at = self.tree.paths.parent(path);
        while at != PathId::ROOT {
            let node = self.tree.nodes[at];
            if node.alive && !node.value.hard_link && self.tree.inodes[node.value.inode].kind == InodeKind::Directory {
                break;
            }
            missing.push(at);
            if node.alive {
                self.parent_not_directory(at);
                break;
            }
            at = self.tree.paths.parent(at);
        }
        for &directory in missing.iter().rev() {
            let inode = self.tree.inodes.add(Inode::implicit_directory(self.layer));
            self.gain_name(inode, false);
            self.bind(directory, inode, false);
        }
    }

    fn parent_not_directory(&mut self, path: PathId) {
        self.findings.push_with(|| {
            let bytes = self.tree.paths.bytes(path);
            let message = format!(
                "{} is no directory, and this layer has entries below it. Readers differ: an overlay store shows a \
                 directory, as here; an unpacker may follow a link.",
                harmless(&bytes)
            );
            Finding::warning(Code::ParentNotDirectory, message).at_path(&bytes)
        });
    }

    /// Takes a path and all that is below it out of the tree.
    fn remove(&mut self, path: PathId, cause: Cause, cause_below: Cause, by_whiteout: bool) {
        let mut removed = Vec::new();
        self.tree.nodes.remove(path, self.tree.paths.parent(path), |at, name| removed.push((at, name)));
        for (at, name) in removed {
            if by_whiteout {
                self.lower.insert(at, name.inode);
            }
            if name.since < self.layer {
                self.gone.push(at);
            }
            let cause = if at == path { cause } else { cause_below };
            self.tree.touched.push(Touch { path: at, removed: Some(cause) });
            self.lose_name(at, name, cause);
        }
    }

    fn gain_name(&mut self, inode: InodeId, hard_link: bool) {
        let inode = &mut self.tree.inodes[inode];
        inode.names += 1;
        let totals = &mut self.tree.totals;
        totals.paths += 1;
        *totals.types.entry(word(inode, hard_link)).or_default() += 1;
        totals.bytes_apparent += u128::from(inode.size);
        if inode.names == 1 {
            totals.bytes += u128::from(inode.size);
        }
    }

    /// Unbinds a path from its inode; the node itself is the caller's.
    fn lose_name(&mut self, path: PathId, name: Name, cause: Cause) {
        let inode = &mut self.tree.inodes[name.inode];
        inode.names = inode.names.saturating_sub(1);
        let totals = &mut self.tree.totals;
        totals.paths -= 1;
        *totals.types.entry(word(inode, name.hard_link)).or_default() -= 1;
        totals.bytes_apparent -= u128::from(inode.size);
        if inode.names == 0 {
            totals.bytes -= u128::from(inode.size);
            self.lost.push(Lost { inode: name.inode, path, cause });
        }
    }
}
