//! From an upperdir to a layer of an image.
//!
//! Source: OCI image-spec, layer.md ("Creating", "Representing Changes", "Whiteouts").

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    Overlay,
    inode::{Inode, Kind, Name},
    layer::Layer,
    lookup::Dentry,
    merged::{MergedEntry, Part},
    path::MergedPath,
};
use crate::digest::{DiffId, Digest};

mod tarball;

/// Bytes that a committed layer may have: it is built in memory, and a hole of a terabyte is quickly made.
const TAR_LIMIT: u64 = 256 << 20;

/// A layer made from an upperdir.
#[derive(Clone, Debug)]
pub struct CommittedLayer {
    pub tar: Vec<u8>,
    /// The same as a lower layer of the next mount, as an engine has it that has unpacked the tar.
    pub layer: Layer,
    /// The digest of `tar`.
    pub diff_id: DiffId,
    /// Sockets, which a tar cannot hold.
    pub left_out: Vec<MergedPath>,
}

/// One line of what `docker diff` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: MergedPath,
    pub kind: ChangeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Added,
    Modified,
    Removed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitError {
    /// The file's bytes were not kept when its image was read.
    ContentNotKept {
        path: MergedPath,
    },
    TooLarge {
        path: MergedPath,
        limit: u64,
    },
}

/// A member of the tar to be.
enum Member<'a> {
    Entry(MergedEntry<'a>),
    Whiteout(MergedPath),
    OpaqueWhiteout(MergedPath),
}

impl Overlay {
    /// Turns the upperdir into the tar of a layer. Where it holds neither a redirect nor a metadata-only file nor an
    /// indexed hard link, it is translated as it stands: character devices 0/0 become `.wh.` names, and opaque
    /// directories get `.wh..wh..opq`. None of those three can be said in an image, so that with them the merged view is
    /// compared with that of the lower layers alone, and the difference written.
    pub fn commit(&self) -> Result<CommittedLayer, CommitError> {
        let members = if self.upper_needs_overlayfs() { self.compared_members() } else { self.upper_members() };
        self.written(members)
    }

    /// The merged view as one layer that needs no other: what `docker export` gives.
    pub fn export(&self) -> Result<CommittedLayer, CommitError> {
        let root = self.merged_at(&MergedPath::root());
        self.written(root.into_iter().chain(self.merged()).map(Member::Entry).collect())
    }

    /// What changed against the lower layers, in the order of the paths. A directory whose entries changed counts as
    /// modified, as `docker diff` has it.
    pub fn changes(&self) -> Vec<Change> {
        let before = self.without_upper();
        let change = |path: MergedPath, kind| Change { path, kind };
        let members = self.compared_members().into_iter().filter_map(|member| match member {
            Member::Entry(entry) if before.merged_at(&entry.path).is_some() => {
                Some(change(entry.path, ChangeKind::Modified))
            }
            Member::Entry(entry) => Some(change(entry.path, ChangeKind::Added)),
            Member::Whiteout(path) => Some(change(path, ChangeKind::Removed)),
            Member::OpaqueWhiteout(_) => None,
        });
        let mut changes: Vec<Change> = members.filter(|change| !change.path.is_root()).collect();
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    fn written(&self, members: Vec<Member<'_>>) -> Result<CommittedLayer, CommitError> {
        let lower_view = self.without_upper();
        let mut writer = tarball::Writer::new(self.now);
        let mut layer = Layer::new();
        *layer.inode_mut(Layer::ROOT) = self.upper.layer().inode(Layer::ROOT).bare();
        let mut left_out = Vec::new();
        let mut first_paths: BTreeMap<Part, MergedPath> = BTreeMap::new();
        for member in members {
            match member {
                Member::Whiteout(path) => {
                    writer.whiteout(&path);
                    layer.put(&path, Inode::whiteout());
                }
                Member::OpaqueWhiteout(path) => {
                    writer.opaque_whiteout(&path);
                    if let Some(ino) = layer.find(&path) {
                        layer.inode_mut(ino).overlay.opaque = true;
                    }
                }
                Member::Entry(entry) if entry.inode.kind == Kind::Socket => {
                    // What it replaced must not come back for want of it.
                    if lower_view.merged_at(&entry.path).is_some() {
                        writer.whiteout(&entry.path);
                        layer.put(&entry.path, Inode::whiteout());
                    }
                    left_out.push(entry.path);
                }
                Member::Entry(entry) => match first_paths.get(&entry.part) {
                    Some(first) => {
                        writer.hard_link(&entry, first);
                        layer.put_link(&entry.path, first);
                    }
                    None => {
                        writer.entry(&entry, TAR_LIMIT)?;
                        let mut inode = entry.inode.bare();
                        if let (Kind::File(whole), Some(content)) = (&mut inode.kind, entry.content) {
                            *whole = content.clone();
                        }
                        layer.put(&entry.path, inode);
                        if !entry.inode.is_directory() {
                            first_paths.insert(entry.part, entry.path);
                        }
                    }
                },
            }
        }
        let tar = writer.finish();
        Ok(CommittedLayer { diff_id: DiffId(Digest::sha256(&tar)), tar, layer, left_out })
    }

    fn without_upper(&self) -> Self {
        Self::new(self.lowers.clone(), self.mode)
    }

    /// Redirects, metadata-only files, and the index: a write to one name of an indexed hard link shows under its other
    /// names, though the upperdir does not have them.
    fn upper_needs_overlayfs(&self) -> bool {
        let layer = self.upper.layer();
        let indexed = !self.upper.index().is_empty();
        indexed
            || layer.walk().iter().any(|&(_, ino)| {
                let own = &layer.inode(ino).overlay;
                own.metacopy || own.redirect.is_some()
            })
    }

    fn upper_members(&self) -> Vec<Member<'_>> {
        let mut members = self.changed_root();
        for (path, ino) in self.upper.layer().walk() {
            let inode = self.upper.layer().inode(ino);
            if inode.is_whiteout() {
                members.push(Member::Whiteout(path));
                continue;
            }
            let Some(entry) = self.merged_at(&path) else { continue };
            members.push(Member::Entry(entry));
            // OverlayFS also marks new directories, only to save look-ups; an image needs the mark where it hides.
            if inode.overlay.opaque && self.hides_lower(&path) {
                members.push(Member::OpaqueWhiteout(path));
            }
        }
        members
    }

    fn hides_lower(&self, path: &MergedPath) -> bool {
        let of = |path: &MergedPath| -> Option<Dentry> { self.existing(path).ok() };
        match (of(&path.parent()), of(path)) {
            (Some(parent), Some(dentry)) => self.is_lower_positive(&parent, &dentry),
            _ => false,
        }
    }

    fn compared_members(&self) -> Vec<Member<'_>> {
        let lower_view = self.without_upper();
        let before: BTreeMap<MergedPath, MergedEntry<'_>> =
            lower_view.merged().into_iter().map(|entry| (entry.path.clone(), entry)).collect();
        let after: BTreeMap<MergedPath, MergedEntry<'_>> =
            self.merged().into_iter().map(|entry| (entry.path.clone(), entry)).collect();

        let changed = after.values().filter(|entry| before.get(&entry.path).is_none_or(|old| !is_same(old, entry)));
        // A name below something that is gone, or is no directory any more, went with it.
        let removed: Vec<&MergedPath> = before
            .keys()
            .filter(|path| !after.contains_key(path))
            .filter(|path| {
                let parent = path.parent();
                parent.is_root() || after.get(&parent).is_some_and(|entry| entry.inode.is_directory())
            })
            .collect();

        // An unpacker makes missing parents with a mode of its own, so every member's parents are written too.
        let mut wanted: BTreeSet<MergedPath> = changed.map(|entry| entry.path.clone()).collect();
        let touched: Vec<MergedPath> = wanted.iter().chain(removed.iter().copied()).cloned().collect();
        wanted.extend(touched.iter().flat_map(MergedPath::ancestors).filter(|path| !path.is_root()));

        let mut members = self.changed_root();
        members.extend(removed.into_iter().cloned().map(Member::Whiteout));
        let entries = after.into_iter().filter(|(path, _)| wanted.contains(path));
        members.extend(entries.map(|(_, entry)| Member::Entry(entry)));
        members
    }

    /// The root is a member only if it is not what the layers below say.
    fn changed_root(&self) -> Vec<Member<'_>> {
        let root = self.upper.layer().inode(Layer::ROOT);
        let lower = self.lowers.last().map(|layer| layer.inode(Layer::ROOT));
        let is_same = |lower: &Inode| {
            (lower.mode, lower.uid, lower.gid) == (root.mode, root.uid, root.gid) && root.xattrs.is_empty()
        };
        if lower.is_none_or(is_same) {
            return Vec::new();
        }
        self.merged_at(&MergedPath::root()).into_iter().map(Member::Entry).collect()
    }
}

/// Whether nothing that a tar can say has changed.
fn is_same(a: &MergedEntry<'_>, b: &MergedEntry<'_>) -> bool {
    let kinds_alike = match (&a.inode.kind, &b.inode.kind) {
        (Kind::File(_), Kind::File(_)) => match (a.content, b.content) {
            (Some(a), Some(b)) => a.is_same(b),
            _ => false,
        },
        (Kind::Directory(_), Kind::Directory(_)) => true,
        (a, b) => a == b,
    };
    let metadata = |inode: &Inode| (inode.mode, inode.uid, inode.gid, inode.mtime);
    kinds_alike && metadata(a.inode) == metadata(b.inode) && tar_xattrs(a.inode).eq(tar_xattrs(b.inode))
}

/// The attributes that go into a tar: none of OverlayFS's own, not even those that a process made for a mount inside;
/// and none that is empty, because an empty PAX record says that there is no such record.
fn tar_xattrs(inode: &Inode) -> impl Iterator<Item = (&Name, &[u8])> {
    inode
        .xattrs
        .iter()
        .filter(|(name, value)| !name.starts_with(b"trusted.overlay.") && !value.is_empty())
        .map(|(name, value)| (name, &value[..]))
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContentNotKept { path } => write!(f, "{path}: the bytes were not kept when the image was read"),
            Self::TooLarge { path, limit } => write!(f, "{path}: the layer would have more than {limit} bytes"),
        }
    }
}

impl std::error::Error for CommitError {}
