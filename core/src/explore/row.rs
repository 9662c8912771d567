//! One row of a tree, and the words in it.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::timeline::{State, Timeline, Version};
use crate::{
    layer::changeset::{DeviceNumber, Metadata},
    path::PathId,
    tree::{Difference, Inode, InodeKind},
};

/// What a person sees of one path. Names are made harmless; bytes of names stay in the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub path: PathId,
    /// The last component; in a flat list the whole path.
    pub name: String,
    /// 0 for what is in the root directory.
    pub depth: u32,
    pub kind: Kind,
    pub change: Change,
    /// Logical bytes of a file; of what is shown below a directory, each hard-link group once. Of a removed file what
    /// it had.
    pub size: u64,
    /// Change of the merged bytes that it makes, or all that is shown below it.
    pub contribution: i64,
    /// Regular files shown below a directory.
    pub files: u32,
    pub metadata: Metadata,
    /// The layer it comes from; of a removed path the layer it came from.
    pub layer: u32,
    /// No entry lists the directory: entries below it imply it.
    pub implied: bool,
    /// Target of a symbolic link, made harmless.
    pub target: Option<String>,
    pub device: Option<DeviceNumber>,
    /// Something is shown below it.
    pub expandable: bool,
    pub expanded: bool,
    /// A filter shows it only for what is below it.
    pub context: bool,
    /// The search finds it.
    pub hit: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    Directory,
    File,
    HardLink,
    Symlink,
    CharDevice,
    BlockDevice,
    Fifo,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Change {
    Added,
    /// Other bytes, another link target or device number.
    Content,
    /// The same bytes with another mode, owner or xattrs.
    Metadata,
    /// Another kind of thing.
    Type,
    Removed,
    /// A layer lists it again, with at most another time.
    Relisted,
    Unmodified,
}

/// A choice of kinds or of changes.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Set<T> {
    bits: u16,
    #[serde(skip)]
    of: PhantomData<T>,
}

/// What can be in a [`Set`].
pub trait Member: Copy + 'static {
    const ALL: &'static [Self];
    fn bit(self) -> u16;
}

impl Member for Kind {
    const ALL: &'static [Self] = &[
        Self::Directory,
        Self::File,
        Self::HardLink,
        Self::Symlink,
        Self::CharDevice,
        Self::BlockDevice,
        Self::Fifo,
        Self::Other,
    ];

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl Member for Change {
    const ALL: &'static [Self] =
        &[Self::Added, Self::Content, Self::Metadata, Self::Type, Self::Removed, Self::Relisted, Self::Unmodified];

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl<T: Member> Set<T> {
    pub fn none() -> Self {
        Self { bits: 0, of: PhantomData }
    }

    pub fn all() -> Self {
        T::ALL.iter().fold(Self::none(), |set, &member| set.with(member))
    }

    pub fn of(members: &[T]) -> Self {
        members.iter().fold(Self::none(), |set, &member| set.with(member))
    }

    pub fn with(self, member: T) -> Self {
        Self { bits: self.bits | member.bit(), ..self }
    }

    pub fn without(self, member: T) -> Self {
        Self { bits: self.bits & !member.bit(), ..self }
    }

    pub fn toggled(self, member: T) -> Self {
        Self { bits: self.bits ^ member.bit(), ..self }
    }

    pub fn contains(self, member: T) -> bool {
        self.bits & member.bit() != 0
    }
}

impl<T> Clone for Set<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Set<T> {}

impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<T> Eq for Set<T> {}

impl<T: Member + std::fmt::Debug> std::fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(T::ALL.iter().filter(|&&member| self.contains(member))).finish()
    }
}

impl Kind {
    pub fn of(inode: &Inode, hard_link: bool) -> Self {
        match inode.kind {
            _ if hard_link => Self::HardLink,
            InodeKind::UnresolvedHardLink => Self::HardLink,
            InodeKind::File { .. } => Self::File,
            InodeKind::Directory => Self::Directory,
            InodeKind::Symlink { .. } => Self::Symlink,
            InodeKind::CharDevice(_) => Self::CharDevice,
            InodeKind::BlockDevice(_) => Self::BlockDevice,
            InodeKind::Fifo => Self::Fifo,
            InodeKind::Other(_) => Self::Other,
        }
    }

    /// The word of the report's `types`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Directory => "dir",
            Self::File => "file",
            Self::HardLink => "hardlink",
            Self::Symlink => "symlink",
            Self::CharDevice => "char",
            Self::BlockDevice => "block",
            Self::Fifo => "fifo",
            Self::Other => "other",
        }
    }
}

impl Change {
    /// What became of a path between two of its versions; `None` where it was there neither before nor after.
    pub(super) fn between(timeline: &Timeline, below: Option<Version>, above: Option<Version>) -> Option<Self> {
        let living = |version: Option<Version>| match version?.state {
            State::Here { inode, .. } => Some(inode),
            State::Gone(_) => None,
        };
        Some(match (living(below), living(above)) {
            (None, None) => return None,
            (None, Some(_)) => Self::Added,
            (Some(_), None) => Self::Removed,
            (Some(_), Some(_)) if below == above => Self::Unmodified,
            (Some(below), Some(above)) => match timeline.inode(above).differs_from(timeline.inode(below)) {
                Difference::Type => Self::Type,
                Difference::Content => Self::Content,
                Difference::Metadata => Self::Metadata,
                Difference::None => Self::Relisted,
            },
        })
    }

    pub fn is_change(self) -> bool {
        !matches!(self, Self::Relisted | Self::Unmodified)
    }

    /// One character, so that colour is never alone.
    pub fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Content => 'M',
            Self::Metadata => 'm',
            Self::Type => 'T',
            Self::Removed => '-',
            Self::Relisted => '.',
            Self::Unmodified => ' ',
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Content => "content",
            Self::Metadata => "metadata",
            Self::Type => "type",
            Self::Removed => "removed",
            Self::Relisted => "relisted",
            Self::Unmodified => "unmodified",
        }
    }
}

/// Permission bits as `ls -l` prints them: `rwxr-sr-x`.
pub fn permissions(mode: u16) -> String {
    let mut text = String::with_capacity(9);
    for (shift, special, lower, upper) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')] {
        let part = mode >> shift & 7;
        text.push(if part & 4 != 0 { 'r' } else { '-' });
        text.push(if part & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, part & 1 != 0) {
            (true, true) => lower,
            (true, false) => upper,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_as_ls_prints_them() {
        for (mode, text) in [
            (0o755, "rwxr-xr-x"),
            (0o4755, "rwsr-xr-x"),
            (0o2644, "rw-r-Sr--"),
            (0o1777, "rwxrwxrwt"),
            (0o7000, "--S--S--T"),
            (0, "---------"),
        ] {
            assert_eq!(permissions(mode), text);
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = Set::of(&[Change::Added, Change::Removed]).toggled(Change::Added).with(Change::Type);
        let held: Vec<Change> = Change::ALL.iter().copied().filter(|&change| set.contains(change)).collect();
        assert_eq!(held, [Change::Type, Change::Removed]);
        assert_eq!(Set::<Kind>::all().without(Kind::File).toggled(Kind::File), Set::all());
    }
}
