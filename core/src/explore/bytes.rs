//! A layer's decompressed stream, read at any place, again and again.
//!
//! Of a gzip layer the inflater's state is kept every [`SPACING`] bytes (32 KiB of window and some tables), so that a
//! second read starts close by; flate2's inflater is twice as fast and cannot be cloned, so here miniz_oxide's is
//! used. zstd, bzip2 and xz can be entered only where a frame, a stream or a member begins; in between, a reader that
//! goes on forward goes on from where it is. Nothing is checked again: the layer's digests were, when it was read.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io::{self, BufRead, Read},
    rc::Rc,
};

use miniz_oxide::{
    DataFormat, MZError, MZFlush, MZStatus,
    inflate::stream::{InflateState, inflate},
};

use crate::{
    archive::{Location, source::Volumes},
    layer::{
        Compression,
        decompress::{Decompress, WINDOW_BYTES, Window, gzip},
    },
    limits::Limits,
};

/// Decompressed bytes between two places that are kept: 8 MiB are inflated in some tens of milliseconds, and the
/// states of a layer of 1 GB take 6 MB.
pub const SPACING: u64 = 8 << 20;

/// The decompressed bytes of one layer blob.
pub struct LayerBytes<V: Volumes> {
    volumes: Rc<RefCell<V>>,
    location: Location,
    compression: Compression,
    limits: Limits,
    spacing: u64,
    /// Ascending.
    points: Vec<Point>,
    stream: Stream<V>,
    position: u64,
    target: u64,
}

/// The bytes of all layers of a stack. What is known of one layer's stream is kept for the next read.
#[derive(Debug)]
pub struct StackBytes<V: Volumes> {
    volumes: Rc<RefCell<V>>,
    blobs: Vec<(Location, Compression)>,
    open: BTreeMap<u32, LayerBytes<V>>,
    limits: Limits,
}

impl<V: Volumes> StackBytes<V> {
    /// `blobs`: where each layer is, base first, and what reading it has shown.
    pub fn new(volumes: V, blobs: Vec<(Location, Compression)>, limits: &Limits) -> Self {
        Self { volumes: Rc::new(RefCell::new(volumes)), blobs, open: BTreeMap::new(), limits: limits.clone() }
    }

    /// The stream of a layer.
    pub fn layer(&mut self, layer: u32) -> io::Result<&mut LayerBytes<V>> {
        let (location, compression) = *self.blobs.get(layer as usize).ok_or(io::ErrorKind::NotFound)?;
        let open = || LayerBytes::new(self.volumes.clone(), location, compression, &self.limits);
        Ok(self.open.entry(layer).or_insert_with(open))
    }
}

/// An archive that is compressed as a whole, as the volume that is inside it: what no spool could be had for.
#[derive(Debug)]
pub struct Inside<V: Volumes>(LayerBytes<V>);

impl<V: Volumes> Inside<V> {
    /// `location` is that of the compressed archive.
    pub fn new(volumes: V, location: Location, compression: Compression, limits: &Limits) -> Self {
        Self(LayerBytes::new(Rc::new(RefCell::new(volumes)), location, compression, limits))
    }
}

impl<V: Volumes> Volumes for Inside<V> {
    fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if volume != 0 || buf.is_empty() {
            return Ok(0);
        }
        if self.0.target() != offset {
            self.0.seek(offset);
        }
        let mut passed = Vec::new();
        loop {
            if self.0.position() < self.0.target() {
                passed.resize(WINDOW_BYTES, 0);
                match self.0.step(&mut passed)? {
                    Step::Skipped(_) => continue,
                    Step::Read(read) => return Ok(read),
                }
            }
            match self.0.step(buf)? {
                Step::Skipped(_) => {}
                Step::Read(read) => return Ok(read),
            }
        }
    }
}

/// A place where decompression can begin.
struct Point {
    stored: u64,
    produced: u64,
    state: Option<Box<InflateState>>,
}

enum Stream<V: Volumes> {
    /// Not begun.
    None,
    Plain(Source<V>),
    Gzip(Inflating<V>),
    /// With the stored and the decompressed offset that it began at.
    Other(Box<Decompress<Source<V>>>, u64, u64),
}

struct Inflating<V: Volumes> {
    window: Window<Source<V>>,
    /// The stored offset that the window began at.
    base: u64,
    state: Box<InflateState>,
    within: bool,
}

/// What one step has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many bytes on the way to the place were decompressed and dropped.
    Skipped(u64),
    /// So many bytes are in the buffer; 0 at the end of the stream.
    Read(usize),
}

impl<V: Volumes> LayerBytes<V> {
    /// `location` is that of the blob, `compression` what reading it has shown.
    pub fn new(volumes: Rc<RefCell<V>>, location: Location, compression: Compression, limits: &Limits) -> Self {
        Self {
            volumes,
            location,
            compression,
            limits: limits.clone(),
            spacing: SPACING,
            points: Vec::new(),
            stream: Stream::None,
            position: 0,
            target: 0,
        }
    }

    /// Where the next byte comes from.
    pub fn target(&self) -> u64 {
        self.target
    }

    /// How far decompression has come; it is at most [`LayerBytes::target`].
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Goes to a place in the decompressed stream: the steps that follow do the work.
    pub fn seek(&mut self, offset: u64) {
        self.target = offset;
        if self.compression == Compression::None {
            self.stream = Stream::Plain(self.source(offset));
            self.position = offset;
            return;
        }
        let begun = !matches!(self.stream, Stream::None);
        let point = self.points.iter().rposition(|point| point.produced <= offset);
        let best = point.map_or(0, |point| self.points[point].produced);
        if begun && self.position <= offset && self.position >= best {
            return;
        }
        self.position = best;
        self.stream = match point {
            Some(point) => self.resume(point),
            None => self.start(0, 0),
        };
    }

    /// Does a bounded piece of work: decompresses about as much as `buffer` holds, into it or on the way to it.
    pub fn step(&mut self, buffer: &mut [u8]) -> io::Result<Step> {
        if matches!(self.stream, Stream::None) {
            self.seek(self.target);
        }
        let missing = usize::try_from(self.target - self.position).unwrap_or(usize::MAX);
        let wanted = if missing == 0 { buffer.len() } else { missing.min(buffer.len()) };
        let read = self.stream.read(&mut buffer[..wanted])?;
        self.position += read as u64;
        self.keep_place();
        if missing == 0 {
            self.target = self.position;
            return Ok(Step::Read(read));
        }
        // The stream ends before the place: there is nothing to read.
        Ok(if read == 0 { Step::Read(0) } else { Step::Skipped(read as u64) })
    }

    fn keep_place(&mut self) {
        let last = self.points.last().map_or(0, |point| point.produced);
        let far = |produced: u64| produced >= last + self.spacing;
        let point = match &self.stream {
            Stream::Gzip(inflating) if far(self.position) && inflating.within => Point {
                stored: inflating.base + inflating.window.offset(),
                produced: self.position,
                state: Some(inflating.state.clone()),
            },
            Stream::Other(stream, base, produced) => {
                let (stored, there) = stream.last_boundary();
                let point = Point { stored: base + stored, produced: produced + there, state: None };
                if there == 0 || !far(point.produced) {
                    return;
                }
                point
            }
            _ => return,
        };
        self.points.push(point);
    }

    fn resume(&self, point: usize) -> Stream<V> {
        let Point { stored, produced, state } = &self.points[point];
        match state {
            Some(state) => Stream::Gzip(Inflating {
                window: Window::new(self.source(*stored)),
                base: *stored,
                state: state.clone(),
                within: true,
            }),
            None => self.start(*stored, *produced),
        }
    }

    /// Begins at a boundary.
    fn start(&self, stored: u64, produced: u64) -> Stream<V> {
        let window = Window::new(self.source(stored));
        match self.compression {
            Compression::None => Stream::Plain(self.source(stored)),
            Compression::Gzip => {
                let state = InflateState::new_boxed(DataFormat::Raw);
                Stream::Gzip(Inflating { window, base: stored, state, within: false })
            }
            compression => {
                let decompress = Decompress::with_window(window, compression, &self.limits);
                Stream::Other(Box::new(decompress), stored, produced)
            }
        }
    }

    fn source(&self, position: u64) -> Source<V> {
        Source { volumes: self.volumes.clone(), location: self.location, position }
    }
}

impl<V: Volumes> Stream<V> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::None => Ok(0),
            Self::Plain(source) => source.read(out),
            Self::Gzip(inflating) => inflating.read(out),
            Self::Other(stream, ..) => stream.read(out),
        }
    }
}

impl<V: Volumes> Inflating<V> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.within {
                if !gzip::read_header(&mut self.window).map_err(damaged)? {
                    return Ok(0);
                }
                self.state.reset(DataFormat::Raw);
                self.within = true;
            }
            let input = self.window.fill_buf()?;
            let at_end = input.is_empty();
            let done = inflate(&mut self.state, input, out, MZFlush::None);
            self.window.consume(done.bytes_consumed);
            match done.status {
                Ok(MZStatus::StreamEnd) => {
                    let trailer = self.window.peek(8)?.len();
                    self.window.consume(trailer);
                    self.within = false;
                }
                Ok(_) => {}
                // No progress, which at the end of the input means that the member is cut short.
                Err(MZError::Buf) if !at_end => {}
                Err(_) => return Err(damaged("the gzip stream cannot be inflated any further")),
            }
            if done.bytes_written > 0 {
                return Ok(done.bytes_written);
            }
        }
    }
}

/// The bytes of a location from a place on, with a share in the volumes.
struct Source<V> {
    volumes: Rc<RefCell<V>>,
    location: Location,
    position: u64,
}

impl<V: Volumes> Read for Source<V> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Location { volume, offset, size } = self.location;
        let left = usize::try_from(size.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let len = out.len().min(left);
        if len == 0 {
            return Ok(0);
        }
        let read = self.volumes.borrow_mut().read_at(volume, offset + self.position, &mut out[..len])?;
        self.position += read as u64;
        Ok(read)
    }
}

fn damaged(problem: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.to_string())
}

impl<V: Volumes> std::fmt::Debug for LayerBytes<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { compression, position, target, points, .. } = self;
        write!(f, "LayerBytes {{ {compression:?}, position: {position}, target: {target}, points: {} }}", points.len())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn numbered(len: usize) -> Vec<u8> {
        (0..len).map(|n| ((n * n) >> 7) as u8).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Counts the stored bytes that are read.
    struct Counted(Vec<u8>, u64);

    impl Volumes for Counted {
        fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            let read = (&self.0[..]).read_at(volume, offset, buf)?;
            self.1 += read as u64;
            Ok(read)
        }
    }

    fn layer(stored: Vec<u8>, compression: Compression) -> LayerBytes<Counted> {
        let location = Location { volume: 0, offset: 0, size: stored.len() as u64 };
        let volumes = Rc::new(RefCell::new(Counted(stored, 0)));
        LayerBytes { spacing: 100_000, ..LayerBytes::new(volumes, location, compression, &Limits::default()) }
    }

    fn read(layer: &mut LayerBytes<Counted>, offset: u64, len: usize) -> Vec<u8> {
        layer.seek(offset);
        let (mut read, mut buffer) = (Vec::new(), [0; 4_000]);
        while read.len() < len {
            match layer.step(&mut buffer).unwrap() {
                Step::Read(0) => break,
                Step::Read(n) => read.extend_from_slice(&buffer[..n]),
                Step::Skipped(_) => {}
            }
        }
        read.truncate(len);
        read
    }

    #[test]
    fn every_place_can_be_read_in_any_order_whatever_the_compression() {
        let bytes = numbered(2_000_000);
        let members = [gzip(&bytes[..700_000]), gzip(&bytes[700_000..])].concat();
        let zstd = |part: &[u8]| ruzstd::encoding::compress_to_vec(part, ruzstd::encoding::CompressionLevel::Fastest);
        let frames: Vec<u8> = bytes.chunks(150_000).flat_map(zstd).collect();
        for (stored, compression) in [
            (bytes.clone(), Compression::None),
            (gzip(&bytes), Compression::Gzip),
            (members, Compression::Gzip),
            (frames, Compression::Zstd),
        ] {
            let mut layer = layer(stored, compression);
            for offset in [1_999_990, 0, 700_000, 699_999, 1_234_567, 1_234_000, 5, 1_999_999, 2_000_000, 3_000_000] {
                let expected = bytes.get(offset..).unwrap_or_default();
                let expected = &expected[..expected.len().min(10_000)];
                assert!(read(&mut layer, offset as u64, 10_000) == expected, "{compression:?} at {offset}");
            }
        }
    }

    #[test]
    fn an_archive_inside_a_compressed_file_is_a_volume() {
        let bytes = numbered(500_000);
        let stored = gzip(&bytes);
        let location = Location { volume: 0, offset: 0, size: stored.len() as u64 };
        let mut inside = Inside::new(&stored[..], location, Compression::Gzip, &Limits::default());
        for offset in [300_000, 10, 499_990] {
            let mut buf = [0; 10];
            assert_eq!(inside.read_at(0, offset, &mut buf).unwrap(), 10);
            assert_eq!(buf, bytes[offset as usize..][..10]);
        }
        assert_eq!(inside.read_at(0, 500_000, &mut [0; 4]).unwrap(), 0);
        assert_eq!(inside.read_at(1, 0, &mut [0; 4]).unwrap(), 0);
    }

    #[test]
    fn a_second_read_begins_close_by() {
        let bytes = numbered(40_000_000);
        let stored = gzip(&bytes);
        let whole = stored.len() as u64;
        let mut layer = layer(stored, Compression::Gzip);
        read(&mut layer, 39_000_000, 10);
        let before = layer.volumes.borrow().1;
        assert!(read(&mut layer, 20_000_000, 10) == bytes[20_000_000..20_000_010]);
        let again = layer.volumes.borrow().1 - before;
        assert!(again < whole / 10, "{again} of {whole}");
    }

    #[test]
    fn a_damaged_layer_is_an_error_where_the_damage_is() {
        let mut stored = gzip(&numbered(100_000));
        stored.truncate(stored.len() / 2);
        let mut layer = layer(stored, Compression::Gzip);
        layer.seek(99_000);
        let mut buffer = [0; 4_000];
        let error = loop {
            match layer.step(&mut buffer) {
                Ok(Step::Read(0)) => panic!("the end was not there"),
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.to_string(), "the gzip stream cannot be inflated any further");
    }
}
