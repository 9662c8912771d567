//! The bytes of a blob, to be read from their start.

use std::{
    io::{self, Cursor, Read},
    rc::Rc,
};

use js_sys::Uint8Array;
use web_sys::{File, FileReaderSync};

/// Bytes of one read call: see the workers of the page.
const READ_BYTES: f64 = (4 << 20) as f64;

/// A blob that can be read, again and again.
#[derive(Clone, Debug)]
pub enum Kept {
    File(File),
    Bytes(Rc<[u8]>),
}

impl Kept {
    pub fn size(&self) -> u64 {
        match self {
            Self::File(file) => file.size() as u64,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// From the first byte on.
    pub fn reader(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::File(file) => Box::new(FileRead::new(file.clone())?),
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes.clone())),
        })
    }
}

/// Reads a file through one window. A file needs no lock, as an open handle would: other tabs read it, too.
struct FileRead {
    reader: FileReaderSync,
    file: File,
    next: f64,
    window: Vec<u8>,
    read: usize,
}

impl FileRead {
    fn new(file: File) -> io::Result<Self> {
        let reader = FileReaderSync::new().map_err(failed)?;
        Ok(Self { reader, file, next: 0.0, window: Vec::new(), read: 0 })
    }

    fn fill(&mut self) -> io::Result<()> {
        let end = (self.next + READ_BYTES).min(self.file.size());
        let slice = self.file.slice_with_f64_and_f64(self.next, end).map_err(failed)?;
        let bytes = self.reader.read_as_array_buffer(&slice).map_err(failed)?;
        self.window = Uint8Array::new(&bytes).to_vec();
        (self.next, self.read) = (end, 0);
        Ok(())
    }
}

impl Read for FileRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.window.len() && self.next < self.file.size() {
            self.fill()?;
        }
        let rest = &self.window[self.read..];
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        self.read += len;
        Ok(len)
    }
}

fn failed(thrown: wasm_bindgen::JsValue) -> io::Error {
    io::Error::other(super::Trouble::of(&thrown).to_string())
}
