//! The errors of system calls, and why OverlayFS or the VFS gave them.

use std::fmt;

/// An error number of Linux, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Errno {
    EPERM = 1,
    ENOENT = 2,
    EIO = 5,
    ENXIO = 6,
    E2BIG = 7,
    EACCES = 13,
    EBUSY = 16,
    EEXIST = 17,
    EXDEV = 18,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    EFBIG = 27,
    ENOSPC = 28,
    ERANGE = 34,
    ENAMETOOLONG = 36,
    ENOTEMPTY = 39,
    ELOOP = 40,
    ENODATA = 61,
    EOPNOTSUPP = 95,
}

impl Errno {
    /// The number on x86-64 and arm64.
    pub fn number(self) -> i32 {
        self as i32
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Why an operation was refused: a key for the message catalogue, finer than the errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The empty path names nothing.
    EmptyPath,
    NoSuchEntry,
    /// A path ends at its first NUL, so that none can have one inside.
    NulInPath,
    /// Something in the middle of the path, or what a trailing slash is put on, is no directory.
    NotADirectory,
    IsADirectory,
    AlreadyExists,
    DirectoryNotEmpty,
    /// `.`, `..` or `/` where an entry of a directory is to be named.
    NotAnEntry,
    /// More than 40 symbolic links on the way.
    TooManyLinks,
    NameTooLong,
    PathTooLong,
    NotASymlink,
    NotARegularFile,
    /// No driver answers at the device, or no reader at the fifo.
    NothingBehindTheNode,
    /// `O_CREAT` opens no device of another user in a directory like `/tmp`, where anybody could have put it. (Fifos and
    /// files are protected so only by `fs.protected_fifos` and `fs.protected_regular`, which are off in this model.)
    StrangersNodeInStickyDirectory,
    /// Directories cannot have a second name.
    HardLinkToDirectory,
    /// A character device 0/0 would be a whiteout.
    WouldBeWhiteout,
    /// A directory cannot be moved into itself, nor over one of its parents.
    IntoItself,
    /// The directory has a lower part, and without `redirect_dir=on` there is no way to say where it went.
    LowerDirectoryCannotMove,
    /// The redirect would be longer than the module's `redirect_max`, 256 bytes.
    RedirectTooLong,
    /// `user.` attributes exist on regular files and directories only.
    UserXattrOnSpecialFile,
    XattrNameInvalid,
    XattrUnknownNamespace,
    XattrTooLong,
    NoSuchXattr,
    XattrExists,
    /// A layer holds a redirect, and the mount says not to follow them.
    RedirectNotFollowed,
    /// A layer holds a metadata-only file, and `metacopy` is off.
    MetacopyNotFollowed,
    /// A metadata-only file has no data in any lower layer.
    DataLost,
    /// Flags that exclude each other.
    InvalidFlags,
    /// Past the largest offset a file can have.
    FileTooBig,
    /// The content of this file was not kept when its image was read.
    ContentNotKept,
    /// Something is mounted there, and would be left without a place.
    MountPoint,
    /// The two names are on two file systems.
    AcrossMounts,
    /// The line made more system calls than a line of this shell may.
    DiskFull,
}

impl Reason {
    pub const ALL: [Self; 35] = [
        Self::EmptyPath,
        Self::NoSuchEntry,
        Self::NulInPath,
        Self::NotADirectory,
        Self::IsADirectory,
        Self::AlreadyExists,
        Self::DirectoryNotEmpty,
        Self::NotAnEntry,
        Self::TooManyLinks,
        Self::NameTooLong,
        Self::PathTooLong,
        Self::NotASymlink,
        Self::NotARegularFile,
        Self::NothingBehindTheNode,
        Self::StrangersNodeInStickyDirectory,
        Self::HardLinkToDirectory,
        Self::WouldBeWhiteout,
        Self::IntoItself,
        Self::LowerDirectoryCannotMove,
        Self::RedirectTooLong,
        Self::UserXattrOnSpecialFile,
        Self::XattrNameInvalid,
        Self::XattrUnknownNamespace,
        Self::XattrTooLong,
        Self::NoSuchXattr,
        Self::XattrExists,
        Self::RedirectNotFollowed,
        Self::MetacopyNotFollowed,
        Self::DataLost,
        Self::InvalidFlags,
        Self::FileTooBig,
        Self::ContentNotKept,
        Self::MountPoint,
        Self::AcrossMounts,
        Self::DiskFull,
    ];

    /// The last part of the key in the message catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::EmptyPath => "empty-path",
            Self::NoSuchEntry => "no-such-entry",
            Self::NulInPath => "nul-in-path",
            Self::NotADirectory => "not-a-directory",
            Self::IsADirectory => "is-a-directory",
            Self::AlreadyExists => "already-exists",
            Self::DirectoryNotEmpty => "directory-not-empty",
            Self::NotAnEntry => "not-an-entry",
            Self::TooManyLinks => "too-many-links",
            Self::NameTooLong => "name-too-long",
            Self::PathTooLong => "path-too-long",
            Self::NotASymlink => "not-a-symlink",
            Self::NotARegularFile => "not-a-regular-file",
            Self::NothingBehindTheNode => "nothing-behind-the-node",
            Self::StrangersNodeInStickyDirectory => "strangers-node-in-sticky-directory",
            Self::HardLinkToDirectory => "hard-link-to-directory",
            Self::WouldBeWhiteout => "would-be-whiteout",
            Self::IntoItself => "into-itself",
            Self::LowerDirectoryCannotMove => "lower-directory-cannot-move",
            Self::RedirectTooLong => "redirect-too-long",
            Self::UserXattrOnSpecialFile => "user-xattr-on-special-file",
            Self::XattrNameInvalid => "xattr-name-invalid",
            Self::XattrUnknownNamespace => "xattr-unknown-namespace",
            Self::XattrTooLong => "xattr-too-long",
            Self::NoSuchXattr => "no-such-xattr",
            Self::XattrExists => "xattr-exists",
            Self::RedirectNotFollowed => "redirect-not-followed",
            Self::MetacopyNotFollowed => "metacopy-not-followed",
            Self::DataLost => "data-lost",
            Self::InvalidFlags => "invalid-flags",
            Self::FileTooBig => "file-too-big",
            Self::ContentNotKept => "content-not-kept",
            Self::MountPoint => "mount-point",
            Self::AcrossMounts => "across-mounts",
            Self::DiskFull => "disk-full",
        }
    }
}

/// An errno with its reason, as the model's own functions return it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub errno: Errno,
    pub reason: Reason,
}

pub(super) fn refuse<T>(errno: Errno, reason: Reason) -> Result<T, Refusal> {
    Err(Refusal { errno, reason })
}

pub(super) fn no_such_entry<T>() -> Result<T, Refusal> {
    refuse(Errno::ENOENT, Reason::NoSuchEntry)
}

pub(super) fn not_a_directory<T>() -> Result<T, Refusal> {
    refuse(Errno::ENOTDIR, Reason::NotADirectory)
}

pub(super) fn is_a_directory<T>() -> Result<T, Refusal> {
    refuse(Errno::EISDIR, Reason::IsADirectory)
}
