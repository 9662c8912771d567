//! What a process may ask of the file system.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    inode::{Bytes, FileType, Name},
    path::MergedPath,
};
use crate::layer::changeset::DeviceNumber;

/// One system call, or the few that belong together (open, write, close). Paths are bytes as a process writes them:
/// relative ones start at the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// `stat` or, without `follow`, `lstat`.
    Stat {
        path: Vec<u8>,
        follow: bool,
    },
    ReadLink {
        path: Vec<u8>,
    },
    /// Opens, reads to the end, closes.
    Read {
        path: Vec<u8>,
    },
    /// The names in a directory, `.` and `..` left out.
    ReadDir {
        path: Vec<u8>,
    },
    /// Opens for writing, writes, closes. Nothing is written when `data` is empty, but opening alone copies up.
    Write {
        path: Vec<u8>,
        flags: Flags,
        place: Place,
        data: Vec<u8>,
    },
    Truncate {
        path: Vec<u8>,
        len: u64,
    },
    Mkdir {
        path: Vec<u8>,
        mode: u16,
    },
    Mknod {
        path: Vec<u8>,
        kind: NodeKind,
        mode: u16,
    },
    Symlink {
        target: Vec<u8>,
        path: Vec<u8>,
    },
    /// A hard link: `to` becomes another name of `from`. A symbolic link at `from` is linked itself.
    Link {
        from: Vec<u8>,
        to: Vec<u8>,
    },
    Unlink {
        path: Vec<u8>,
    },
    Rmdir {
        path: Vec<u8>,
    },
    Rename {
        from: Vec<u8>,
        to: Vec<u8>,
    },
    /// `RENAME_NOREPLACE`.
    RenameNoReplace {
        from: Vec<u8>,
        to: Vec<u8>,
    },
    /// `RENAME_EXCHANGE`.
    Exchange {
        a: Vec<u8>,
        b: Vec<u8>,
    },
    Chmod {
        path: Vec<u8>,
        mode: u16,
    },
    Chown {
        path: Vec<u8>,
        uid: u32,
        gid: u32,
        follow: bool,
    },
    /// `utimensat`, by which `touch` works.
    SetTime {
        path: Vec<u8>,
        mtime: i64,
        follow: bool,
    },
    SetXattr {
        path: Vec<u8>,
        name: Vec<u8>,
        value: Vec<u8>,
        flag: XattrFlag,
        follow: bool,
    },
    GetXattr {
        path: Vec<u8>,
        name: Vec<u8>,
        follow: bool,
    },
    ListXattr {
        path: Vec<u8>,
        follow: bool,
    },
    RemoveXattr {
        path: Vec<u8>,
        name: Vec<u8>,
        follow: bool,
    },
}

/// How a file is opened for writing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags {
    /// `O_CREAT` with this mode.
    pub create: Option<u16>,
    /// `O_EXCL`.
    pub exclusive: bool,
    /// `O_TRUNC`.
    pub truncate: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    At(u64),
    /// `O_APPEND`.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeKind {
    /// An empty regular file.
    File,
    CharDevice(DeviceNumber),
    BlockDevice(DeviceNumber),
    Fifo,
    Socket,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum XattrFlag {
    CreateOrReplace,
    /// `XATTR_CREATE`.
    Create,
    /// `XATTR_REPLACE`.
    Replace,
}

/// What a system call that succeeded gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Stat(Stat),
    /// Bytes of a file, of a link's target, of an attribute.
    Bytes(Bytes),
    /// In the order of the names' bytes. (The kernel's order means nothing.)
    Names(Vec<Name>),
    /// Names of attributes and their values' sizes.
    Xattrs(BTreeMap<Name, u64>),
}

/// What `stat` says, as far as it means something in a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub file_type: FileType,
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    /// 0 for directories and nodes.
    pub size: u64,
    /// 1 for a merged directory: OverlayFS does not count its subdirectories.
    pub links: u32,
    pub mtime: i64,
    /// 0/0 for all but devices.
    pub device: DeviceNumber,
}

impl Op {
    /// The name of the system call, without its variants.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stat { .. } => "stat",
            Self::ReadLink { .. } => "readlink",
            Self::Read { .. } => "read",
            Self::ReadDir { .. } => "getdents",
            Self::Write { .. } => "write",
            Self::Truncate { .. } => "truncate",
            Self::Mkdir { .. } => "mkdir",
            Self::Mknod { .. } => "mknod",
            Self::Symlink { .. } => "symlink",
            Self::Link { .. } => "link",
            Self::Unlink { .. } => "unlink",
            Self::Rmdir { .. } => "rmdir",
            Self::Rename { .. } | Self::RenameNoReplace { .. } | Self::Exchange { .. } => "rename",
            Self::Chmod { .. } => "chmod",
            Self::Chown { .. } => "chown",
            Self::SetTime { .. } => "utimensat",
            Self::SetXattr { .. } => "setxattr",
            Self::GetXattr { .. } => "getxattr",
            Self::ListXattr { .. } => "listxattr",
            Self::RemoveXattr { .. } => "removexattr",
        }
    }

    /// The paths it names, in the order of its fields. (A symbolic link's target is text.)
    pub fn paths_mut(&mut self) -> Vec<&mut Vec<u8>> {
        match self {
            Self::Stat { path, .. }
            | Self::ReadLink { path }
            | Self::Read { path }
            | Self::ReadDir { path }
            | Self::Write { path, .. }
            | Self::Truncate { path, .. }
            | Self::Mkdir { path, .. }
            | Self::Mknod { path, .. }
            | Self::Symlink { path, .. }
            | Self::Unlink { path }
            | Self::Rmdir { path }
            | Self::Chmod { path, .. }
            | Self::Chown { path, .. }
            | Self::SetTime { path, .. }
            | Self::SetXattr { path, .. }
            | Self::GetXattr { path, .. }
            | Self::ListXattr { path, .. }
            | Self::RemoveXattr { path, .. } => vec![path],
            Self::Link { from, to } | Self::Rename { from, to } | Self::RenameNoReplace { from, to } => vec![from, to],
            Self::Exchange { a, b } => vec![a, b],
        }
    }

    /// The path that a refusal is shown at; a name as it was written, cleaned of `.` and `..`.
    pub(super) fn path_shown(&self) -> MergedPath {
        let path = match self {
            Self::Stat { path, .. }
            | Self::ReadLink { path }
            | Self::Read { path }
            | Self::ReadDir { path }
            | Self::Write { path, .. }
            | Self::Truncate { path, .. }
            | Self::Mkdir { path, .. }
            | Self::Mknod { path, .. }
            | Self::Symlink { path, .. }
            | Self::Unlink { path }
            | Self::Rmdir { path }
            | Self::Chmod { path, .. }
            | Self::Chown { path, .. }
            | Self::SetTime { path, .. }
            | Self::SetXattr { path, .. }
            | Self::GetXattr { path, .. }
            | Self::ListXattr { path, .. }
            | Self::RemoveXattr { path, .. } => path,
            Self::Link { from, .. }
            | Self::Rename { from, .. }
            | Self::RenameNoReplace { from, .. }
            | Self::Exchange { a: from, .. } => from,
        };
        crate::path::clamp(path).components.into_iter().fold(MergedPath::root(), |at, name| at.join(name))
    }
}
