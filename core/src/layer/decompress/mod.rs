//! Decompression of layers and of whole archives: all members, frames and streams of a file, bounded.
//!
//! Sources: RFC 1952 (gzip: "a series of members"), RFC 8878 (zstd), the bzip2 and xz formats, which may all be
//! concatenated. What follows the last member is kept apart: see [`Trailing`].

use std::{
    fmt,
    io::{self, BufRead, Read},
};

use bzip2::bufread::BzDecoder;
use lzma_rust2::XzReader;

use self::{gzip::GzipMembers, zstd::ZstdFrames};
use crate::{layer::Compression, limits::Limits};

pub(crate) mod gzip;
mod window;
mod zstd;

pub use window::{WINDOW_BYTES, Window};

/// KiB of memory that an xz stream may ask for; `xz -9` needs 65 MiB to decompress.
const XZ_MEMORY_KIB: u32 = 192 << 10;

/// Reads the decompressed bytes of a source. Uncompressed sources pass through.
///
/// A failure of the source itself is returned as it is; damage of the compressed stream is an error that
/// [`Damage::of`] finds.
pub struct Decompress<R: Read> {
    decoder: Decoder<R>,
    compression: Compression,
    place: Place,
    produced: u64,
    /// Offset of the end of the last whole member.
    members_end: u64,
    /// Decompressed bytes up to there.
    members_produced: u64,
    bounds: Bounds,
}

enum Decoder<R: Read> {
    None(Window<R>),
    Gzip(Box<GzipMembers>, Window<R>),
    Zstd(Box<ZstdFrames>, Window<R>),
    Bzip2(BzDecoder<Window<R>>),
    Xz(Box<XzReader<Window<R>>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    BeforeFirst,
    Between,
    Within,
    Ended,
    Failed,
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    bytes: u64,
    ratio: u64,
    ratio_grace: u64,
}

/// What follows the last member of a compressed stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trailing {
    /// Padding, as tape blocks and some registries add.
    Zeros { offset: u64, len: u64 },
    /// Anything else: other tools may refuse it.
    Data { offset: u64, len: u64 },
}

/// Why decompression stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    pub compression: Compression,
    /// Compressed bytes that were consumed before the problem was seen.
    pub offset: u64,
    pub problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The source ends inside a member.
    CutShort,
    /// The decoder's own words.
    Corrupt(String),
    /// A zstd frame made with a dictionary that nobody has.
    Dictionary(u32),
    /// A zstd frame that asks for more memory than is given.
    Window { requested: u64, limit: u64 },
    /// A zstd frame or gzip member that holds another number of bytes than it says (gzip: modulo 2^32).
    ContentSize { declared: u64, found: u64 },
    /// The XXH64 of a zstd frame, the CRC-32 of a gzip member or the CRC-16 of its header.
    Checksum { declared: u32, computed: u32 },
    /// `Limits::decompressed_bytes`.
    TooLarge { limit: u64 },
    /// `Limits::decompressed_ratio`.
    Ratio { limit: u64 },
}

impl<R: Read> Decompress<R> {
    /// Wraps a source whose compression is told by its first bytes.
    pub fn new(source: R, limits: &Limits) -> io::Result<Self> {
        let mut window = Window::new(source);
        let compression = match window.peek(Compression::SNIFF_BYTES) {
            Ok(start) => Compression::sniff(start),
            Err(error) => return Err(window.take_failure().unwrap_or(error)),
        };
        Ok(Self::with_window(window, compression, limits))
    }

    /// Wraps a window whose compression is known.
    pub fn with_window(mut window: Window<R>, compression: Compression, limits: &Limits) -> Self {
        // What comes out of a damaged stream depends on the pieces that go in, so these must not depend on the source.
        window.fill_whole(compression != Compression::None);
        let members_end = window.offset();
        Self {
            decoder: Decoder::new(window, compression),
            compression,
            place: Place::BeforeFirst,
            produced: 0,
            members_end,
            members_produced: 0,
            bounds: Bounds {
                bytes: limits.decompressed_bytes,
                ratio: limits.decompressed_ratio,
                ratio_grace: limits.ratio_grace_bytes,
            },
        }
    }

    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Compressed bytes consumed so far.
    pub fn offset(&mut self) -> u64 {
        self.window().offset()
    }

    /// Decompressed bytes returned so far.
    pub fn produced(&self) -> u64 {
        self.produced
    }

    /// Where the last whole member ends, in compressed and in decompressed bytes: what follows can be decompressed
    /// without what was before.
    pub fn last_boundary(&self) -> (u64, u64) {
        (self.members_end, self.members_produced)
    }

    pub fn source_mut(&mut self) -> Option<&mut R> {
        self.window().source_mut()
    }

    /// Reads the source to its end without decompressing, and says what followed the last member. After damage
    /// there is no telling, and the answer is `None`.
    pub fn drain(&mut self) -> io::Result<Option<Trailing>> {
        let (members_end, ended) = (self.members_end, self.place == Place::Ended);
        let window = self.window();
        let mut zeros = true;
        loop {
            let chunk = match window.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) => return Err(window.take_failure().unwrap_or(error)),
            };
            if chunk.is_empty() {
                break;
            }
            zeros = zeros && chunk.iter().fold(0, |any, &b| any | b) == 0;
            let len = chunk.len();
            window.consume(len);
        }
        let len = window.offset() - members_end;
        Ok((ended && len > 0).then_some(if zeros {
            Trailing::Zeros { offset: members_end, len }
        } else {
            Trailing::Data { offset: members_end, len }
        }))
    }

    fn window(&mut self) -> &mut Window<R> {
        self.decoder.window()
    }

    fn end_member(&mut self) {
        self.members_end = self.offset();
        self.members_produced = self.produced;
    }

    fn check_bounds(&mut self) -> Result<(), Problem> {
        let Bounds { bytes, ratio, ratio_grace } = self.bounds;
        if self.compression != Compression::None {
            if self.produced > bytes {
                return Err(Problem::TooLarge { limit: bytes });
            }
            if self.produced > ratio_grace && self.produced / self.offset().max(1) > ratio {
                return Err(Problem::Ratio { limit: ratio });
            }
        }
        Ok(())
    }

    fn read_members(&mut self, out: &mut [u8]) -> Result<usize, Problem> {
        self.check_bounds()?;
        loop {
            match self.place {
                Place::BeforeFirst | Place::Between => {
                    let restart = self.place == Place::Between;
                    if !restart && self.compression != Compression::None {
                        self.window().peek(WINDOW_BYTES).map_err(corrupt)?;
                    }
                    self.place = if self.decoder.start_member(restart)? { Place::Within } else { Place::Ended };
                    if self.compression == Compression::Zstd && self.place == Place::Ended {
                        // Skippable frames that were passed over are members too.
                        self.end_member();
                    }
                }
                Place::Within => {
                    let read = self.decoder.read(out)?;
                    if read > 0 {
                        self.produced += read as u64;
                        return Ok(read);
                    }
                    self.end_member();
                    self.place = Place::Between;
                }
                Place::Ended | Place::Failed => return Ok(0),
            }
        }
    }
}

impl<R: Read> Read for Decompress<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let problem = match self.read_members(out) {
            Ok(read) => return Ok(read),
            Err(problem) => problem,
        };
        self.place = Place::Failed;
        let compression = self.compression;
        let window = self.window();
        if let Some(failure) = window.take_failure() {
            return Err(failure);
        }
        let problem = match problem {
            Problem::Corrupt(_) if window.ended() && window.buffered().is_empty() => Problem::CutShort,
            problem => problem,
        };
        let damage = Damage { compression, offset: window.offset(), problem };
        Err(io::Error::new(io::ErrorKind::InvalidData, damage))
    }
}

impl<R: Read> Decoder<R> {
    fn new(window: Window<R>, compression: Compression) -> Self {
        match compression {
            Compression::None => Self::None(window),
            Compression::Gzip => Self::Gzip(Box::default(), window),
            Compression::Zstd => Self::Zstd(Box::default(), window),
            Compression::Bzip2 => Self::Bzip2(BzDecoder::new(window)),
            Compression::Xz => Self::Xz(Box::new(XzReader::new_mem_limit(window, false, XZ_MEMORY_KIB))),
        }
    }

    fn window(&mut self) -> &mut Window<R> {
        match self {
            Self::None(window) | Self::Gzip(_, window) | Self::Zstd(_, window) => window,
            Self::Bzip2(decoder) => decoder.get_mut(),
            Self::Xz(decoder) => decoder.inner_mut(),
        }
    }

    /// Makes ready for a member at the window's start; false where none begins there. `restart` says that a member
    /// has gone before.
    fn start_member(&mut self, restart: bool) -> Result<bool, Problem> {
        let (follows, compression) = match self {
            Self::None(_) => return Ok(!restart),
            Self::Gzip(members, window) => return members.start(window),
            Self::Zstd(frames, window) => return frames.start(window),
            _ if !restart => return Ok(true),
            Self::Bzip2(decoder) => (decoder.get_mut().peek(4).map(is_bzip2_start), Compression::Bzip2),
            Self::Xz(decoder) => (skip_xz_padding(decoder.inner_mut()), Compression::Xz),
        };
        let follows = follows.map_err(corrupt)?;
        if follows {
            *self = Self::new(self.window().take(), compression);
        }
        Ok(follows)
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, Problem> {
        match self {
            Self::None(window) => window.read(out),
            Self::Gzip(members, window) => return members.read(window, out),
            Self::Zstd(frames, window) => return frames.read(window, out),
            Self::Bzip2(decoder) => decoder.read(out),
            Self::Xz(decoder) => decoder.read(out),
        }
        .map_err(corrupt)
    }
}

pub(crate) fn corrupt(error: impl fmt::Display) -> Problem {
    Problem::Corrupt(error.to_string())
}

const XZ_MAGIC: [u8; 6] = *b"\xfd7zXZ\0";

fn is_bzip2_start(start: &[u8]) -> bool {
    matches!(start, [b'B', b'Z', b'h', b'1'..=b'9', ..])
}

/// xz streams may be followed by zeros in multiples of four bytes, and then by another stream.
fn skip_xz_padding<R: Read>(window: &mut Window<R>) -> io::Result<bool> {
    while window.peek(4)? == [0; 4] {
        window.consume(4);
    }
    Ok(window.peek(XZ_MAGIC.len())? == XZ_MAGIC)
}

impl Compression {
    /// Bytes that [`Compression::sniff`] needs to see.
    pub const SNIFF_BYTES: usize = 10;

    /// Tells the compression by the first bytes of a stream. (A tar may begin with a member named "BZh9…", so a
    /// bzip2 stream is known by its first block too.)
    pub fn sniff(start: &[u8]) -> Self {
        let skippable = matches!(start, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
        if start.starts_with(&gzip::MAGIC) {
            Self::Gzip
        } else if start.starts_with(b"\x28\xb5\x2f\xfd") || skippable {
            Self::Zstd
        } else if start.starts_with(&XZ_MAGIC) {
            Self::Xz
        } else if is_bzip2_start(start)
            && matches!(start.get(4..10), Some(b"\x31\x41\x59\x26\x53\x59" | b"\x17\x72\x45\x38\x50\x90"))
        {
            Self::Bzip2
        } else {
            Self::None
        }
    }

    /// The word of the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }
}

impl Damage {
    /// The damage that an error of [`Decompress`] carries; `None` for an error of its source.
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compression, offset, problem } = self;
        write!(f, "the {} stream cannot be decompressed at byte {offset}: {problem}", compression.as_str())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort => f.write_str("it is cut short"),
            Self::Corrupt(words) => f.write_str(words),
            Self::Dictionary(id) => write!(f, "it was made with dictionary {id}, which is not part of it"),
            Self::Window { requested, limit } => {
                write!(f, "it asks for a window of {requested} bytes, and {limit} are the bound")
            }
            Self::ContentSize { declared, found } => {
                write!(f, "it declares {declared} bytes and holds {found}")
            }
            Self::Checksum { declared, computed } => {
                write!(f, "it declares the checksum {declared:08x}, and its bytes give {computed:08x}")
            }
            Self::TooLarge { limit } => write!(f, "it holds more than {limit} bytes, which is the bound"),
            Self::Ratio { limit } => {
                write!(f, "it holds more than {limit} bytes for each of its own, which is the bound")
            }
        }
    }
}

impl std::error::Error for Damage {}

impl<R: Read> fmt::Debug for Decompress<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compression, place, produced, .. } = self;
        write!(f, "Decompress {{ compression: {compression:?}, place: {place:?}, produced: {produced} }}")
    }
}
