//! The tar that is written, and the hash of what passes.

use std::io::{self, Read, Write};

use crate::digest::{Digest, Hasher};

/// A tar of plain files, the same bytes for the same files.
pub struct Tape<'a> {
    builder: tar::Builder<&'a mut dyn Write>,
}

impl<'a> Tape<'a> {
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self { builder: tar::Builder::new(out) }
    }

    pub fn file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.stream(name, content.len() as u64, content)
    }

    /// Writes at most `size` bytes; that there are as many is for the caller to see.
    pub fn stream(&mut self, name: &str, size: u64, content: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o444);
        header.set_mtime(0);
        self.builder.append_data(&mut header, name, content.take(size))
    }

    pub fn finish(self) -> io::Result<()> {
        self.builder.into_inner()?.flush()
    }
}

/// Hashes what is read through it.
pub struct Verified<R> {
    source: R,
    /// `None` where the algorithm is not computed here.
    hasher: Option<Hasher>,
    read: u64,
}

impl<R: Read> Verified<R> {
    pub fn new(source: R, expected: &Digest) -> Self {
        Self { source, hasher: Hasher::new(expected.algorithm()), read: 0 }
    }

    /// Reads on to the end, and tells how many bytes there were and their digest.
    pub fn finish(mut self) -> io::Result<(u64, Option<Digest>)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((self.read, self.hasher.map(Hasher::finish)))
    }
}

impl<R: Read> Read for Verified<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..read]);
        }
        self.read += read as u64;
        Ok(read)
    }
}
