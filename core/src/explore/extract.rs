//! Taking a folder or a whole merged tree out of a stack, as a tar that is written in steps.
//!
//! Directories come first, then files in the order in which the layers store them (each layer is decompressed once,
//! from its start to its end), then second names. Names are the tree's: relative, without `.` and `..`.

use std::{collections::HashMap, io};

use tar::{Builder, EntryType, Header};

use super::{
    bytes::StackBytes,
    file::{FileReading, FileSource},
    timeline::{State, Timeline},
};
use crate::{
    archive::source::Volumes,
    layer::changeset::Changeset,
    limits::Limits,
    path::PathId,
    tree::{Inode, InodeId, InodeKind},
};

/// Bytes of the name fields of a ustar header; longer names go into a PAX record.
const NAME_FIELD: usize = 100;
const BLOCK: usize = 512;

/// A tar on its way.
#[derive(Debug)]
pub struct Extraction {
    /// What the names leave out.
    below: PathId,
    items: Vec<Item>,
    next: usize,
    reading: Option<(FileReading, u64)>,
    limits: Limits,
    done: u64,
    total: u64,
    ended: bool,
}

#[derive(Clone, Copy, Debug)]
struct Item {
    path: PathId,
    inode: InodeId,
    /// Another name of an inode that came before.
    link_to: Option<PathId>,
    source: Option<FileSource>,
}

impl Extraction {
    /// Plans the tar of what is at `path` (the root for the whole tree) when `height` layers are applied. Names begin
    /// with the last component of `path`.
    pub fn new<'c>(
        timeline: &Timeline,
        path: PathId,
        height: u32,
        changeset: impl Fn(u32) -> Option<&'c Changeset>,
        limits: &Limits,
    ) -> Self {
        let mut first: HashMap<InodeId, PathId> = HashMap::new();
        let mut items = Vec::new();
        let mut inside = vec![false; timeline.paths().len()];
        for at in timeline.paths().ids() {
            let parent = timeline.paths().parent(at);
            inside[at.index()] = at == path || (at != PathId::ROOT && inside[parent.index()]);
            if !inside[at.index()] {
                continue;
            }
            let Some(State::Here { inode: id, .. }) = timeline.at(at, height).map(|version| version.state) else {
                continue;
            };
            let inode = timeline.inode(id);
            let link_to = if inode.kind == InodeKind::Directory { None } else { first.get(&id).copied() };
            first.entry(id).or_insert(at);
            let source = if link_to.is_none() { FileSource::of_inode(inode, &changeset) } else { None };
            items.push(Item { path: at, inode: id, link_to, source });
        }
        let place = |item: &Item| match (item.source, item.link_to) {
            (_, Some(_)) => (2, 0, 0),
            (Some(source), None) => (1, source.layer, source.data_offset),
            (None, None) => (0, 0, 0),
        };
        items.sort_by_key(place);
        let sizes = items.iter().filter_map(|item| item.source).map(|source| source.size);
        Self {
            below: timeline.paths().parent(path),
            total: sizes.fold(0, u64::saturating_add),
            items,
            next: 0,
            reading: None,
            limits: limits.clone(),
            done: 0,
            ended: false,
        }
    }

    /// Bytes of files that were written, and of all.
    pub fn progress(&self) -> (u64, u64) {
        (self.done, self.total)
    }

    /// Paths that the tar holds.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Does a bounded piece of work and adds to `out` what comes of it; false when the tar is whole.
    ///
    /// # Errors
    ///
    /// Those of the archive's file, and of a layer that ends or breaks within a file.
    pub fn step<V: Volumes>(
        &mut self,
        timeline: &Timeline,
        layers: &mut StackBytes<V>,
        out: &mut Vec<u8>,
    ) -> io::Result<bool> {
        if let Some((reading, size)) = &mut self.reading {
            let before = out.len();
            let more = reading.step(layers.layer(reading.source().layer)?, out)?;
            self.done += (out.len() - before) as u64;
            if !more {
                pad(out, *size);
                self.reading = None;
            }
            return Ok(true);
        }
        let Some(item) = self.items.get(self.next).copied() else {
            if !std::mem::replace(&mut self.ended, true) {
                out.resize(out.len() + 2 * BLOCK, 0);
            }
            return Ok(false);
        };
        self.next += 1;
        self.header(timeline, item, out);
        if let Some(source) = item.source {
            self.reading = Some((FileReading::new(source, 0..u64::MAX, &self.limits), source.size));
        }
        Ok(true)
    }

    fn header(&self, timeline: &Timeline, item: Item, out: &mut Vec<u8>) {
        let inode = timeline.inode(item.inode);
        let Some((entry_type, link)) = self.what(timeline, inode, item.link_to) else { return };
        let mut name = self.name(timeline, item.path);
        if entry_type == EntryType::Directory {
            name.extend_from_slice(if name.is_empty() { b"./" } else { b"/" });
        }
        let mut header = Header::new_ustar();
        header.set_entry_type(entry_type);
        header.set_mode(inode.metadata.mode.into());
        header.set_uid(inode.metadata.uid.into());
        header.set_gid(inode.metadata.gid.into());
        header.set_mtime(inode.metadata.mtime.max(0) as u64);
        header.set_size(item.source.map_or(0, |source| source.size));
        if let InodeKind::CharDevice(number) | InodeKind::BlockDevice(number) = inode.kind {
            // The fields of a ustar header are there, so that neither call can fail.
            let _ = (header.set_device_major(number.major), header.set_device_minor(number.minor));
        }
        let mut records: Vec<(String, &[u8])> = Vec::new();
        let old = header.as_old_mut();
        for (key, field, bytes) in [("path", &mut old.name, &name), ("linkpath", &mut old.linkname, &link)] {
            let short = &bytes[..bytes.len().min(NAME_FIELD)];
            field[..short.len()].copy_from_slice(short);
            if bytes.len() > NAME_FIELD {
                records.push((key.into(), bytes));
            }
        }
        let mtime = fractional(inode.metadata.mtime, inode.metadata.mtime_nanos);
        if let Some(mtime) = &mtime {
            records.push(("mtime".into(), mtime.as_bytes()));
        }
        if item.link_to.is_none() {
            for xattr in timeline.tree().xattrs(&inode.metadata) {
                records.push((format!("SCHILY.xattr.{}", String::from_utf8_lossy(&xattr.name)), &xattr.value));
            }
        }
        header.set_cksum();
        // The tar crate frames the records; its own setters of names refuse what images hold.
        let mut builder = Builder::new(std::mem::take(out));
        let framed = builder.append_pax_extensions(records.iter().map(|(key, value)| (&key[..], *value)));
        *out = std::mem::take(builder.get_mut());
        if framed.is_ok() {
            out.extend_from_slice(header.as_bytes());
        }
    }

    /// The type of the member, and where it links to. `None` for what no tar can say.
    fn what(&self, timeline: &Timeline, inode: &Inode, link_to: Option<PathId>) -> Option<(EntryType, Vec<u8>)> {
        if let Some(first) = link_to {
            return Some((EntryType::Link, self.name(timeline, first)));
        }
        let entry_type = match inode.kind {
            InodeKind::Symlink { target } => {
                return Some((EntryType::Symlink, timeline.tree().target(target).to_vec()));
            }
            InodeKind::File { .. } => EntryType::Regular,
            InodeKind::Directory => EntryType::Directory,
            InodeKind::CharDevice(_) => EntryType::Char,
            InodeKind::BlockDevice(_) => EntryType::Block,
            InodeKind::Fifo => EntryType::Fifo,
            InodeKind::UnresolvedHardLink | InodeKind::Other(_) => return None,
        };
        Some((entry_type, Vec::new()))
    }

    fn name(&self, timeline: &Timeline, path: PathId) -> Vec<u8> {
        let full = timeline.paths().bytes(path);
        let above = timeline.paths().bytes(self.below).len();
        let skip = if above == 0 { 0 } else { above + 1 };
        full.get(skip..).unwrap_or_default().to_vec()
    }
}

fn pad(out: &mut Vec<u8>, size: u64) {
    let over = (size % BLOCK as u64) as usize;
    if over > 0 {
        out.resize(out.len() + BLOCK - over, 0);
    }
}

/// A time that a header cannot hold.
fn fractional(seconds: i64, nanos: u32) -> Option<String> {
    match (seconds, nanos) {
        (0.., 0) => None,
        (_, 0) => Some(seconds.to_string()),
        (0.., nanos) => Some(format!("{seconds}.{nanos:09}")),
        // Before the epoch the fraction counts from the other side.
        (_, nanos) => Some(format!("-{}.{:09}", (seconds + 1).unsigned_abs(), 1_000_000_000 - nanos)),
    }
}
