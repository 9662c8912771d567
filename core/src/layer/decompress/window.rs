//! A buffered source that can be peeked at and that remembers its own failures.

use std::io::{self, BufRead, Read};

/// Bytes asked of the source at once: large enough that a call's own cost does not count, small enough that what
/// was read is still in the cache when it is hashed and parsed.
pub const WINDOW_BYTES: usize = 256 << 10;

/// Buffers a `Read`, counts what is consumed, and lets a decoder look ahead over the seam of two short reads.
///
/// Decoders wrap the errors of their source in errors of their own; a window keeps the original, so that a file
/// that cannot be read is never taken for a damaged one.
#[derive(Debug)]
pub struct Window<R> {
    source: Option<R>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
    whole: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Window<R> {
    pub fn new(source: R) -> Self {
        Self {
            source: Some(source),
            buffer: vec![0; WINDOW_BYTES],
            start: 0,
            end: 0,
            offset: 0,
            ended: false,
            whole: false,
            failure: None,
        }
    }

    /// Whether an empty window is filled to its end, or with what one read gives.
    pub fn fill_whole(&mut self, whole: bool) {
        self.whole = whole;
    }

    /// Looks at the next `len` bytes without consuming them; fewer only where the source ends.
    pub fn peek(&mut self, len: usize) -> io::Result<&[u8]> {
        debug_assert!(len <= WINDOW_BYTES);
        while self.end - self.start < len && !self.ended {
            self.read_more()?;
        }
        let end = self.end.min(self.start + len);
        Ok(&self.buffer[self.start..end])
    }

    /// Bytes consumed so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the source has said that nothing follows.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// What was read from the source and is not yet consumed.
    pub fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The same, with the source beside it.
    pub fn buffered_with_source(&mut self) -> (&[u8], Option<&mut R>) {
        (&self.buffer[self.start..self.end], self.source.as_mut())
    }

    /// The source; `None` in a window that was emptied by [`Window::take`].
    pub fn source_mut(&mut self) -> Option<&mut R> {
        self.source.as_mut()
    }

    /// The source's own error, if a read failed since the last call.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Moves the window out; what stays behind is at its end.
    pub fn take(&mut self) -> Self {
        let closed = Self {
            source: None,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            offset: self.offset,
            ended: true,
            whole: self.whole,
            failure: None,
        };
        std::mem::replace(self, closed)
    }

    fn read_more(&mut self) -> io::Result<()> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let Some(source) = &mut self.source else {
            self.ended = true;
            return Ok(());
        };
        while !self.ended && self.end < self.buffer.len() {
            match source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let kind = error.kind();
                    self.failure = Some(error);
                    return Err(kind.into());
                }
            }
            if !self.whole {
                break;
            }
        }
        Ok(())
    }
}

impl<R: Read> BufRead for Window<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end && !self.ended {
            self.read_more()?;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.end - self.start);
        self.start += amount;
        self.offset += amount as u64;
    }
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let len = available.len().min(out.len());
        out[..len].copy_from_slice(&available[..len]);
        self.consume(len);
        Ok(len)
    }
}
