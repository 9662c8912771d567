//! What a name of the tree is bound to. Hard links are several names of one inode.

use crate::layer::changeset::{ContentHash, DeviceNumber, Metadata};

/// An inode of one tree. Ids of inodes that no name reaches are used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InodeId(pub(super) u32);

impl InodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What one tar member made.
#[derive(Clone, Debug)]
pub struct Inode {
    pub kind: InodeKind,
    /// The xattrs are a set of [`super::UnionTree::xattrs`], not of the changeset the inode came from.
    pub metadata: Metadata,
    /// Bytes of a regular file (logical size of a sparse one); 0 for everything else.
    pub size: u64,
    /// The layer that stores it.
    pub layer: u32,
    /// Its entry in that layer's changeset; `None` for a directory that no entry lists.
    pub entry: Option<u32>,
    /// Names in the tree that reach it.
    pub names: u32,
    free: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InodeKind {
    File {
        content: ContentHash,
    },
    Directory,
    /// `target` is a number of [`super::UnionTree::target`].
    Symlink {
        target: u32,
    },
    /// A hard link whose target no layer so far has.
    UnresolvedHardLink,
    CharDevice(DeviceNumber),
    BlockDevice(DeviceNumber),
    Fifo,
    Other(u8),
}

/// How the thing at a path differs from what the layers below have there. The time of change is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    Type,
    /// Bytes of a file, target of a symbolic link, number of a device.
    Content,
    /// Mode, owner or xattrs.
    Metadata,
    None,
}

impl Inode {
    pub fn new(kind: InodeKind, metadata: Metadata, size: u64, layer: u32) -> Self {
        Self { kind, metadata, size, layer, entry: None, names: 0, free: false }
    }

    /// Made by the entry of that number in its layer's changeset.
    pub fn of_entry(self, entry: u32) -> Self {
        Self { entry: Some(entry), ..self }
    }

    /// A directory that no entry lists: 0755, root:root.
    pub fn implicit_directory(layer: u32) -> Self {
        Self::new(InodeKind::Directory, Metadata { mode: 0o755, ..Metadata::default() }, 0, layer)
    }

    pub fn is_file(&self) -> bool {
        matches!(self.kind, InodeKind::File { .. })
    }

    /// How this one, which is written over `below`, differs from it.
    pub fn differs_from(&self, below: &Inode) -> Difference {
        if std::mem::discriminant(&self.kind) != std::mem::discriminant(&below.kind) {
            return Difference::Type;
        }
        if let (InodeKind::Other(flag), InodeKind::Other(below)) = (self.kind, below.kind)
            && flag != below
        {
            return Difference::Type;
        }
        if self.kind != below.kind || self.size != below.size {
            return Difference::Content;
        }
        let of = |m: &Metadata| (m.mode, m.uid, m.gid, m.xattrs);
        if of(&self.metadata) == of(&below.metadata) { Difference::None } else { Difference::Metadata }
    }
}

/// All inodes of a tree.
#[derive(Clone, Debug, Default)]
pub struct Inodes {
    all: Vec<Inode>,
    /// A layer repeated ten thousand times makes each of its inodes anew: those that are gone are used again.
    free: Vec<InodeId>,
    /// None is used again: the ids stay what they were.
    keep: bool,
}

impl Inodes {
    /// Keeps those that are gone.
    pub fn keeping() -> Self {
        Self { keep: true, ..Self::default() }
    }

    /// Number of inodes, those that are gone included.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn add(&mut self, inode: Inode) -> InodeId {
        match self.free.pop() {
            Some(id) => {
                self.all[id.0 as usize] = inode;
                id
            }
            None => {
                self.all.push(inode);
                InodeId(self.all.len() as u32 - 1)
            }
        }
    }

    /// Gives back an inode without names. False where that was done before.
    pub fn release(&mut self, id: InodeId) -> bool {
        let inode = &mut self[id];
        let first_time = !std::mem::replace(&mut inode.free, true);
        if first_time && !self.keep {
            self.free.push(id);
        }
        first_time
    }

    /// Those that a name reaches.
    pub fn reachable(&self) -> impl Iterator<Item = (InodeId, &Inode)> {
        self.all.iter().enumerate().filter(|(_, inode)| inode.names > 0).map(|(i, inode)| (InodeId(i as u32), inode))
    }
}

impl std::ops::Index<InodeId> for Inodes {
    type Output = Inode;

    fn index(&self, id: InodeId) -> &Inode {
        &self.all[id.0 as usize]
    }
}

impl std::ops::IndexMut<InodeId> for Inodes {
    fn index_mut(&mut self, id: InodeId) -> &mut Inode {
        &mut self.all[id.0 as usize]
    }
}
