//! Reading a file of a stack from the layer that stores it, in steps.

use std::{io, ops::Range};

use super::{
    bytes::{LayerBytes, Step},
    timeline::Timeline,
};
use crate::{
    archive::source::Volumes,
    layer::{
        changeset::{Changeset, EntryKind},
        tar::{Event, Parser},
    },
    limits::Limits,
    path::PathId,
    tree::Inode,
};

/// Where the bytes of a file are: hard links are followed, whatever layer they lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSource {
    /// The layer that stores them.
    pub layer: u32,
    /// Logical bytes.
    pub size: u64,
    /// In the layer's decompressed tar.
    pub data_offset: u64,
    /// Of a sparse file, where its first header begins.
    pub sparse_header: Option<u64>,
}

/// Bytes that one step decompresses, about.
pub const STEP_BYTES: usize = 256 << 10;

/// A range of a file on its way.
#[derive(Debug)]
pub struct FileReading {
    source: FileSource,
    range: Range<u64>,
    /// Bytes of the range that have come.
    done: u64,
    sparse: Option<Sparse>,
    buffer: Vec<u8>,
    begun: bool,
}

/// The walk through a sparse member.
#[derive(Debug)]
struct Sparse {
    parser: Parser,
    /// Logical bytes that were passed.
    passed: u64,
    /// Zeros that are still to come before the parser goes on.
    hole: u64,
    /// What was read of the tar and not parsed.
    unread: Vec<u8>,
    /// Where the tar goes on: somebody else may read the layer in between.
    next: u64,
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    /// Decompressed bytes that are passed on the way, and the bytes that are read.
    pub total: u64,
}

impl FileSource {
    /// The bytes of the file that is at `path` when `height` layers are applied. `changeset` gives that of a layer.
    /// `None` for what is no file.
    pub fn of_path<'c>(
        timeline: &Timeline,
        path: PathId,
        height: u32,
        changeset: impl FnOnce(u32) -> Option<&'c Changeset>,
    ) -> Option<Self> {
        Self::of_inode(timeline.inode_at(path, height)?, changeset)
    }

    /// The same for an inode of a timeline.
    pub fn of_inode<'c>(inode: &Inode, changeset: impl FnOnce(u32) -> Option<&'c Changeset>) -> Option<Self> {
        let (layer, number) = (inode.layer, inode.entry?);
        let changeset = changeset(layer)?;
        let entry = changeset.entries.get(number as usize)?;
        matches!(entry.kind, EntryKind::File { .. }).then(|| Self {
            layer,
            size: entry.size,
            data_offset: entry.data_offset,
            sparse_header: changeset.sparse_header(number),
        })
    }
}

impl FileReading {
    /// Begins to read `range` of the file, as far as the file goes.
    pub fn new(source: FileSource, range: Range<u64>, limits: &Limits) -> Self {
        let end = range.end.min(source.size);
        let range = range.start.min(end)..end;
        let sparse = source.sparse_header.map(|_| Sparse {
            parser: Parser::new(limits.extension_bytes),
            passed: 0,
            hole: 0,
            unread: Vec::new(),
            next: source.sparse_header.unwrap_or(0),
        });
        Self { source, range, done: 0, sparse, buffer: vec![0; STEP_BYTES], begun: false }
    }

    pub fn source(&self) -> FileSource {
        self.source
    }

    /// Does a bounded piece of work and adds to `out` what comes of it. False when the range is whole.
    ///
    /// `layer` must be that of [`FileSource::layer`]; it may have read something else in between.
    ///
    /// # Errors
    ///
    /// Those of the archive's file, and of a layer that ends or breaks within the file.
    pub fn step<V: Volumes>(&mut self, layer: &mut LayerBytes<V>, out: &mut Vec<u8>) -> io::Result<bool> {
        if self.done >= self.range.end - self.range.start {
            return Ok(false);
        }
        let place = match &self.sparse {
            Some(sparse) => sparse.next,
            None => self.source.data_offset.saturating_add(self.range.start).saturating_add(self.done),
        };
        if !self.begun || layer.target() != place {
            layer.seek(place);
            self.begun = true;
        }
        match &mut self.sparse {
            Some(_) => self.step_sparse(layer, out)?,
            None => self.step_plain(layer, out)?,
        }
        Ok(self.done < self.range.end - self.range.start)
    }

    /// How far the reading is, given where its layer is.
    pub fn progress<V: Volumes>(&self, layer: &LayerBytes<V>) -> Progress {
        let wanted = self.range.end - self.range.start;
        let missing = layer.target().saturating_sub(layer.position());
        Progress { done: self.done, total: wanted.saturating_add(missing) }
    }

    fn step_plain<V: Volumes>(&mut self, layer: &mut LayerBytes<V>, out: &mut Vec<u8>) -> io::Result<()> {
        let missing = self.range.end - self.range.start - self.done;
        let passing = layer.target() > layer.position();
        let len = if passing { STEP_BYTES } else { usize::try_from(missing).map_or(STEP_BYTES, |n| n.min(STEP_BYTES)) };
        match layer.step(&mut self.buffer[..len])? {
            Step::Skipped(_) => {}
            Step::Read(0) => return Err(ends_early()),
            Step::Read(read) => {
                out.extend_from_slice(&self.buffer[..read]);
                self.done += read as u64;
            }
        }
        Ok(())
    }

    fn step_sparse<V: Volumes>(&mut self, layer: &mut LayerBytes<V>, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(sparse) = &mut self.sparse else { return Ok(()) };
        let mut taken = Taken { range: &self.range, done: &mut self.done, out };
        if sparse.hole > 0 {
            let zeros = sparse.hole.min(taken.zeros_at_once(sparse.passed));
            taken.take(sparse.passed, zeros, None);
            sparse.passed += zeros;
            sparse.hole -= zeros;
            return Ok(());
        }
        if sparse.unread.is_empty() {
            match layer.step(&mut self.buffer)? {
                Step::Skipped(_) => return Ok(()),
                Step::Read(0) => return Err(ends_early()),
                Step::Read(read) => {
                    sparse.unread.extend_from_slice(&self.buffer[..read]);
                    sparse.next += read as u64;
                }
            }
        }
        let unread = std::mem::take(&mut sparse.unread);
        let mut input = unread.as_slice();
        while let Some(event) = sparse.parser.advance(&mut input) {
            match event {
                Event::Member(_) | Event::Problem(_) => {}
                Event::Data(bytes) => {
                    taken.take(sparse.passed, bytes.len() as u64, Some(bytes));
                    sparse.passed += bytes.len() as u64;
                }
                Event::Hole(len) => {
                    sparse.hole = len;
                    break;
                }
                Event::MemberEnd => {
                    return if *taken.done < self.range.end - self.range.start { Err(ends_early()) } else { Ok(()) };
                }
            }
        }
        sparse.unread.extend_from_slice(input);
        Ok(())
    }
}

/// Takes of what passes what is in the range.
struct Taken<'a> {
    range: &'a Range<u64>,
    done: &'a mut u64,
    out: &'a mut Vec<u8>,
}

impl Taken<'_> {
    /// `len` bytes of the file from `at` on; zeros where there are none.
    fn take(&mut self, at: u64, len: u64, bytes: Option<&[u8]>) {
        let from = self.range.start.max(at);
        let to = self.range.end.min(at.saturating_add(len));
        if from >= to {
            return;
        }
        match bytes {
            Some(bytes) => self.out.extend_from_slice(&bytes[(from - at) as usize..(to - at) as usize]),
            None => self.out.resize(self.out.len() + (to - from) as usize, 0),
        }
        *self.done += to - from;
    }

    /// Zeros before the range are passed at once, those in it a piece at a time.
    fn zeros_at_once(&self, at: u64) -> u64 {
        if at < self.range.start { self.range.start - at } else { STEP_BYTES as u64 }
    }
}

fn ends_early() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the layer ends within the file")
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use super::*;
    use crate::{
        archive::{LayerBlob, Location},
        digest::Algorithm,
        layer::{changeset::ContentKey, read::read_layer},
        path::clamp,
    };

    /// A layer of a plain file, a hard link and a sparse file (old GNU format): "head", a hole up to 1024, "tail".
    fn tar() -> Vec<u8> {
        let mut tar = Vec::new();
        let mut member = |name: &str, flag: u8, link: &str, data: &[u8], sparse: bool| {
            let mut header = tar::Header::new_gnu();
            header.set_path(name).unwrap();
            header.set_entry_type(tar::EntryType::new(flag));
            header.set_mode(0o644);
            header.set_size(data.len() as u64);
            header.set_link_name_literal(link).unwrap();
            if sparse {
                let gnu = header.as_gnu_mut().unwrap();
                let octal = |field: &mut [u8; 12], n: u64| field.copy_from_slice(format!("{n:011o}\0").as_bytes());
                octal(&mut gnu.sparse[0].offset, 0);
                octal(&mut gnu.sparse[0].numbytes, 4);
                octal(&mut gnu.sparse[1].offset, 1024);
                octal(&mut gnu.sparse[1].numbytes, 4);
                octal(&mut gnu.realsize, 1030);
            }
            header.set_cksum();
            tar.extend_from_slice(header.as_bytes());
            tar.extend_from_slice(data);
            tar.resize(tar.len().next_multiple_of(512), 0);
        };
        member("plain", b'0', "", b"the bytes of a plain file", false);
        member("link", b'1', "plain", b"", false);
        member("sparse", b'S', "", b"headtail", true);
        tar.resize(tar.len() + 1024, 0);
        tar
    }

    fn read(path: &str, range: Range<u64>) -> io::Result<Vec<u8>> {
        let tar = tar();
        let location = Location { volume: 0, offset: 0, size: tar.len() as u64 };
        let blob = LayerBlob {
            location,
            path: "layer".into(),
            blob_algorithm: Algorithm::Sha256,
            diff_id_algorithm: Algorithm::Sha256,
            expect_tar: true,
        };
        let limits = Limits::default();
        let reading = read_layer(&mut &tar[..], &blob, ContentKey([0; 4]), &limits, &mut |_| {})?;
        let timeline = Timeline::new([(&reading.changeset, reading.summary.regular_bytes)], &limits);
        let path = timeline.paths().find(clamp(path.as_bytes()).components).unwrap();
        let source = FileSource::of_path(&timeline, path, 1, |_| Some(&reading.changeset)).unwrap();
        let volumes = Rc::new(RefCell::new(&tar[..]));
        let mut layer = LayerBytes::new(volumes, location, reading.summary.compression, &limits);
        let mut reading = FileReading::new(source, range, &limits);
        let mut out = Vec::new();
        while reading.step(&mut layer, &mut out)? {}
        Ok(out)
    }

    #[test]
    fn a_file_is_read_whole_or_in_part_and_never_beyond_its_end() {
        assert_eq!(read("plain", 0..u64::MAX).unwrap(), b"the bytes of a plain file");
        assert_eq!(read("plain", 4..9).unwrap(), b"bytes");
        assert_eq!(read("plain", 100..200).unwrap(), b"");
    }

    #[test]
    fn a_hard_link_reads_what_it_is_bound_to() {
        assert_eq!(read("link", 0..9).unwrap(), b"the bytes");
    }

    #[test]
    fn the_holes_of_a_sparse_file_are_zeros() {
        let whole = read("sparse", 0..u64::MAX).unwrap();
        assert_eq!((whole.len(), &whole[..5], &whole[1022..]), (1030, &b"head\0"[..], &b"\0\0tail\0\0"[..]));
        assert_eq!(read("sparse", 2..6).unwrap(), b"ad\0\0");
        assert_eq!(read("sparse", 1023..1026).unwrap(), b"\0ta");
    }
}
