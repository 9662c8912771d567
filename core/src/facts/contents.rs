//! The contents of a layer's files, in one pass over its tar.
//!
//! A seek a file is the simple way and the wrong one: in a compressed layer each seek inflates from the start again.
//! So the bytes of the whole tar pass once, and a [`Visitor`] says of each file how much of it is wanted.

use std::io::{self, Read};

use crate::{
    layer::{
        decompress::{Damage, Decompress, WINDOW_BYTES},
        read::LayerDigests,
        tar::{Event, Member, MemberKind, Parser},
    },
    limits::Limits,
    path::clamp,
};

/// What is told of the files of a layer.
pub trait Visitor {
    /// How many bytes from its start are wanted of a file; `None` leaves it out.
    fn wants(&mut self, file: &FileHead<'_>) -> Option<usize>;

    /// The wanted bytes of the file that was told last: fewer than it has where it is larger than what was wanted.
    fn content(&mut self, file: &FileHead<'_>, bytes: &[u8]);
}

/// A regular file of the tar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHead<'a> {
    /// Clamped into the root, without a leading slash.
    pub path: &'a [u8],
    /// Bytes of the file as its header declares them.
    pub size: u64,
    /// Offset of its data in the decompressed tar, which tells two entries of one path apart.
    pub data_offset: u64,
}

/// A tar that passes by: bytes are pushed, files come out.
#[derive(Debug)]
pub struct Walk<V> {
    visitor: V,
    parser: Parser,
    current: Option<Current>,
    path: Vec<u8>,
    buffer: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    size: u64,
    data_offset: u64,
    wanted: usize,
}

impl<V: Visitor> Walk<V> {
    pub fn new(visitor: V, limits: &Limits) -> Self {
        Self {
            visitor,
            parser: Parser::new(limits.extension_bytes),
            current: None,
            path: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// The next bytes of the decompressed tar.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while let Some(event) = self.parser.advance(&mut bytes) {
            match event {
                Event::Member(member) => {
                    self.current = start(&mut self.visitor, &mut self.path, member);
                    self.buffer.clear();
                }
                Event::Data(bytes) => {
                    let Some(current) = self.current else { continue };
                    if self.buffer.is_empty() && bytes.len() as u64 == current.size {
                        // Most files lie whole in one piece and need no copy.
                        let wanted = bytes.len().min(current.wanted);
                        self.visitor.content(&current.head(&self.path), &bytes[..wanted]);
                        self.current = None;
                        continue;
                    }
                    let room = current.wanted.saturating_sub(self.buffer.len());
                    self.buffer.extend_from_slice(&bytes[..bytes.len().min(room)]);
                }
                Event::Hole(len) => {
                    let Some(current) = self.current else { continue };
                    let room = current.wanted.saturating_sub(self.buffer.len()) as u64;
                    self.buffer.resize(self.buffer.len() + len.min(room) as usize, 0);
                }
                Event::MemberEnd => {
                    if let Some(current) = self.current.take() {
                        self.visitor.content(&current.head(&self.path), &self.buffer);
                    }
                }
                Event::Problem(_) => {}
            }
        }
    }

    pub fn into_visitor(self) -> V {
        self.visitor
    }
}

impl Current {
    fn head(self, path: &[u8]) -> FileHead<'_> {
        FileHead { path, size: self.size, data_offset: self.data_offset }
    }
}

fn start(visitor: &mut impl Visitor, path: &mut Vec<u8>, member: &Member) -> Option<Current> {
    if member.kind != MemberKind::File || member.refused.is_some() {
        return None;
    }
    path.clear();
    for component in clamp(&member.name).components {
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(component);
    }
    let head = FileHead { path, size: member.size, data_offset: member.data_offset };
    let wanted = visitor.wants(&head)?;
    Some(Current { size: member.size, data_offset: member.data_offset, wanted })
}

/// A walk can ride on the reading of a layer: it sees the bytes that are hashed.
impl<V: Visitor> LayerDigests for Walk<V> {
    fn stored(&mut self, _: &[u8]) {}

    fn tar(&mut self, bytes: &[u8]) {
        self.push(bytes);
    }
}

/// A walk with a reading of its own, a step at a time, so that its caller can stop or breathe between two steps.
#[derive(Debug)]
pub struct LayerWalk<R: Read, V> {
    stream: Decompress<Counted<R>>,
    walk: Walk<V>,
    buffer: Vec<u8>,
}

impl<R: Read, V: Visitor> LayerWalk<R, V> {
    /// `stored` gives the layer's bytes as they are stored.
    pub fn new(stored: R, visitor: V, limits: &Limits) -> io::Result<Self> {
        let stream = Decompress::new(Counted { source: stored, read: 0 }, limits)?;
        Ok(Self { stream, walk: Walk::new(visitor, limits), buffer: vec![0; WINDOW_BYTES] })
    }

    /// Reads on; false at the end. What is wrong with the layer's bytes is told by its reading and ends the walk here;
    /// an error is one of the source itself.
    pub fn step(&mut self) -> io::Result<bool> {
        match self.stream.read(&mut self.buffer) {
            Ok(0) => Ok(false),
            Ok(read) => {
                self.walk.push(&self.buffer[..read]);
                Ok(true)
            }
            Err(error) if Damage::of(&error).is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Stored bytes read so far.
    pub fn read(&mut self) -> u64 {
        self.stream.source_mut().map_or(0, |source| source.read)
    }

    pub fn into_visitor(self) -> V {
        self.walk.into_visitor()
    }
}

#[derive(Debug)]
struct Counted<R> {
    source: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}
