//! What one layer says: its entries in the order of the tar, whiteouts told apart from files.
//!
//! Source: OCI image-spec, layer.md ("Representing Changes", "Whiteouts").

use serde::{Deserialize, Serialize};

use crate::path::{PathId, PathTable};

/// The entries of one layer, in tar order, repeated paths included. A changeset travels between workers as
/// [`Changeset::encode`]d bytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Changeset {
    pub paths: PathTable,
    pub entries: Vec<Entry>,
    xattrs: Vec<Vec<Xattr>>,
    targets: Vec<Box<[u8]>>,
    /// Entries whose data is not the file as it is, and where their first header begins; ascending.
    sparse: Vec<(u32, u64)>,
}

/// One tar member.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The path it speaks of: for a whiteout the path that is hidden, for an opaque whiteout the directory.
    pub path: PathId,
    pub kind: EntryKind,
    pub metadata: Metadata,
    /// The size the header (or PAX) declares, whatever the type; the logical size of a sparse file.
    pub size: u64,
    /// Offset of the member's data in the layer's decompressed tar.
    pub data_offset: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Permission, setuid, setgid and sticky bits (0o7777).
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    /// Seconds since the epoch, and nanoseconds.
    pub mtime: i64,
    pub mtime_nanos: u32,
    pub xattrs: XattrsId,
}

/// A set of extended attributes in [`Changeset::xattrs`]; the default is the empty set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct XattrsId(pub u32);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Xattr {
    pub name: Box<[u8]>,
    /// Any bytes: capabilities hold NULs.
    pub value: Box<[u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum EntryKind {
    File {
        content: ContentHash,
    },
    Directory,
    Symlink {
        target: TargetId,
    },
    /// `target` is a path of the same table: the link's name clamped into the root. It may exist in no layer.
    HardLink {
        target: PathId,
    },
    CharDevice(DeviceNumber),
    BlockDevice(DeviceNumber),
    Fifo,
    /// A type flag no specification gives a meaning, kept with its letter.
    Other(u8),
    Whiteout(Whiteout),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeviceNumber {
    pub major: u32,
    pub minor: u32,
}

/// A whiteout in the OCI form, which is a file *name*. (OverlayFS's form, a 0/0 character device, is another type.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whiteout {
    /// `.wh.<name>`: hides `<name>` of the lower layers.
    Explicit,
    /// `.wh..wh..opq`: hides all that the lower layers have in the directory.
    Opaque,
    /// `.wh.` alone: names nothing. It must not hide its parent, which is what joining the names would say.
    Bare,
}

/// The target of a symbolic link, in [`Changeset::target`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetId(pub u32);

/// 128 bits of keyed HighwayHash over a file's bytes: equal content, equal hash. It answers "same content?" at a
/// fraction of the cost of SHA-256; the key is random for each visit or run, so collisions cannot be prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentHash(pub [u64; 2]);

/// The key of [`ContentHash`]: the same for all archives that may be compared, and never written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentKey(pub [u64; 4]);

impl Changeset {
    pub fn xattrs(&self, id: XattrsId) -> &[Xattr] {
        match id.0 {
            0 => &[],
            n => &self.xattrs[n as usize - 1],
        }
    }

    /// Adds a set, sorted by name. Neighbouring entries often share a set, so the last one is tried first.
    pub fn add_xattrs(&mut self, mut set: Vec<Xattr>) -> XattrsId {
        if set.is_empty() {
            return XattrsId::default();
        }
        set.sort();
        if self.xattrs.last() != Some(&set) {
            self.xattrs.push(set);
        }
        XattrsId(self.xattrs.len() as u32)
    }

    pub fn target(&self, id: TargetId) -> &[u8] {
        &self.targets[id.0 as usize]
    }

    pub fn add_target(&mut self, target: &[u8]) -> TargetId {
        self.targets.push(target.into());
        TargetId(self.targets.len() as u32 - 1)
    }

    /// Of a sparse file's entry: the offset in the decompressed tar where the first header of its member begins. Its
    /// data can be followed only by the map that is in its headers.
    pub fn sparse_header(&self, entry: u32) -> Option<u64> {
        let at = self.sparse.binary_search_by_key(&entry, |&(entry, _)| entry).ok()?;
        self.sparse.get(at).map(|&(_, header)| header)
    }

    /// Notes that the entry that is added next is of a sparse file.
    pub fn next_is_sparse(&mut self, header: u64) {
        self.sparse.push((self.entries.len() as u32, header));
    }

    /// The form that crosses a worker boundary: compact, and readable only by the same version.
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("a changeset holds nothing that postcard refuses")
    }

    /// Reads [`Changeset::encode`]'s form. The ids in it are trusted: it never comes from outside the app.
    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}

impl EntryKind {
    /// The word of the report's `types` and of the interface. A whiteout marker is a regular file in the tar.
    pub fn word(self) -> &'static str {
        match self {
            Self::File { .. } | Self::Whiteout(_) => "file",
            Self::Directory => "dir",
            Self::Symlink { .. } => "symlink",
            Self::HardLink { .. } => "hardlink",
            Self::CharDevice(_) => "char",
            Self::BlockDevice(_) => "block",
            Self::Fifo => "fifo",
            Self::Other(_) => "other",
        }
    }
}
