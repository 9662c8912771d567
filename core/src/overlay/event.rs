//! What the file system did, step by step.

use super::{
    content::Content,
    errno::{Errno, Reason},
    inode::{Bytes, FileType, Ino, Inode, LayerNo, Name, Origin},
    path::MergedPath,
};

/// One step of an operation. Everything that is shown is a fold over these, and the upperdir itself is one: the model
/// changes it by nothing else (see [`super::Upper::apply`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A name was looked for in one layer, on the way down through the stack.
    LookUp {
        path: MergedPath,
        layer: LayerNo,
        found: Found,
    },
    /// Bytes of a file, or entries of a directory's part, were read from this layer.
    Read {
        path: MergedPath,
        layer: LayerNo,
        amount: u64,
    },
    /// A lower file, directory, link or node came into being in the upperdir as `inode`, with number `ino`.
    CopyUp {
        path: MergedPath,
        from: LayerNo,
        what: CopyUp,
        ino: Ino,
        inode: Box<Inode>,
        to: CopyUpTo,
    },
    /// The data of a metadata-only file followed, and the mark was taken off.
    CopyUpData {
        path: MergedPath,
        from: LayerNo,
        ino: Ino,
        content: Content,
    },
    /// A new object in the upperdir.
    Create {
        path: MergedPath,
        ino: Ino,
        inode: Box<Inode>,
    },
    /// One more name for an inode of the upperdir.
    Link {
        path: MergedPath,
        ino: Ino,
    },
    /// A file of the upperdir was written or cut; `content` is all that is in it now, `written` the bytes this took.
    Write {
        path: MergedPath,
        ino: Ino,
        content: Content,
        written: u64,
    },
    SetMode {
        path: MergedPath,
        ino: Ino,
        mode: u16,
    },
    SetOwner {
        path: MergedPath,
        ino: Ino,
        uid: u32,
        gid: u32,
    },
    SetTime {
        path: MergedPath,
        ino: Ino,
        mtime: i64,
    },
    SetXattr {
        path: MergedPath,
        ino: Ino,
        name: Name,
        value: Bytes,
    },
    RemoveXattr {
        path: MergedPath,
        ino: Ino,
        name: Name,
    },
    /// A whiteout now hides what the lower layers have under this name.
    Whiteout {
        path: MergedPath,
    },
    /// The directory hides all that the lower layers have in it.
    Opaque {
        path: MergedPath,
        ino: Ino,
    },
    /// A directory that is empty in the merged view, but not in the upperdir, gave place to an opaque one without the
    /// whiteouts, so that it can be removed or replaced.
    Clear {
        path: MergedPath,
        ino: Ino,
        whiteouts: Vec<MergedPath>,
    },
    /// The lower part of this directory (or the data of this file) is to be found under another path.
    Redirect {
        path: MergedPath,
        ino: Ino,
        to: Bytes,
    },
    Impure {
        path: MergedPath,
        ino: Ino,
        impure: bool,
    },
    /// The link count of the union changed its distance from that of the upper inode (`index=on`).
    UnionLinks {
        path: MergedPath,
        ino: Ino,
        difference: i32,
    },
    /// The last name of an indexed inode is gone, and so is its entry in the index.
    Unindex {
        origin: Origin,
    },
    /// A name left the upperdir: a file, link or node, a whiteout, or an empty directory.
    Remove {
        path: MergedPath,
        what: Removed,
    },
    /// A name moved within the upperdir, to where none was.
    Move {
        from: MergedPath,
        to: MergedPath,
    },
    /// Two names of the upperdir changed places.
    Exchange {
        a: MergedPath,
        b: MergedPath,
    },
    Refuse {
        path: MergedPath,
        errno: Errno,
        reason: Reason,
    },
}

/// What a look-up found under a name in one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// The search ends: the name is deleted.
    Whiteout,
    /// A directory here; what lies below merges with it.
    Directory,
    /// A directory that hides what lies below.
    OpaqueDirectory,
    /// The search goes on under another path.
    Redirect {
        to: Bytes,
    },
    /// Something that is no directory, which ends the search.
    Other(FileType),
    /// A file without its data: the search for data goes on below.
    MetadataOnly,
    /// No directory under a directory of a higher layer: it does not merge, and the search ends.
    HiddenByDirectory,
}

/// How much was copied up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyUp {
    /// The directory itself, none of its entries.
    Directory,
    /// Mode, owner, times, attributes and size of a file, and none of its bytes.
    Metadata,
    /// A file with all its bytes; zero of them if it was opened to be emptied.
    Data {
        bytes: u64,
    },
    Symlink,
    Node,
}

/// Where a copy lands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyUpTo {
    Name,
    /// The index in the workdir; a [`Event::Link`] for the name follows.
    Index(Origin),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    Whiteout,
    EmptyDirectory,
    /// A name of something that is no directory.
    Name,
}

impl Event {
    /// The path the event speaks of, where it speaks of one.
    pub fn path(&self) -> Option<&MergedPath> {
        match self {
            Self::LookUp { path, .. }
            | Self::Read { path, .. }
            | Self::CopyUp { path, .. }
            | Self::CopyUpData { path, .. }
            | Self::Create { path, .. }
            | Self::Link { path, .. }
            | Self::Write { path, .. }
            | Self::SetMode { path, .. }
            | Self::SetOwner { path, .. }
            | Self::SetTime { path, .. }
            | Self::SetXattr { path, .. }
            | Self::RemoveXattr { path, .. }
            | Self::Whiteout { path }
            | Self::Opaque { path, .. }
            | Self::Clear { path, .. }
            | Self::Redirect { path, .. }
            | Self::Impure { path, .. }
            | Self::UnionLinks { path, .. }
            | Self::Remove { path, .. }
            | Self::Refuse { path, .. } => Some(path),
            Self::Move { to, .. } => Some(to),
            Self::Exchange { b, .. } => Some(b),
            Self::Unindex { .. } => None,
        }
    }

    /// Every [`Self::key`], for the test that the catalogues have them.
    pub const KEYS: [&str; 36] = [
        "look-up-nothing",
        "look-up-whiteout",
        "look-up-directory",
        "look-up-opaque-directory",
        "look-up-redirect",
        "look-up-found",
        "look-up-metadata-only",
        "look-up-hidden",
        "read",
        "copy-up-directory",
        "copy-up-metadata",
        "copy-up-data",
        "copy-up-symlink",
        "copy-up-node",
        "copy-up-data-later",
        "create",
        "link",
        "write",
        "set-mode",
        "set-owner",
        "set-time",
        "set-xattr",
        "remove-xattr",
        "whiteout",
        "opaque",
        "clear",
        "redirect",
        "impure",
        "union-links",
        "unindex",
        "remove-whiteout",
        "remove-directory",
        "remove-name",
        "move",
        "exchange",
        "refuse",
    ];

    /// The last part of the key in the message catalogue: what a caption is found by.
    pub fn key(&self) -> &'static str {
        match self {
            Self::LookUp { found, .. } => match found {
                Found::Nothing => "look-up-nothing",
                Found::Whiteout => "look-up-whiteout",
                Found::Directory => "look-up-directory",
                Found::OpaqueDirectory => "look-up-opaque-directory",
                Found::Redirect { .. } => "look-up-redirect",
                Found::Other(_) => "look-up-found",
                Found::MetadataOnly => "look-up-metadata-only",
                Found::HiddenByDirectory => "look-up-hidden",
            },
            Self::Read { .. } => "read",
            Self::CopyUp { what, .. } => match what {
                CopyUp::Directory => "copy-up-directory",
                CopyUp::Metadata => "copy-up-metadata",
                CopyUp::Data { .. } => "copy-up-data",
                CopyUp::Symlink => "copy-up-symlink",
                CopyUp::Node => "copy-up-node",
            },
            Self::CopyUpData { .. } => "copy-up-data-later",
            Self::Create { .. } => "create",
            Self::Link { .. } => "link",
            Self::Write { .. } => "write",
            Self::SetMode { .. } => "set-mode",
            Self::SetOwner { .. } => "set-owner",
            Self::SetTime { .. } => "set-time",
            Self::SetXattr { .. } => "set-xattr",
            Self::RemoveXattr { .. } => "remove-xattr",
            Self::Whiteout { .. } => "whiteout",
            Self::Opaque { .. } => "opaque",
            Self::Clear { .. } => "clear",
            Self::Redirect { .. } => "redirect",
            Self::Impure { .. } => "impure",
            Self::UnionLinks { .. } => "union-links",
            Self::Unindex { .. } => "unindex",
            Self::Remove { what, .. } => match what {
                Removed::Whiteout => "remove-whiteout",
                Removed::EmptyDirectory => "remove-directory",
                Removed::Name => "remove-name",
            },
            Self::Move { .. } => "move",
            Self::Exchange { .. } => "exchange",
            Self::Refuse { .. } => "refuse",
        }
    }

    /// Whether it changes the upperdir or the workdir.
    pub fn is_change(&self) -> bool {
        !matches!(self, Self::LookUp { .. } | Self::Read { .. } | Self::Refuse { .. })
    }

    /// Whether it is OverlayFS's or the VFS's own accounting, which a picture may leave out.
    pub fn is_bookkeeping(&self) -> bool {
        matches!(self, Self::SetTime { .. } | Self::Impure { .. } | Self::UnionLinks { .. } | Self::Unindex { .. })
    }

    /// Bytes of data that were copied from a lower layer.
    pub fn copied_bytes(&self) -> u64 {
        match self {
            Self::CopyUp { what: CopyUp::Data { bytes }, .. } => *bytes,
            Self::CopyUpData { content, .. } => content.len(),
            _ => 0,
        }
    }
}
