//! One member of a tar: what its header and its extensions say together.

use super::{
    extension::{Extensions, Taken},
    header::{BadField, Header},
    sparse::PaxSparse,
};
use crate::layer::changeset::Xattr;

/// Sizes above this are absurd, and not exact in the numbers of JavaScript.
const SIZE_LIMIT: u64 = 1 << 53;

/// One member, before its data. Its buffers are used again for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Offset of its header, or of the first extension header that belongs to it.
    pub offset: u64,
    pub data_offset: u64,
    pub kind: MemberKind,
    pub name: Vec<u8>,
    pub link_name: Vec<u8>,
    /// As declared, whatever the kind; the logical size of a sparse file.
    pub size: u64,
    /// Bytes of data that follow in the stream (without padding and sparse maps).
    pub stored: u64,
    /// Bytes of the file that are zero and not stored; of sparse files only.
    pub holes: u64,
    /// 0o7777 at most.
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    /// Seconds since the epoch, and nanoseconds.
    pub mtime: i64,
    pub mtime_nanos: u32,
    /// Major and minor number; of devices only.
    pub device: (u32, u32),
    /// Sorted by name.
    pub xattrs: Vec<Xattr>,
    /// Why the name or the link name cannot be relied on.
    pub refused: Option<Refusal>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberKind {
    #[default]
    File,
    HardLink,
    Symlink,
    CharDevice,
    BlockDevice,
    Directory,
    Fifo,
    /// A type flag without meaning here; like a file it may have data.
    Unknown(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// An extension was too large to keep, so the real name is unknown.
    ExtensionTooLarge { size: u64, limit: u64 },
    /// Readers cut such a name at the NUL, or do not: it names two paths.
    NulInName,
}

impl Member {
    /// Fills in all but the offsets, and uses up the extensions of this one member. Returns its PAX sparse records.
    pub(super) fn fill(
        &mut self,
        header: Header<'_>,
        header_size: u64,
        extensions: &mut Extensions,
    ) -> Result<PaxSparse, String> {
        let Taken { pax: mut local, gnu_name, gnu_link, refused } = extensions.take();
        let pax = local.as_ref().unwrap_or(&extensions.global);
        self.refused = refused;

        self.name.clear();
        match gnu_name.as_ref().or(pax.sparse.name.as_ref()).or(pax.path.as_ref()) {
            Some(name) => self.name.extend_from_slice(name),
            None => {
                if !header.prefix().is_empty() {
                    self.name.extend_from_slice(header.prefix());
                    self.name.push(b'/');
                }
                self.name.extend_from_slice(header.name());
            }
        }
        self.link_name.clear();
        let link_name = gnu_link.as_ref().or(pax.link_path.as_ref());
        self.link_name.extend_from_slice(link_name.map_or(header.link_name(), Vec::as_slice));
        if self.name.contains(&0) || self.link_name.contains(&0) {
            self.refused.get_or_insert(Refusal::NulInName);
        }

        self.size = pax.size.unwrap_or(header_size);
        check_size(self.size)?;
        self.kind = MemberKind::of(header.type_flag(), &self.name, self.size);
        // Links, directories and devices have no data, whatever size they declare (old tars repeat the target's).
        self.stored = if matches!(self.kind, MemberKind::File | MemberKind::Unknown(_)) { self.size } else { 0 };
        self.holes = 0;

        self.mode = (header.mode().map_err(text)? & 0o7777) as u16;
        self.uid = id(pax.uid.map_or(header.uid().map_err(text)?, saturated));
        self.gid = id(pax.gid.map_or(header.gid().map_err(text)?, saturated));
        (self.mtime, self.mtime_nanos) = pax.mtime.unwrap_or((header.mtime().map_err(text)?, 0));
        self.device = match self.kind {
            MemberKind::CharDevice | MemberKind::BlockDevice => {
                (id(header.device_major().map_err(text)?), id(header.device_minor().map_err(text)?))
            }
            _ => (0, 0),
        };
        self.xattrs.clear();
        match &mut local {
            Some(local) => self.xattrs.append(&mut local.xattrs),
            None => self.xattrs.extend_from_slice(&extensions.global.xattrs),
        }
        Ok(local.map(|local| local.sparse).unwrap_or_default())
    }
}

impl MemberKind {
    fn of(type_flag: u8, name: &[u8], size: u64) -> Self {
        match type_flag {
            // The oldest tars know directories by the slash only; with '0' a size would say that it is a file.
            0 if name.ends_with(b"/") => Self::Directory,
            b'0' if name.ends_with(b"/") && size == 0 => Self::Directory,
            0 | b'0' | b'7' | b'S' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::Symlink,
            b'3' => Self::CharDevice,
            b'4' => Self::BlockDevice,
            b'5' => Self::Directory,
            b'6' => Self::Fifo,
            other => Self::Unknown(other),
        }
    }

    /// The word of the report's `types`.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "dir",
            Self::Symlink => "symlink",
            Self::HardLink => "hardlink",
            Self::CharDevice => "char",
            Self::BlockDevice => "block",
            Self::Fifo => "fifo",
            Self::Unknown(_) => "other",
        }
    }
}

/// Refuses a size that no data can have.
pub(super) fn check_size(size: u64) -> Result<(), String> {
    if size <= SIZE_LIMIT { Ok(()) } else { Err(format!("the size is absurd ({size})")) }
}

fn saturated(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// User, group and device numbers have 32 bits; what does not fit becomes the largest, which is nobody's.
fn id(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn text(field: BadField) -> String {
    field.to_string()
}
