//! A tar reader that is pushed: bytes in, events out.
//!
//! Slices of any length go in, and no more than one header and one extension record is ever kept, so that reading
//! and hashing can share one pass over the bytes and neither waits for the other.
//!
//! Sources: POSIX.1-2001 (ustar and pax), the GNU tar manual. Where readers differ, Go's archive/tar (which builders
//! and runtimes use) and Python's tarfile decide.

use std::{collections::VecDeque, mem};

use self::{
    header::{BLOCK, Header, is_zero, until_nul},
    pax::PaxExtensions,
    sparse::{Segment, TextMap},
};
use crate::layer::changeset::Xattr;

pub mod header;
pub mod pax;
pub mod sparse;

/// Sizes above this are absurd, and not exact in the numbers of JavaScript.
const SIZE_LIMIT: u64 = 1 << 53;

/// Bytes of extended attributes that a global header may give to every member: they are copied for each.
const GLOBAL_XATTR_BYTES: usize = 4 << 10;

/// The push parser. [`Parser::advance`] is called until it wants more input, and [`Parser::finish`] at the end.
#[derive(Debug)]
pub struct Parser {
    state: State,
    /// Bytes of the stream that were consumed.
    offset: u64,
    block: [u8; BLOCK],
    filled: usize,
    extension_limit: u64,
    extension: Vec<u8>,
    global: PaxExtensions,
    local: Option<PaxExtensions>,
    gnu_name: Option<Vec<u8>>,
    gnu_link: Option<Vec<u8>>,
    refused: Option<Refusal>,
    /// Where the first extension header of the next member is.
    extended_from: Option<u64>,
    member: Member,
    segments: Vec<Segment>,
    text_map: TextMap,
    problems: VecDeque<Problem>,
}

/// One member, before its data. Its buffers are used again for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Offset of its header, the first extension header included.
    pub offset: u64,
    pub data_offset: u64,
    pub kind: MemberKind,
    pub name: Vec<u8>,
    pub link_name: Vec<u8>,
    /// As declared, whatever the kind; the logical size of a sparse file.
    pub size: u64,
    /// Bytes of data that follow in the stream (without padding and sparse maps).
    pub stored: u64,
    pub sparse: bool,
    /// 0o7777 at most.
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    pub mtime: i64,
    pub mtime_nanos: u32,
    /// Major and minor number; of devices only.
    pub device: (u32, u32),
    /// Sorted by name.
    pub xattrs: Vec<Xattr>,
    /// Why the name or the link name cannot be relied on.
    pub refused: Option<Refusal>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberKind {
    #[default]
    File,
    HardLink,
    Symlink,
    CharDevice,
    BlockDevice,
    Directory,
    Fifo,
    /// A type flag without meaning here; like a file it may have data.
    Unknown(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// An extension was too large to keep, so the real name is unknown.
    ExtensionTooLarge { size: u64, limit: u64 },
    /// Readers cut such a name at the NUL, or do not: it names two paths.
    NulInName,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Member(&'a Member),
    /// The next bytes of the member's file.
    Data(&'a [u8]),
    /// The next bytes of the member's file are so many zeros.
    Hole(u64),
    /// The member's data is whole.
    MemberEnd,
    Problem(Problem),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Offset in the stream where it was seen.
    pub offset: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The first block is no tar header.
    NotTar,
    /// A later block is no tar header, or one that nobody could follow: parsing ends.
    Damaged(String),
    /// The stream ends within a member. `missing` bytes of data are known to be missing; `name` is empty within a
    /// header.
    Truncated { name: Vec<u8>, missing: u64 },
    /// The stream ends without a zero block.
    NoEndBlocks,
    /// Something follows the end of the archive.
    TrailingData,
    /// An extension record or a sparse map that says nothing sensible; reading goes on.
    Extension(String),
}

#[derive(Clone, Copy, Debug)]
enum State {
    Header,
    Extension {
        kind: Extension,
        left: u64,
        padding: u64,
    },
    SkippedExtension {
        left: u64,
    },
    /// A block that continues the map of an old GNU sparse header.
    OldSparseBlock,
    /// A block of the map of sparse format 1.0; `left` bytes of the member's data are still to come.
    SparseMapBlock {
        left: u64,
        padding: u64,
    },
    Data {
        left: u64,
        padding: u64,
    },
    SparseData {
        segment: usize,
        position: u64,
        left: u64,
        padding: u64,
    },
    Padding {
        left: u64,
    },
    Ended,
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extension {
    PaxLocal,
    PaxGlobal,
    GnuName,
    GnuLink,
}

/// What one step of the machine has done.
enum Step<'i> {
    Again,
    WantsInput,
    Member,
    Data(&'i [u8]),
    Hole(u64),
    MemberEnd,
}

impl Parser {
    /// `extension_limit` bounds the bytes of one extension record and of one sparse map.
    pub fn new(extension_limit: u64) -> Self {
        Self {
            state: State::Header,
            offset: 0,
            block: [0; BLOCK],
            filled: 0,
            extension_limit,
            extension: Vec::new(),
            global: PaxExtensions::default(),
            local: None,
            gnu_name: None,
            gnu_link: None,
            refused: None,
            extended_from: None,
            member: Member::default(),
            segments: Vec::new(),
            text_map: TextMap::default(),
            problems: VecDeque::new(),
        }
    }

    /// Takes from `input` what the next event needs. `None` when all of it is consumed and more is wanted.
    pub fn advance<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Option<Event<'a>> {
        loop {
            if let Some(problem) = self.problems.pop_front() {
                return Some(Event::Problem(problem));
            }
            match self.step(input) {
                Step::Again => {}
                // A problem of the last bytes must be told before the input is said to be consumed.
                Step::WantsInput if self.problems.is_empty() => return None,
                Step::WantsInput => {}
                Step::Member => return Some(Event::Member(&self.member)),
                Step::Data(bytes) => return Some(Event::Data(bytes)),
                Step::Hole(len) => return Some(Event::Hole(len)),
                Step::MemberEnd => return Some(Event::MemberEnd),
            }
        }
    }

    /// Says what is wrong with a stream that ends here.
    pub fn finish(&self) -> Option<Problem> {
        let no_name = || What::Truncated { name: Vec::new(), missing: 0 };
        let what = match self.state {
            State::Header if self.filled > 0 && !is_zero(&self.block[..self.filled]) => {
                if self.offset == self.filled as u64 { What::NotTar } else { no_name() }
            }
            State::Header if self.extended_from.is_some() => no_name(),
            State::Header if self.offset == 0 => return None,
            State::Header | State::Padding { .. } => What::NoEndBlocks,
            State::Extension { .. } | State::SkippedExtension { .. } | State::OldSparseBlock => no_name(),
            State::SparseMapBlock { left, .. } | State::Data { left, .. } | State::SparseData { left, .. } => {
                What::Truncated { name: self.member.name.clone(), missing: left }
            }
            State::Ended | State::Stopped => return None,
        };
        Some(Problem { offset: self.offset, what })
    }

    /// Passes over the data of the member that was told last, its padding included: those bytes are not pushed, the
    /// source is wound over them.
    pub fn skip_data(&mut self) {
        if let State::Data { left, padding } | State::SparseData { left, padding, .. } = self.state {
            self.offset += left + padding;
            self.state = State::Header;
        }
    }

    /// Whether the end of the archive was met: what is pushed from here on is only looked at for trailing data.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    fn step<'i>(&mut self, input: &mut &'i [u8]) -> Step<'i> {
        match self.state {
            State::Header => self.with_block(input, Self::header),
            State::OldSparseBlock => self.with_block(input, Self::old_sparse_block),
            State::SparseMapBlock { left, padding } => {
                self.with_block(input, |parser, block| parser.sparse_map_block(block, left, padding))
            }
            State::Extension { kind, left, padding } => {
                let bytes = self.take(input, left);
                self.extension.extend_from_slice(bytes);
                let left = left - bytes.len() as u64;
                self.state = State::Extension { kind, left, padding };
                if left > 0 {
                    return Step::WantsInput;
                }
                self.extension_whole(kind);
                self.state = State::SkippedExtension { left: padding };
                Step::Again
            }
            State::SkippedExtension { left } => self.skip(input, left, |left| State::SkippedExtension { left }),
            State::Padding { left } => self.skip(input, left, |left| State::Padding { left }),
            State::Data { left: 0, padding } => {
                self.state = State::Padding { left: padding };
                Step::MemberEnd
            }
            State::Data { left, padding } => {
                let bytes = self.take(input, left);
                if bytes.is_empty() {
                    return Step::WantsInput;
                }
                self.state = State::Data { left: left - bytes.len() as u64, padding };
                Step::Data(bytes)
            }
            State::SparseData { segment, position, left, padding } => {
                self.sparse_data(input, segment, position, left, padding)
            }
            State::Ended => self.after_the_end(input),
            State::Stopped => {
                self.take(input, u64::MAX);
                Step::WantsInput
            }
        }
    }

    /// Takes up to `len` bytes.
    fn take<'i>(&mut self, input: &mut &'i [u8], len: u64) -> &'i [u8] {
        let len = usize::try_from(len).map_or(input.len(), |len| len.min(input.len()));
        let (bytes, rest) = input.split_at(len);
        *input = rest;
        self.offset += len as u64;
        bytes
    }

    fn skip<'i>(&mut self, input: &mut &'i [u8], left: u64, state: impl Fn(u64) -> State) -> Step<'i> {
        let left = left - self.take(input, left).len() as u64;
        if left > 0 {
            self.state = state(left);
            return Step::WantsInput;
        }
        self.state = State::Header;
        Step::Again
    }

    /// Collects a block and hands it on when it is whole. What `process` refuses ends the parsing.
    fn with_block<'i>(
        &mut self,
        input: &mut &'i [u8],
        process: impl FnOnce(&mut Self, &[u8; BLOCK]) -> Result<Step<'static>, What>,
    ) -> Step<'i> {
        let bytes = self.take(input, (BLOCK - self.filled) as u64);
        self.block[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
        if self.filled < BLOCK {
            return Step::WantsInput;
        }
        self.filled = 0;
        let block = self.block;
        process(self, &block).unwrap_or_else(|what| {
            self.problems.push_back(Problem { offset: self.offset - BLOCK as u64, what });
            self.state = State::Stopped;
            Step::Again
        })
    }

    fn header(&mut self, block: &[u8; BLOCK]) -> Result<Step<'static>, What> {
        let header = Header(block);
        let at = self.offset - BLOCK as u64;
        if header.is_zero() {
            self.state = State::Ended;
            return match self.extended_from {
                Some(_) => Err(What::Damaged("an extension header is followed by no member".into())),
                None => Ok(Step::Again),
            };
        }
        if !header.checksum_ok() {
            return Err(match at {
                0 => What::NotTar,
                _ => What::Damaged("the header's checksum does not fit".into()),
            });
        }
        let size = header.size().map_err(damaged)?;
        let size = u64::try_from(size).map_err(|_| What::Damaged(format!("the size is negative ({size})")))?;
        self.extended_from.get_or_insert(at);
        let kind = match header.type_flag() {
            b'x' | b'X' => Extension::PaxLocal,
            b'g' => Extension::PaxGlobal,
            b'L' => Extension::GnuName,
            b'K' => Extension::GnuLink,
            _ => return self.member_header(header, size).map_err(What::Damaged),
        };
        self.start_extension(kind, size)?;
        Ok(Step::Again)
    }

    fn start_extension(&mut self, kind: Extension, size: u64) -> Result<(), What> {
        check_size(size).map_err(What::Damaged)?;
        self.extension.clear();
        if size <= self.extension_limit {
            self.state = State::Extension { kind, left: size, padding: padding(size) };
            return Ok(());
        }
        let limit = self.extension_limit;
        self.state = State::SkippedExtension { left: size + padding(size) };
        if kind == Extension::PaxGlobal {
            self.extended_from = None;
            self.problem(format!("a global extension of {size} bytes passes the bound of {limit} and is left out"));
        } else {
            self.refused = Some(Refusal::ExtensionTooLarge { size, limit });
        }
        Ok(())
    }

    fn extension_whole(&mut self, kind: Extension) {
        let bytes = mem::take(&mut self.extension);
        match kind {
            Extension::GnuName => self.gnu_name = Some(until_nul(&bytes).to_vec()),
            Extension::GnuLink => self.gnu_link = Some(until_nul(&bytes).to_vec()),
            Extension::PaxLocal => {
                let mut records = self.local.take().unwrap_or_else(|| self.global.clone());
                self.report_malformed(records.read(&bytes), bytes.len());
                self.local = Some(records);
            }
            Extension::PaxGlobal => {
                // No member follows from it, and one at the end of the archive is complete.
                self.extended_from = None;
                let malformed = self.global.read(&bytes);
                self.report_malformed(malformed, bytes.len());
                self.restrict_global();
            }
        }
        self.extension = bytes;
    }

    /// Leaves of a global header what makes sense for every member.
    fn restrict_global(&mut self) {
        let global = &mut self.global;
        let named = global.path.take().is_some() | global.link_path.take().is_some() | global.size.take().is_some();
        if named | (mem::take(&mut global.sparse) != Default::default()) {
            self.problem(
                "a global extension gives one name, size or sparse map to all members, which is left out".into(),
            );
        }
        let bytes: usize = self.global.xattrs.iter().map(|xattr| xattr.name.len() + xattr.value.len()).sum();
        if bytes > GLOBAL_XATTR_BYTES {
            self.global.xattrs = Vec::new();
            self.problem(format!(
                "a global extension gives {bytes} bytes of attributes to all members, which are left out"
            ));
        }
    }

    fn report_malformed(&mut self, malformed: Option<pax::Malformed>, len: usize) {
        if let Some(pax::Malformed { at, keyword, problem }) = malformed {
            let offset = self.offset - len as u64 + at as u64;
            let keyword = crate::display::harmless(&keyword);
            let words = if keyword.is_empty() { problem.into() } else { format!("{keyword}: {problem}") };
            self.problems.push_back(Problem { offset, what: What::Extension(words) });
        }
    }

    fn problem(&mut self, words: String) {
        self.problems.push_back(Problem { offset: self.offset, what: What::Extension(words) });
    }

    fn member_header(&mut self, header: Header<'_>, header_size: u64) -> Result<Step<'static>, String> {
        let member = &mut self.member;
        let mut local = self.local.take();
        let pax = local.as_ref().unwrap_or(&self.global);
        let (gnu_name, gnu_link) = (self.gnu_name.take(), self.gnu_link.take());
        member.offset = self.extended_from.take().unwrap_or(self.offset - BLOCK as u64);
        member.refused = self.refused.take();

        let pax_name = pax.sparse.name.as_ref().or(pax.path.as_ref());
        member.name.clear();
        match gnu_name.as_ref().or(pax_name) {
            Some(name) => member.name.extend_from_slice(name),
            None => {
                if !header.prefix().is_empty() {
                    member.name.extend_from_slice(header.prefix());
                    member.name.push(b'/');
                }
                member.name.extend_from_slice(header.name());
            }
        }
        member.link_name.clear();
        let link_name = gnu_link.as_ref().or(pax.link_path.as_ref());
        member.link_name.extend_from_slice(link_name.map_or(header.link_name(), Vec::as_slice));
        if [&member.name, &member.link_name].iter().any(|name| name.contains(&0)) {
            member.refused.get_or_insert(Refusal::NulInName);
        }

        let size = pax.size.unwrap_or(header_size);
        check_size(size)?;
        member.kind = MemberKind::of(header.type_flag(), &member.name, size);
        member.size = size;
        // Links, directories and devices have no data, whatever size they declare (old tars repeat the target's).
        member.stored = if matches!(member.kind, MemberKind::File | MemberKind::Unknown(_)) { size } else { 0 };
        member.mode = (header.mode().map_err(text)? & 0o7777) as u16;
        member.uid = id(pax.uid.map_or(header.uid().map_err(text)?, |uid| i64::try_from(uid).unwrap_or(i64::MAX)));
        member.gid = id(pax.gid.map_or(header.gid().map_err(text)?, |gid| i64::try_from(gid).unwrap_or(i64::MAX)));
        (member.mtime, member.mtime_nanos) = pax.mtime.unwrap_or((header.mtime().map_err(text)?, 0));
        member.device = match member.kind {
            MemberKind::CharDevice | MemberKind::BlockDevice => {
                (id(header.device_major().map_err(text)?), id(header.device_minor().map_err(text)?))
            }
            _ => (0, 0),
        };
        member.xattrs.clear();
        match &mut local {
            Some(local) => member.xattrs.append(&mut local.xattrs),
            None => member.xattrs.extend_from_slice(&self.global.xattrs),
        }
        self.segments.clear();
        member.sparse = false;
        if header.type_flag() == b'S' {
            return self.old_sparse_header(header);
        }
        match local {
            Some(PaxExtensions { sparse, .. }) if member.kind == MemberKind::File => Ok(self.pax_sparse(sparse)),
            _ => Ok(self.start_data(padding(self.member.stored))),
        }
    }

    fn old_sparse_header(&mut self, header: Header<'_>) -> Result<Step<'static>, String> {
        let (pairs, continued, logical_size) = header.gnu_sparse();
        let logical_size = logical_size.and_then(|size| u64::try_from(size).ok());
        self.member.size = logical_size.ok_or("the size of the sparse file is no number")?;
        self.member.sparse = true;
        self.add_old_gnu(pairs);
        if continued {
            self.state = State::OldSparseBlock;
            return Ok(Step::Again);
        }
        Ok(self.start_data(padding(self.member.stored)))
    }

    fn old_sparse_block(&mut self, block: &[u8; BLOCK]) -> Result<Step<'static>, What> {
        self.add_old_gnu(&block[..504]);
        if self.segments.len() as u64 * 24 > self.extension_limit {
            return Err(What::Damaged(format!("the sparse map passes the bound of {} bytes", self.extension_limit)));
        }
        if block[504] != 0 {
            return Ok(Step::Again);
        }
        Ok(self.start_data(padding(self.member.stored)))
    }

    fn add_old_gnu(&mut self, pairs: &[u8]) {
        if sparse::add_old_gnu(&mut self.segments, pairs).is_none() {
            // No map is sound that ends beyond the file.
            self.segments.push(Segment { offset: u64::MAX, len: u64::MAX });
        }
    }

    fn pax_sparse(&mut self, sparse: sparse::PaxSparse) -> Step<'static> {
        let (stored, padding) = (self.member.stored, padding(self.member.stored));
        let map_in_data = sparse.map_in_data();
        let Some(logical_size) = sparse.logical_size.filter(|_| map_in_data || sparse.segments.is_some()) else {
            return self.start_data(padding);
        };
        self.member.size = logical_size;
        self.member.sparse = true;
        if map_in_data {
            self.text_map = TextMap::default();
            self.state = State::SparseMapBlock { left: stored, padding };
            return Step::Again;
        }
        self.segments = sparse.segments.unwrap_or_default();
        self.start_data(padding)
    }

    fn sparse_map_block(&mut self, block: &[u8; BLOCK], left: u64, padding: u64) -> Result<Step<'static>, What> {
        let pushed = self.text_map.push(block);
        let left = left.checked_sub(BLOCK as u64);
        let left = left.ok_or_else(|| What::Damaged("the sparse map is longer than the member's data".into()))?;
        match pushed {
            Ok(None) if (self.text_map.len() as u64) < self.extension_limit => {
                self.state = State::SparseMapBlock { left, padding };
                return Ok(Step::Again);
            }
            Ok(Some(segments)) => self.segments = segments,
            Ok(None) => return Err(What::Damaged(format!("the sparse map passes {} bytes", self.extension_limit))),
            Err(problem) => return Err(What::Damaged(problem.into())),
        }
        self.member.stored = left;
        Ok(self.start_data(padding))
    }

    /// The header is whole with all that belongs to it: the member can be told, and its data follows.
    fn start_data(&mut self, padding: u64) -> Step<'static> {
        let Member { stored, size, .. } = self.member;
        self.member.data_offset = self.offset;
        if self.member.sparse && !sparse::is_sound(&self.segments, size, stored) {
            self.problem("the sparse map does not fit the file: its stored bytes are taken as they are".into());
            self.member.sparse = false;
        }
        self.state = if self.member.sparse {
            State::SparseData { segment: 0, position: 0, left: stored, padding }
        } else {
            State::Data { left: stored, padding }
        };
        Step::Member
    }

    fn sparse_data<'i>(
        &mut self,
        input: &mut &'i [u8],
        mut segment: usize,
        position: u64,
        left: u64,
        padding: u64,
    ) -> Step<'i> {
        while self.segments.get(segment).is_some_and(|s| s.offset + s.len <= position) {
            segment += 1;
        }
        let hole_end = match self.segments.get(segment) {
            Some(next) => next.offset,
            None => self.member.size,
        };
        if position < hole_end {
            self.state = State::SparseData { segment, position: hole_end, left, padding };
            return Step::Hole(hole_end - position);
        }
        let Some(Segment { offset, len }) = self.segments.get(segment).copied() else {
            // Bytes that the map does not mention are passed over with the padding.
            self.state = State::Padding { left: left + padding };
            return Step::MemberEnd;
        };
        let bytes = self.take(input, offset + len - position);
        if bytes.is_empty() {
            return Step::WantsInput;
        }
        let taken = bytes.len() as u64;
        self.state = State::SparseData { segment, position: position + taken, left: left - taken, padding };
        Step::Data(bytes)
    }

    fn after_the_end<'i>(&mut self, input: &mut &'i [u8]) -> Step<'i> {
        let start = self.offset;
        let bytes = self.take(input, u64::MAX);
        if !bytes.chunks(BLOCK).all(is_zero) {
            let at = bytes.iter().position(|&b| b != 0).unwrap_or(0) as u64;
            self.problems.push_back(Problem { offset: start + at, what: What::TrailingData });
            self.state = State::Stopped;
        }
        Step::WantsInput
    }
}

impl MemberKind {
    fn of(type_flag: u8, name: &[u8], size: u64) -> Self {
        match type_flag {
            // The oldest tars know directories by the slash only; with '0' a size would say that it is a file.
            0 if name.ends_with(b"/") => Self::Directory,
            b'0' if name.ends_with(b"/") && size == 0 => Self::Directory,
            0 | b'0' | b'7' | b'S' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::Symlink,
            b'3' => Self::CharDevice,
            b'4' => Self::BlockDevice,
            b'5' => Self::Directory,
            b'6' => Self::Fifo,
            other => Self::Unknown(other),
        }
    }
}

fn check_size(size: u64) -> Result<(), String> {
    if size <= SIZE_LIMIT { Ok(()) } else { Err(format!("the size is absurd ({size})")) }
}

/// Bytes from the end of the data to the next block.
fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK as u64) - size
}

/// User, group and device numbers have 32 bits; what does not fit is told by none.
fn id(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn text(field: header::BadField) -> String {
    field.to_string()
}

fn damaged(field: header::BadField) -> What {
    What::Damaged(field.to_string())
}
