//! A layer's tar, member by member.

use tar::{Builder, EntryType, Header};

/// Seconds since the epoch that every entry has unless it says otherwise (2024-01-01).
pub const MTIME: u64 = 1_704_067_200;

/// A tar being written. The order of the calls is the order of the members.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// Whole blocks: headers and padded data.
    blocks: Vec<u8>,
    end: End,
}

/// How the tar ends.
#[derive(Clone, Debug, Default, PartialEq)]
enum End {
    /// Two zero blocks.
    #[default]
    Blocks,
    Missing,
    /// Two zero blocks and more bytes, which belong to the diff_id all the same.
    Trailing(Vec<u8>),
}

impl Layer {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.entry(Entry::file(path, content))
    }

    pub fn dir(self, path: &str) -> Self {
        self.entry(Entry::dir(path))
    }

    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.entry(Entry::link(EntryType::Symlink, path, target))
    }

    pub fn hardlink(self, path: &str, target: &str) -> Self {
        self.entry(Entry::link(EntryType::Link, path, target))
    }

    /// `whiteout("etc/motd")` writes `etc/.wh.motd`.
    pub fn whiteout(self, path: &str) -> Self {
        let (parent, name) = path.rsplit_once('/').map_or(("", path), |(parent, name)| (parent, name));
        self.file(&join(parent, &format!(".wh.{name}")), "")
    }

    /// Hides what lower layers have in `dir`; `""` is the root.
    pub fn opaque(self, dir: &str) -> Self {
        self.file(&join(dir, ".wh..wh..opq"), "")
    }

    pub fn entry(mut self, entry: Entry) -> Self {
        entry.write(&mut self.blocks);
        self
    }

    /// Any bytes, as they are: for members that no tar writer would write.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.blocks.extend_from_slice(bytes);
        self
    }

    /// Leaves the two zero blocks out.
    pub fn without_end(mut self) -> Self {
        self.end = End::Missing;
        self
    }

    /// Adds bytes after the two zero blocks.
    pub fn trailing(mut self, bytes: &[u8]) -> Self {
        self.end = End::Trailing(bytes.to_vec());
        self
    }

    /// The bytes of the tar.
    pub fn tar(&self) -> Vec<u8> {
        let mut tar = self.blocks.clone();
        if self.end != End::Missing {
            tar.extend_from_slice(&[0; 1024]);
        }
        if let End::Trailing(bytes) = &self.end {
            tar.extend_from_slice(bytes);
        }
        tar
    }
}

/// One member, with what [`Layer`]'s short forms do not say.
#[derive(Clone, Debug)]
pub struct Entry {
    kind: EntryType,
    path: Vec<u8>,
    content: Vec<u8>,
    target: Option<Vec<u8>>,
    mode: u32,
    owner: (u64, u64),
    mtime: u64,
    device: Option<(u32, u32)>,
    pax: Vec<(String, Vec<u8>)>,
}

impl Entry {
    pub fn file(path: &str, content: impl AsRef<[u8]>) -> Self {
        Self { content: content.as_ref().to_vec(), ..Self::new(EntryType::Regular, path) }
    }

    /// Tar writes a directory with a slash at its end.
    pub fn dir(path: &str) -> Self {
        let path = if path.ends_with('/') { path.to_owned() } else { format!("{path}/") };
        Self { mode: 0o755, ..Self::new(EntryType::Directory, &path) }
    }

    pub fn link(kind: EntryType, path: &str, target: &str) -> Self {
        Self { target: Some(target.into()), mode: 0o777, ..Self::new(kind, path) }
    }

    pub fn char_device(path: &str, major: u32, minor: u32) -> Self {
        Self { device: Some((major, minor)), ..Self::new(EntryType::Char, path) }
    }

    pub fn block_device(path: &str, major: u32, minor: u32) -> Self {
        Self { device: Some((major, minor)), ..Self::new(EntryType::Block, path) }
    }

    pub fn fifo(path: &str) -> Self {
        Self::new(EntryType::Fifo, path)
    }

    /// Any other type flag.
    pub fn new(kind: EntryType, path: &str) -> Self {
        Self {
            kind,
            path: path.into(),
            content: Vec::new(),
            target: None,
            mode: 0o644,
            owner: (0, 0),
            mtime: MTIME,
            device: None,
            pax: Vec::new(),
        }
    }

    /// A name that is no UTF-8, say.
    pub fn path_bytes(self, path: &[u8]) -> Self {
        Self { path: path.to_vec(), ..self }
    }

    pub fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    pub fn owner(self, uid: u64, gid: u64) -> Self {
        Self { owner: (uid, gid), ..self }
    }

    pub fn mtime(self, mtime: u64) -> Self {
        Self { mtime, ..self }
    }

    /// An extended attribute, the way Docker and BuildKit write it: any bytes, in a PAX record.
    pub fn xattr(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.pax(&format!("SCHILY.xattr.{name}"), value)
    }

    /// A record of the PAX header before the member.
    pub fn pax(mut self, key: &str, value: impl AsRef<[u8]>) -> Self {
        self.pax.push((key.to_owned(), value.as_ref().to_vec()));
        self
    }

    fn write(&self, blocks: &mut Vec<u8>) {
        let mut header = Header::new_gnu();
        header.set_entry_type(self.kind);
        header.set_mode(self.mode);
        header.set_uid(self.owner.0);
        header.set_gid(self.owner.1);
        header.set_mtime(self.mtime);
        header.set_size(self.content.len() as u64);
        if let Some((major, minor)) = self.device {
            header.set_device_major(major).expect("a GNU header has a place for devices");
            header.set_device_minor(minor).expect("a GNU header has a place for devices");
        }
        // The name fields are filled by hand: the tar crate's setters refuse `..` and absolute names, which tests need.
        let mut builder = Builder::new(std::mem::take(blocks));
        let pax = self.pax.iter().map(|(key, value)| (key.as_str(), value.as_slice()));
        builder.append_pax_extensions(pax).expect("writing to memory");
        if let Some(target) = &self.target {
            let field = &mut header.as_gnu_mut().expect("a GNU header").linkname;
            name(&mut builder, field, target, b'K');
        }
        name(&mut builder, &mut header.as_gnu_mut().expect("a GNU header").name, &self.path, b'L');
        header.set_cksum();
        builder.append(&header, self.content.as_slice()).expect("writing to memory");
        // Dropping a builder would write the end of the tar.
        let mut written = builder.into_inner().expect("writing to memory");
        written.truncate(written.len() - 1024);
        *blocks = written;
    }
}

/// Fills a name field of a header; what does not fit goes before it into a GNU `L` (name) or `K` (target) member.
fn name(builder: &mut Builder<Vec<u8>>, field: &mut [u8; 100], name: &[u8], long: u8) {
    if name.len() > field.len() {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::new(long));
        header.as_gnu_mut().expect("a GNU header").name[..13].copy_from_slice(b"././@LongLink");
        header.set_size(name.len() as u64 + 1);
        header.set_cksum();
        builder.append(&header, [name, &[0]].concat().as_slice()).expect("writing to memory");
    }
    let fits = name.len().min(field.len());
    field[..fits].copy_from_slice(&name[..fits]);
}

fn join(parent: &str, name: &str) -> String {
    let parent = parent.trim_end_matches('/');
    if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn paths(tar: &[u8]) -> Vec<String> {
        let mut archive = tar::Archive::new(tar);
        archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    }

    #[test]
    fn members_keep_the_order_of_the_calls() {
        let long = "d/".repeat(80) + "f";
        let layer = Layer::new().dir("etc").file("etc/a", "1").whiteout("etc/b").whiteout("c").opaque("etc").opaque("");
        let layer = layer.file(&long, "long").symlink("l", &long).file("../up", "");
        assert_eq!(
            paths(&layer.tar()),
            ["etc/", "etc/a", "etc/.wh.b", ".wh.c", "etc/.wh..wh..opq", ".wh..wh..opq", &long, "l", "../up"]
        );
    }

    #[test]
    fn an_entry_carries_its_metadata() {
        let entry =
            Entry::file("bin/ping", "x").mode(0o4755).owner(1, 2).mtime(3).xattr("security.capability", b"\0\x01");
        let tar = Layer::new().entry(entry).tar();
        let mut archive = tar::Archive::new(tar.as_slice());
        let mut entry = archive.entries().unwrap().next().unwrap().unwrap();
        let header = entry.header().clone();
        assert_eq!((header.mode().unwrap(), header.uid().unwrap(), header.gid().unwrap()), (0o4755, 1, 2));
        let pax = entry.pax_extensions().unwrap().unwrap().next().unwrap().unwrap();
        assert_eq!((pax.key(), pax.value_bytes()), (Ok("SCHILY.xattr.security.capability"), b"\0\x01".as_slice()));
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        assert_eq!(content, "x");
    }

    #[test]
    fn the_end_can_be_left_out_or_followed() {
        let layer = Layer::new().file("a", "1");
        assert_eq!(layer.tar().len(), 2048);
        assert_eq!(layer.clone().without_end().tar().len(), 1024);
        assert_eq!(layer.trailing(b"more").tar().len(), 2052);
    }
}
