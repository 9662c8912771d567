//! Slices of files, read where they are needed.

use std::{fmt, io};

use js_sys::{ArrayBuffer, Function, Reflect, Uint8Array};
use layerlab_core::archive::{Location, source::Volumes};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, File, FileReaderSync};

use crate::protocol::{Failure, FailureCode};

/// The opened files, by number, read through one window.
#[derive(Debug)]
pub struct FileVolumes {
    reader: FileReaderSync,
    files: Vec<File>,
    sizes: Vec<u64>,
    window: Window,
    /// Bytes that a read fetches beyond what was asked.
    ahead: u64,
    /// Where reading ahead ends.
    until: u64,
}

#[derive(Debug, Default)]
struct Window {
    volume: u32,
    start: u64,
    bytes: Option<Uint8Array>,
}

/// Why a file that was accepted cannot be read now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    Changed,
    Unreadable(String),
}

impl FileVolumes {
    /// `sizes`: what the files measured when they were accepted. Nothing is read ahead.
    pub fn new(files: Vec<File>, sizes: Vec<u64>) -> Result<Self, FileProblem> {
        let reader = FileReaderSync::new().map_err(|error| FileProblem::of(&error))?;
        Ok(Self { reader, files, sizes, window: Window::default(), ahead: 0, until: 0 })
    }

    /// Reads `bytes` at a time: a call costs a browser milliseconds whatever its size.
    pub fn reading_ahead(mut self, bytes: u64) -> Self {
        self.ahead = bytes;
        self
    }

    /// Reading ahead ends at this offset of the volume that is read next.
    pub fn read_ahead_until(&mut self, offset: u64) {
        self.until = offset;
    }

    /// All bytes of a location, of which the window keeps a view, so that they are not read again. `None` where they
    /// cannot be had: the reading that follows says why.
    pub fn whole(&mut self, location: Location) -> Option<Uint8Array> {
        let Location { volume, offset, size } = location;
        if size == 0 {
            return None;
        }
        if !(self.window.holds(volume, offset) && self.window.holds(volume, offset + size - 1)) {
            self.fetch(volume, offset, size).ok()?;
        }
        let from = u32::try_from(offset - self.window.start).ok()?;
        Some(self.window.bytes.as_ref()?.subarray(from, from.checked_add(u32::try_from(size).ok()?)?))
    }

    fn fetch(&mut self, volume: u32, offset: u64, len: u64) -> Result<(), FileProblem> {
        let number = volume as usize;
        let (Some(file), Some(&size)) = (self.files.get(number), self.sizes.get(number)) else {
            return Err(FileProblem::Unreadable("it is not among the opened files".into()));
        };
        if file.size() as u64 != size {
            return Err(FileProblem::Changed);
        }
        let end = offset.saturating_add(len).max(self.until.min(offset.saturating_add(self.ahead))).min(size);
        // The old window goes first, so that both are never held at once.
        self.window = Window { volume, start: offset, bytes: None };
        if offset >= end {
            self.window.bytes = Some(Uint8Array::new_with_length(0));
            return Ok(());
        }
        let slice = file.slice_with_f64_and_f64(offset as f64, end as f64).map_err(|error| FileProblem::of(&error))?;
        let buffer: ArrayBuffer =
            self.reader.read_as_array_buffer(&slice).map_err(|error| FileProblem::of(&error))?.unchecked_into();
        if u64::from(buffer.byte_length()) != end - offset {
            return Err(FileProblem::Changed);
        }
        self.window.bytes = Some(Uint8Array::new(&buffer));
        Ok(())
    }
}

impl Volumes for FileVolumes {
    fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        if !self.window.holds(volume, offset) {
            self.fetch(volume, offset, buf.len() as u64).map_err(io::Error::other)?;
        }
        Ok(self.window.copy_to(offset, buf))
    }
}

impl Window {
    fn holds(&self, volume: u32, offset: u64) -> bool {
        let len = self.bytes.as_ref().map_or(0, |bytes| u64::from(bytes.length()));
        volume == self.volume && (self.start..self.start + len).contains(&offset)
    }

    /// Bytes from `offset` on, as far as the window goes.
    fn copy_to(&self, offset: u64, buf: &mut [u8]) -> usize {
        let Some(bytes) = &self.bytes else { return 0 };
        let from = (offset - self.start) as u32;
        let len = (bytes.length() - from).min(u32::try_from(buf.len()).unwrap_or(u32::MAX));
        bytes.subarray(from, from + len).copy_to(&mut buf[..len as usize]);
        len as usize
    }
}

/// A browser collects buffers when it likes, and half a gigabyte may lie about until then. Moving a buffer's bytes
/// into one of no length frees them at once, in browsers that can.
impl Drop for Window {
    fn drop(&mut self) {
        let Some(buffer) = self.bytes.take().map(|bytes| bytes.buffer()) else { return };
        let transfer = Reflect::get(&buffer, &"transfer".into()).ok();
        if let Some(transfer) = transfer.as_ref().and_then(|transfer| transfer.dyn_ref::<Function>()) {
            // What cannot be freed now is freed later.
            let _ = transfer.call1(&buffer, &0.into());
        }
    }
}

impl FileProblem {
    /// Browsers throw `NotReadableError` for a file that is another since it was chosen.
    fn of(thrown: &JsValue) -> Self {
        match thrown.dyn_ref::<DomException>() {
            Some(exception) if exception.name() == "NotReadableError" => Self::Changed,
            _ => Self::Unreadable(super::words(thrown)),
        }
    }

    /// The problem behind an IO error, if it is one of a file.
    pub fn behind(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("the file changed, or is gone, since it was opened"),
            Self::Unreadable(words) => write!(f, "the browser says: {words}"),
        }
    }
}

impl std::error::Error for FileProblem {}

impl From<FileProblem> for Failure {
    fn from(problem: FileProblem) -> Self {
        let code = match problem {
            FileProblem::Changed => FailureCode::Changed,
            FileProblem::Unreadable(_) => FailureCode::Unreadable,
        };
        Self::new(code, format!("The file cannot be read: {problem}."))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match FileProblem::behind(&error) {
            Some(problem) => problem.clone().into(),
            None => Self::new(FailureCode::Unreadable, format!("The file cannot be read: {error}.")),
        }
    }
}
