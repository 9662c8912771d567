//! An entry of a layer as one line.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::overlay::{Content, Inode, Kind, Layer, MergedPath};

/// Bytes that one file of a scenario may have. Only zeros are so many, and they take no memory until they are hashed.
const FILE_BYTES: u64 = 32 << 20;
const PATH_BYTES: usize = 400;

/// `/dir/`, `/file=text`, `/file:2MB` (that many zero bytes), `/link -> target`, `/name == /first` (a hard link),
/// `/name !` (a whiteout), `/dir/ !` (an opaque directory); each may end in ` @0755` or ` @0644,1000:1000` for mode and
/// owner. Directories are 0755, files 0644, all are root's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Entry {
    written: String,
    path: MergedPath,
    what: What,
    mode: Option<u16>,
    owner: (u32, u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Directory { opaque: bool },
    Text(String),
    Zeros(u64),
    Symlink(String),
    HardLink(MergedPath),
    Whiteout,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryProblem {
    NoPath(String),
    Path(String),
    Size(String),
    Mode(String),
    /// A hard link whose first name is not an entry before it.
    NoFirstName(String),
}

impl Entry {
    /// Bytes of the file that it is.
    pub(super) fn bytes(&self) -> u64 {
        match &self.what {
            What::Zeros(size) => *size,
            What::Text(text) => text.len() as u64,
            _ => 0,
        }
    }

    /// Adds the entry to a layer.
    pub(super) fn put(&self, layer: &mut Layer) -> Result<(), EntryProblem> {
        let inode = match &self.what {
            What::HardLink(first) => {
                let linked = layer.put_link(&self.path, first);
                return linked.map(|_| ()).ok_or_else(|| EntryProblem::NoFirstName(self.written.clone()));
            }
            What::Whiteout => Inode::whiteout(),
            What::Directory { .. } => Inode::directory(0o755),
            What::Text(text) => Inode::file(text.as_bytes(), 0o644),
            What::Zeros(size) => Inode::new(Kind::File(Content::zeros(*size)), 0o644),
            What::Symlink(target) => Inode::symlink(target.as_bytes()),
        };
        let mode = self.mode.unwrap_or(inode.mode);
        let ino = layer.put(&self.path, Inode { mode, uid: self.owner.0, gid: self.owner.1, ..inode });
        if self.what == (What::Directory { opaque: true }) {
            layer.inode_mut(ino).overlay.opaque = true;
        }
        Ok(())
    }
}

impl TryFrom<String> for Entry {
    type Error = EntryProblem;

    fn try_from(written: String) -> Result<Self, EntryProblem> {
        let Attributes { text, mode, owner } = attributes(&written)?;
        let (path, what) = if let Some((path, target)) = text.split_once(" -> ") {
            (path, What::Symlink(target.into()))
        } else if let Some((path, first)) = text.split_once(" == ") {
            (path, What::HardLink(path_of(first, &written)?))
        } else if let Some(path) = text.strip_suffix("/ !") {
            (path, What::Directory { opaque: true })
        } else if let Some(path) = text.strip_suffix(" !") {
            (path, What::Whiteout)
        } else if let Some((path, content)) = text.split_once('=') {
            (path, What::Text(content.into()))
        } else if let Some((path, size)) = text.split_once(':') {
            let size = parse_size(size).filter(|&size| size <= FILE_BYTES);
            (path, What::Zeros(size.ok_or_else(|| EntryProblem::Size(written.clone()))?))
        } else if let Some(path) = text.strip_suffix('/') {
            (path, What::Directory { opaque: false })
        } else {
            return Err(EntryProblem::NoPath(written));
        };
        Ok(Self { path: path_of(path, &written)?, what, mode, owner, written })
    }
}

impl From<Entry> for String {
    fn from(entry: Entry) -> Self {
        entry.written
    }
}

/// A line without its ending, and what the ending says.
struct Attributes<'a> {
    text: &'a str,
    mode: Option<u16>,
    owner: (u32, u32),
}

/// What stands behind the last ` @`, if it looks like a mode.
fn attributes(written: &str) -> Result<Attributes<'_>, EntryProblem> {
    let Some((text, attributes)) = written.rsplit_once(" @0") else {
        return Ok(Attributes { text: written, mode: None, owner: (0, 0) });
    };
    let wrong = || EntryProblem::Mode(written.into());
    let (mode, owner) = attributes.split_once(',').unwrap_or((attributes, "0:0"));
    let mode = u16::from_str_radix(mode, 8).ok().filter(|&mode| mode <= 0o7777).ok_or_else(wrong)?;
    let (uid, gid) = owner.split_once(':').ok_or_else(wrong)?;
    let owner = uid.parse().ok().zip(gid.parse().ok()).ok_or_else(wrong)?;
    Ok(Attributes { text, mode: Some(mode), owner })
}

fn path_of(path: &str, written: &str) -> Result<MergedPath, EntryProblem> {
    let wrong = || EntryProblem::Path(written.into());
    let rest = path.strip_prefix('/').ok_or_else(wrong)?;
    let is_name = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(char::is_control);
    let good = path.len() <= PATH_BYTES && (rest.is_empty() || rest.split('/').all(is_name));
    if good { Ok(MergedPath::from(path)) } else { Err(wrong()) }
}

/// `512`, `3kB`, `69.3MB`: decimal units, as Docker prints them.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let factor: u64 = match unit {
        "" | "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    if fraction.len() > 3 || (!fraction.is_empty() && factor == 1) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths = if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").parse::<u64>().ok()? };
    whole.parse::<u64>().ok()?.checked_mul(factor)?.checked_add(thousandths * (factor / 1_000))
}

impl fmt::Display for EntryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (expected, found) = match self {
            Self::NoPath(found) => ("'/dir/', '/file=text', '/file:SIZE', '/link -> target', …", found),
            Self::Path(found) => ("an absolute path without '.' and '..'", found),
            Self::Size(found) => ("a size of at most 32 MB, such as 300kB", found),
            Self::Mode(found) => ("a mode and perhaps an owner, such as @0755,1000:1000", found),
            Self::NoFirstName(found) => ("the first name of the file as an entry before", found),
        };
        write!(f, "expected {expected}, found {}", super::shown(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_all_of_an_entry() {
        let mut layer = Layer::new();
        for line in [
            "/etc/",
            "/etc/motd=a=b @0600,5:6",
            "/bin/sh:2.5kB @0755",
            "/lib -> usr/lib",
            "/bin/ash == /bin/sh",
            "/old !",
            "/var/ !",
            "/etc/mail=me @home",
        ] {
            Entry::try_from(line.to_string()).unwrap().put(&mut layer).unwrap();
        }
        let inode = |path: &str| layer.inode(layer.find(&path.into()).unwrap());
        let motd = inode("/etc/motd");
        assert_eq!((motd.mode, motd.uid, motd.gid, motd.size()), (0o600, 5, 6, 3));
        assert_eq!((inode("/bin/ash").size(), inode("/bin/ash").links, inode("/bin/sh").mode), (2_500, 2, 0o755));
        assert_eq!(inode("/lib").kind, Kind::Symlink(b"usr/lib"[..].into()));
        assert_eq!(inode("/etc/mail").size(), 8);
        assert!(inode("/old").is_whiteout() && inode("/var").overlay.opaque);
    }

    #[test]
    fn what_is_no_entry_is_said() {
        for (line, problem) in [
            ("etc/motd=x", "expected an absolute path without '.' and '..', found etc/motd=x"),
            ("/a/../b=x", "expected an absolute path without '.' and '..', found /a/../b=x"),
            ("/a:9GB", "expected a size of at most 32 MB, such as 300kB, found /a:9GB"),
            ("/a=x @0999", "expected a mode and perhaps an owner, such as @0755,1000:1000, found /a=x @0999"),
        ] {
            assert_eq!(Entry::try_from(line.to_string()).unwrap_err().to_string(), problem);
        }
        assert_eq!(parse_size("69.35MB"), Some(69_350_000));
        assert_eq!((parse_size("1.5"), parse_size("1.2345kB"), parse_size("1TB")), (None, None, None));
    }
}
