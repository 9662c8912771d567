//! The two tapes: a seekable archive through windows, and a stream that passes once.

use std::{
    collections::HashMap,
    io::{self, Read},
};

use super::{Location, document::Documents, scan::Tape, source::Windows};
use crate::{
    layer::tar::header::{BLOCK, is_zero},
    limits::Limits,
};

/// How far an archive's end is looked at for data behind the end blocks: past the 10,240 bytes that tar pads to, and
/// within the window that is read anyway.
const LOOK_BEHIND_END: u64 = 64 << 10;

/// Volume 0 of a seekable archive. Data is skipped without being read.
#[derive(Debug)]
pub struct WindowTape<'w, 'v> {
    windows: &'w mut Windows<'v>,
    position: u64,
}

impl<'w, 'v> WindowTape<'w, 'v> {
    pub fn new(windows: &'w mut Windows<'v>) -> Self {
        Self { windows, position: 0 }
    }
}

impl Tape for WindowTape<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.windows.read(0, self.position, buf)?;
        self.position += read as u64;
        Ok(read)
    }

    fn skip(&mut self, len: u64) -> io::Result<u64> {
        let there = len.min(self.windows.size(0).saturating_sub(self.position));
        self.position += there;
        Ok(there)
    }

    fn position(&self) -> u64 {
        self.position
    }

    fn after_end(&mut self) -> io::Result<Option<u64>> {
        let mut at = self.position;
        let end = at.saturating_add(LOOK_BEHIND_END);
        let mut block = [0; BLOCK];
        while at < end {
            let read = self.windows.read(0, at, &mut block)?;
            if let Some(offset) = first_data(&block[..read], at) {
                return Ok(Some(offset));
            }
            if read == 0 {
                break;
            }
            at += read as u64;
        }
        Ok(None)
    }
}

/// A stream that passes once: small documents are kept while it passes, since what they are is known only when the
/// last of them, often the manifest, has been seen.
///
/// A read error counts as the end of the tape and is kept for the caller: what was listed before it is worth showing.
#[derive(Debug)]
pub struct StreamTape<R> {
    reader: R,
    position: u64,
    failure: Option<io::Error>,
    kept: KeptDocuments,
    document_bytes: u64,
    keep_bytes: u64,
}

/// Documents by the place of their data.
#[derive(Debug, Default)]
pub struct KeptDocuments(HashMap<u64, Vec<u8>>);

impl<R: Read> StreamTape<R> {
    pub fn new(reader: R, limits: &Limits) -> Self {
        Self {
            reader,
            position: 0,
            failure: None,
            kept: KeptDocuments::default(),
            document_bytes: limits.document_bytes,
            keep_bytes: limits.all_documents_bytes,
        }
    }

    /// What was kept, the bytes that passed, and the error that ended them.
    pub fn finish(self) -> (KeptDocuments, u64, Option<io::Error>) {
        (self.kept, self.position, self.failure)
    }

    fn pass(&mut self, mut len: u64, mut each: impl FnMut(&[u8], u64)) -> u64 {
        let mut buf = vec![0; 64 << 10];
        let mut passed = 0;
        while len > 0 {
            let want = buf.len().min(usize::try_from(len).unwrap_or(usize::MAX));
            let at = self.position;
            let read = self.fill(&mut buf[..want]);
            each(&buf[..read], at);
            passed += read as u64;
            len -= read as u64;
            if read < want {
                break;
            }
        }
        passed
    }

    fn fill(&mut self, buf: &mut [u8]) -> usize {
        let mut done = 0;
        while done < buf.len() && self.failure.is_none() {
            match self.reader.read(&mut buf[done..]) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.failure = Some(error),
            }
        }
        self.position += done as u64;
        done
    }
}

impl<R: Read> Tape for StreamTape<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(self.fill(buf))
    }

    fn skip(&mut self, len: u64) -> io::Result<u64> {
        Ok(self.pass(len, |_, _| {}))
    }

    fn data(&mut self, len: u64) -> io::Result<u64> {
        if len == 0 || len > self.document_bytes || len > self.keep_bytes {
            return self.skip(len);
        }
        let at = self.position;
        let mut first = [0];
        let read = self.fill(&mut first) as u64;
        if read == 0 || !may_begin_json(first[0]) {
            return Ok(read + self.skip(len - read)?);
        }
        let mut document = first.to_vec();
        let passed = read + self.pass(len - read, |bytes, _| document.extend_from_slice(bytes));
        self.keep_bytes -= passed;
        self.kept.0.insert(at, document);
        Ok(passed)
    }

    fn position(&self) -> u64 {
        self.position
    }

    /// Everything is read: only then is the checksum of the compression around it compared.
    fn after_end(&mut self) -> io::Result<Option<u64>> {
        let mut found = None;
        self.pass(u64::MAX, |bytes, at| found = found.or_else(|| first_data(bytes, at)));
        Ok(found)
    }
}

impl Documents for KeptDocuments {
    fn read(&mut self, location: Location) -> io::Result<Vec<u8>> {
        match self.0.get(&location.offset) {
            Some(document) => Ok(document.clone()),
            None if location.size == 0 => Ok(Vec::new()),
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it does not begin like JSON, or came after more documents than are kept",
            )),
        }
    }
}

impl Documents for Windows<'_> {
    fn read(&mut self, location: Location) -> io::Result<Vec<u8>> {
        let size = usize::try_from(location.size).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut bytes = vec![0; size];
        let read = Windows::read(self, location.volume, location.offset, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }
}

/// A bracket, a quote, a blank, or the first byte of a byte order mark.
fn may_begin_json(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b' ' | b'\t' | b'\r' | b'\n' | 0xef)
}

fn first_data(bytes: &[u8], at: u64) -> Option<u64> {
    if is_zero(bytes) {
        return None;
    }
    bytes.iter().position(|&byte| byte != 0).map(|index| at + index as u64)
}
