//! Members of a layer's tar, the same bytes for the same upperdir.
//!
//! Source: POSIX pax ("pax Interchange Format"); OCI image-spec, layer.md.

use tar::{Builder, EntryType, Header};

use super::{CommitError, tar_xattrs};
use crate::overlay::{
    inode::{Inode, Kind},
    merged::MergedEntry,
    path::MergedPath,
};

/// Bytes of the name fields of a ustar header; longer names go into a PAX record.
const NAME_FIELD: usize = 100;

pub(super) struct Writer {
    builder: Builder<Vec<u8>>,
    now: i64,
}

impl Writer {
    pub fn new(now: i64) -> Self {
        Self { builder: Builder::new(Vec::new()), now }
    }

    pub fn whiteout(&mut self, hidden: &MergedPath) {
        self.marker(&hidden.parent().join(&[b".wh.", &hidden.name()[..]].concat()));
    }

    pub fn opaque_whiteout(&mut self, directory: &MergedPath) {
        self.marker(&directory.join(b".wh..wh..opq"));
    }

    pub fn hard_link(&mut self, entry: &MergedEntry<'_>, first: &MergedPath) {
        self.member(EntryType::Link, entry.path.bytes(), entry.inode, first.bytes(), &[]);
    }

    pub fn entry(&mut self, entry: &MergedEntry<'_>, limit: u64) -> Result<(), CommitError> {
        let path = entry.path.bytes();
        match &entry.inode.kind {
            Kind::File(_) => {
                let size = entry.content.map_or(0, |content| content.len());
                if size > limit.saturating_sub(self.builder.get_ref().len() as u64) {
                    return Err(CommitError::TooLarge { path: entry.path.clone(), limit });
                }
                let bytes = entry.content.and_then(|content| content.bytes(limit));
                let bytes = bytes.ok_or_else(|| CommitError::ContentNotKept { path: entry.path.clone() })?;
                self.member(EntryType::Regular, path, entry.inode, b"", &bytes);
            }
            Kind::Directory(_) => {
                let path = if path.is_empty() { b"./".to_vec() } else { [path, b"/"].concat() };
                self.member(EntryType::Directory, &path, entry.inode, b"", &[]);
            }
            Kind::Symlink(target) => self.member(EntryType::Symlink, path, entry.inode, target, &[]),
            Kind::CharDevice(_) => self.member(EntryType::Char, path, entry.inode, b"", &[]),
            Kind::BlockDevice(_) => self.member(EntryType::Block, path, entry.inode, b"", &[]),
            Kind::Fifo | Kind::Socket => self.member(EntryType::Fifo, path, entry.inode, b"", &[]),
        }
        Ok(())
    }

    pub fn finish(self) -> Vec<u8> {
        self.builder.into_inner().expect("a vector takes every byte")
    }

    fn marker(&mut self, path: &MergedPath) {
        let inode = Inode { mtime: self.now, ..Inode::file(b"", 0o600) };
        self.member(EntryType::Regular, path.bytes(), &inode, b"", &[]);
    }

    /// Name fields are filled here and not by the tar crate, which on wasm takes only Unicode and turns backslashes
    /// into slashes.
    fn member(&mut self, entry_type: EntryType, path: &[u8], inode: &Inode, target: &[u8], data: &[u8]) {
        let mut header = Header::new_ustar();
        header.set_entry_type(entry_type);
        header.set_mode(inode.mode.into());
        header.set_uid(inode.uid.into());
        header.set_gid(inode.gid.into());
        header.set_mtime(inode.mtime.max(0) as u64);
        header.set_size(data.len() as u64);
        if let Kind::CharDevice(number) | Kind::BlockDevice(number) = inode.kind {
            // The fields of a ustar header are there, so that neither call can fail.
            let _ = (header.set_device_major(number.major), header.set_device_minor(number.minor));
        }
        let mut records: Vec<(String, Vec<u8>)> = Vec::new();
        let old = header.as_old_mut();
        for (key, field, bytes) in [("path", &mut old.name, path), ("linkpath", &mut old.linkname, target)] {
            let short = &bytes[..bytes.len().min(NAME_FIELD)];
            field[..short.len()].copy_from_slice(short);
            if bytes.len() > NAME_FIELD {
                records.push((key.into(), bytes.to_vec()));
            }
        }
        if inode.mtime < 0 {
            records.push(("mtime".into(), inode.mtime.to_string().into_bytes()));
        }
        if entry_type != EntryType::Link {
            records.extend(
                tar_xattrs(inode)
                    .map(|(name, value)| (format!("SCHILY.xattr.{}", String::from_utf8_lossy(name)), value.to_vec())),
            );
        }
        header.set_cksum();
        let written = self
            .builder
            .append_pax_extensions(records.iter().map(|(key, value)| (&key[..], &value[..])))
            .and_then(|()| self.builder.append(&header, data));
        written.expect("a vector takes every byte");
    }
}
