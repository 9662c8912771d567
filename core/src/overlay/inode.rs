//! What a name in a layer stands for.
//!
//! Source: Documentation/filesystems/overlayfs.rst ("whiteouts and opaque directories", "Metadata only copy up",
//! "Inode properties").

use std::{collections::BTreeMap, sync::Arc};

use super::content::Content;
use crate::layer::changeset::DeviceNumber;

/// One component of a path.
pub type Name = Arc<[u8]>;
/// Any bytes: the target of a link, the value of an attribute.
pub type Bytes = Arc<[u8]>;

/// An inode of one [`super::Layer`]; two names with the same number there are hard links of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ino(pub u32);

/// A layer by its place: 0 is the base, the upperdir is one more than the topmost lowerdir.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerNo(pub u32);

/// A file, directory, link or node, without its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inode {
    pub kind: Kind,
    /// Permission, setuid, setgid and sticky bits (0o7777).
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    /// Seconds since the epoch.
    pub mtime: i64,
    /// Names of this inode, the one in the index included. Meaningless for directories, see [`super::Layer::links`].
    pub links: u32,
    /// Attributes that processes set. (A name in `trusted.overlay.` that a process uses is stored escaped.)
    pub xattrs: BTreeMap<Name, Bytes>,
    pub overlay: OverlayXattrs,
    /// On a file system without a union, where a character device 0/0 is a device like any other.
    pub is_plain: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    File(Content),
    Directory(BTreeMap<Name, Ino>),
    Symlink(Bytes),
    CharDevice(DeviceNumber),
    BlockDevice(DeviceNumber),
    Fifo,
    Socket,
}

/// The attributes `trusted.overlay.*` by which OverlayFS keeps its own account in an upperdir.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverlayXattrs {
    /// `opaque=y`: nothing of the lower layers shows in this directory.
    pub opaque: bool,
    /// `redirect`: the lower part is found under this path (absolute in the lower layers) or name.
    pub redirect: Option<Bytes>,
    /// `metacopy`: metadata only, the data is still in a lower layer.
    pub metacopy: bool,
    /// `origin`: the lower inode this was copied up from.
    pub origin: Option<Origin>,
    /// `impure=y`: the directory may hold copied-up entries, whose inode numbers need a look.
    pub impure: bool,
    /// `nlink=U±n`: the link count of the union, relative to that of the upper inode. Only with `index=on`.
    pub nlink: Option<i32>,
}

/// The lower inode that something was copied up from. (The kernel stores a file handle.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    pub layer: LayerNo,
    pub ino: Ino,
}

/// The type of an inode, as `ls -l` tells it by its first letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileType {
    File,
    Directory,
    Symlink,
    CharDevice,
    BlockDevice,
    Fifo,
    Socket,
}

impl Inode {
    pub fn new(kind: Kind, mode: u16) -> Self {
        Self {
            kind,
            mode,
            uid: 0,
            gid: 0,
            mtime: 0,
            links: 0,
            xattrs: BTreeMap::new(),
            overlay: OverlayXattrs::default(),
            is_plain: false,
        }
    }

    pub fn directory(mode: u16) -> Self {
        Self::new(Kind::Directory(BTreeMap::new()), mode)
    }

    pub fn file(content: &[u8], mode: u16) -> Self {
        Self::new(Kind::File(content.into()), mode)
    }

    pub fn symlink(target: &[u8]) -> Self {
        Self::new(Kind::Symlink(target.into()), 0o777)
    }

    /// OverlayFS's whiteout: a character device 0/0.
    pub fn whiteout() -> Self {
        Self::new(Kind::CharDevice(WHITEOUT_DEVICE), 0)
    }

    /// Without entries, links and OverlayFS's own attributes: what a copy starts from.
    pub(super) fn bare(&self) -> Self {
        let kind = match &self.kind {
            Kind::Directory(_) => Kind::Directory(BTreeMap::new()),
            other => other.clone(),
        };
        Self { kind, links: 0, overlay: OverlayXattrs::default(), xattrs: self.xattrs.clone(), ..*self }
    }

    pub fn is_whiteout(&self) -> bool {
        self.kind == Kind::CharDevice(WHITEOUT_DEVICE) && !self.is_plain
    }

    pub fn is_directory(&self) -> bool {
        matches!(self.kind, Kind::Directory(_))
    }

    pub fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File(_))
    }

    pub fn file_type(&self) -> FileType {
        match self.kind {
            Kind::File(_) => FileType::File,
            Kind::Directory(_) => FileType::Directory,
            Kind::Symlink(_) => FileType::Symlink,
            Kind::CharDevice(_) => FileType::CharDevice,
            Kind::BlockDevice(_) => FileType::BlockDevice,
            Kind::Fifo => FileType::Fifo,
            Kind::Socket => FileType::Socket,
        }
    }

    /// Bytes of a file or of a link's target; 0 for the rest (a directory's size is the file system's own affair).
    pub fn size(&self) -> u64 {
        match &self.kind {
            Kind::File(content) => content.len(),
            Kind::Symlink(target) => target.len() as u64,
            _ => 0,
        }
    }
}

pub(super) const WHITEOUT_DEVICE: DeviceNumber = DeviceNumber { major: 0, minor: 0 };
