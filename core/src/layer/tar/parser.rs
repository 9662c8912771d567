//! The state machine of the tar reader.

use std::{collections::VecDeque, mem};

use super::{
    Event, Member, MemberKind, Problem, What,
    extension::{ExtensionKind, Extensions},
    header::{BLOCK, Header, is_zero},
    member::check_size,
    sparse::{self, PaxSparse, Segment, TextMap},
};

/// The push parser. [`Parser::advance`] is called until it wants more input, and [`Parser::finish`] at the end.
#[derive(Debug)]
pub struct Parser {
    state: State,
    /// Bytes of the stream that were consumed.
    offset: u64,
    block: [u8; BLOCK],
    filled: usize,
    /// Bounds the bytes of one extension and of one sparse map.
    extension_limit: u64,
    /// The extension that is being collected.
    extension: Vec<u8>,
    extensions: Extensions,
    /// Where the first header that belongs to the next member is, once there is one.
    member_from: Option<u64>,
    member: Member,
    /// Of a sparse file: what is stored of it.
    segments: Vec<Segment>,
    text_map: TextMap,
    problems: VecDeque<Problem>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Header,
    Extension {
        kind: ExtensionKind,
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
            extensions: Extensions::default(),
            member_from: None,
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
            State::Header if self.member_from.is_some() => no_name(),
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
                self.end_extension(kind);
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
            return match self.member_from {
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
        let size = header.size().map_err(|field| What::Damaged(field.to_string()))?;
        let size = u64::try_from(size).map_err(|_| What::Damaged(format!("the size is negative ({size})")))?;
        match ExtensionKind::of(header.type_flag()) {
            Some(kind) => self.start_extension(kind, at, size),
            None => self.member_header(header, at, size),
        }
        .map_err(What::Damaged)
    }

    fn start_extension(&mut self, kind: ExtensionKind, at: u64, size: u64) -> Result<Step<'static>, String> {
        check_size(size)?;
        if kind != ExtensionKind::PaxGlobal {
            self.member_from.get_or_insert(at);
        }
        self.extension.clear();
        let padding = padding(size);
        let admitted = self.extensions.admit(kind, size, self.extension_limit).unwrap_or_else(|words| {
            self.complain(words, self.offset);
            false
        });
        self.state = match admitted {
            true => State::Extension { kind, left: size, padding },
            false => State::SkippedExtension { left: size + padding },
        };
        Ok(Step::Again)
    }

    fn end_extension(&mut self, kind: ExtensionKind) {
        let bytes = mem::take(&mut self.extension);
        let start = self.offset - bytes.len() as u64;
        for (at, words) in self.extensions.read(kind, &bytes) {
            self.complain(words, start + at as u64);
        }
        self.extension = bytes;
    }

    fn complain(&mut self, words: String, offset: u64) {
        self.problems.push_back(Problem { offset, what: What::Extension(words) });
    }

    fn member_header(&mut self, header: Header<'_>, at: u64, size: u64) -> Result<Step<'static>, String> {
        self.member.offset = self.member_from.take().unwrap_or(at);
        let pax_sparse = self.member.fill(header, size, &mut self.extensions)?;
        self.segments.clear();
        if header.type_flag() == b'S' {
            self.old_sparse_header(header)
        } else if self.member.kind == MemberKind::File {
            Ok(self.pax_sparse(pax_sparse))
        } else {
            Ok(self.start_data(padding(self.member.stored)))
        }
    }

    fn old_sparse_header(&mut self, header: Header<'_>) -> Result<Step<'static>, String> {
        let (pairs, continued, logical_size) = header.gnu_sparse();
        let logical_size = logical_size.and_then(|size| u64::try_from(size).ok());
        self.member.size = logical_size.ok_or("the size of the sparse file is no number")?;
        self.add_old_gnu(pairs);
        if continued {
            self.state = State::OldSparseBlock;
            return Ok(Step::Again);
        }
        Ok(self.start_sparse(padding(self.member.stored)))
    }

    fn old_sparse_block(&mut self, block: &[u8; BLOCK]) -> Result<Step<'static>, What> {
        self.add_old_gnu(&block[..504]);
        if self.segments.len() as u64 * 24 > self.extension_limit {
            return Err(What::Damaged(format!("the sparse map passes the bound of {} bytes", self.extension_limit)));
        }
        if block[504] != 0 {
            return Ok(Step::Again);
        }
        Ok(self.start_sparse(padding(self.member.stored)))
    }

    fn add_old_gnu(&mut self, pairs: &[u8]) {
        if sparse::add_old_gnu(&mut self.segments, pairs).is_none() {
            // No map is sound that ends beyond the file.
            self.segments.push(Segment { offset: u64::MAX, len: u64::MAX });
        }
    }

    fn pax_sparse(&mut self, sparse: PaxSparse) -> Step<'static> {
        let (stored, padding) = (self.member.stored, padding(self.member.stored));
        let map_in_data = sparse.map_in_data();
        let Some(logical_size) = sparse.logical_size.filter(|_| map_in_data || sparse.segments.is_some()) else {
            return self.start_data(padding);
        };
        self.member.size = logical_size;
        if map_in_data {
            self.text_map = TextMap::default();
            self.state = State::SparseMapBlock { left: stored, padding };
            return Step::Again;
        }
        self.segments = sparse.segments.unwrap_or_default();
        self.start_sparse(padding)
    }

    fn sparse_map_block(&mut self, block: &[u8; BLOCK], left: u64, padding: u64) -> Result<Step<'static>, What> {
        let pushed = self.text_map.push(block);
        let left = left.checked_sub(BLOCK as u64);
        let left = left.ok_or_else(|| What::Damaged("the sparse map is longer than the member's data".into()))?;
        match pushed {
            Ok(None) if self.text_map.bytes() < self.extension_limit => {
                self.state = State::SparseMapBlock { left, padding };
                return Ok(Step::Again);
            }
            Ok(Some(segments)) => self.segments = segments,
            Ok(None) => return Err(What::Damaged(format!("the sparse map passes {} bytes", self.extension_limit))),
            Err(problem) => return Err(What::Damaged(problem.into())),
        }
        self.member.stored = left;
        Ok(self.start_sparse(padding))
    }

    /// The header is whole with all that belongs to it: the member can be told, and its data follows.
    fn start_data(&mut self, padding: u64) -> Step<'static> {
        self.member.data_offset = self.offset;
        self.state = State::Data { left: self.member.stored, padding };
        Step::Member
    }

    /// The same for a sparse file, whose map is whole too.
    fn start_sparse(&mut self, padding: u64) -> Step<'static> {
        let Member { stored, size, .. } = self.member;
        let Some(holes) = sparse::holes(&self.segments, size, stored) else {
            let words = "the sparse map does not fit the file, whose stored bytes are taken as they are";
            self.complain(words.into(), self.offset);
            return self.start_data(padding);
        };
        self.member.holes = holes;
        self.member.data_offset = self.offset;
        self.state = State::SparseData { segment: 0, position: 0, left: stored, padding };
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

/// Bytes from the end of the data to the next block.
fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK as u64) - size
}
