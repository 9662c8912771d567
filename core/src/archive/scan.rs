//! Lists the members of a tar, reading headers and nothing else where it can.
//!
//! Source: POSIX.1-2024, pax; GNU tar manual, "Basic Tar Format" and "Storing Sparse Files".

use std::io;

use super::{
    Location,
    header::{self, BLOCK, NumberError},
    member::{MemberKind, Members},
};
use crate::{
    display::harmless,
    finding::{Code, Finding, Findings},
    limits::Limits,
};

/// A tar that is wound forward only.
pub trait Tape {
    /// Fills `buf` as far as the archive goes, and returns how far that is.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize>;

    /// Winds over `len` bytes; returns how many of them there were.
    fn skip(&mut self, len: u64) -> io::Result<u64>;

    /// Winds over a member's data, of which a tape that cannot be wound back may keep a copy.
    fn data(&mut self, len: u64) -> io::Result<u64> {
        self.skip(len)
    }

    /// Bytes from the start of the archive.
    fn position(&self) -> u64;

    /// Looks at what follows the end blocks: where the first byte is that is not zero, as far as it is looked for.
    fn after_end(&mut self) -> io::Result<Option<u64>>;
}

/// A listed tar.
#[derive(Debug)]
pub struct Listing {
    pub members: Members,
    /// Where the archive ends although it should go on.
    pub cut_at: Option<u64>,
}

/// Lists until the end blocks, the end of the tape, or the first block that is no header: what was listed until then
/// is kept, and the finding says where it ended.
pub fn list(tape: &mut dyn Tape, limits: &Limits, findings: &mut Findings) -> io::Result<Listing> {
    let mut scanner = Scanner {
        tape,
        limits,
        findings,
        listing: Listing { members: Members::default(), cut_at: None },
        global: Extensions::default(),
        next: Extensions::default(),
    };
    while scanner.step()? {}
    Ok(scanner.listing)
}

struct Scanner<'a> {
    tape: &'a mut dyn Tape,
    limits: &'a Limits,
    findings: &'a mut Findings,
    listing: Listing,
    global: Extensions,
    next: Extensions,
}

/// What helper headers say about the members after them.
#[derive(Clone, Debug, Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Scanner<'_> {
    /// Reads one header and what belongs to it; false at the end.
    fn step(&mut self) -> io::Result<bool> {
        let at = self.tape.position();
        let mut block = [0; BLOCK];
        let read = self.tape.read(&mut block)?;
        if read == 0 {
            let message = "The archive ends without the two zero blocks that mark its end.";
            self.findings.push(Finding::note(Code::ArchiveNoEndBlocks, message).at_offset(at));
            return Ok(false);
        }
        if header::is_zero(&block) {
            return self.end();
        }
        if read < BLOCK {
            return Ok(self.cut(at, "inside a header"));
        }
        if !header::checksum_holds(&block) {
            let message = format!("The block at byte {at} is no tar header; nothing after it is listed.");
            self.findings.push(Finding::error(Code::ArchiveTruncated, message).at_offset(at));
            self.listing.cut_at = Some(at);
            return Ok(false);
        }
        let header = tar::Header::from_byte_slice(&block);
        let size = match header::number(&header.as_old().size) {
            Ok(size) => size,
            Err(error) => return Ok(self.bad_size(at, &header.path_bytes(), error)),
        };
        match header.as_old().linkflag[0] {
            b'x' | b'X' => self.pax(size, false),
            b'g' => self.pax(size, true),
            b'L' => self.long(size, |next| &mut next.name),
            b'K' => self.long(size, |next| &mut next.link),
            type_flag => self.member(header, type_flag, size),
        }
    }

    /// After the first zero block. A reader stops here whether or not a second one follows.
    fn end(&mut self) -> io::Result<bool> {
        if let Some(offset) = self.tape.after_end()? {
            let message = format!("There is data after the end of the archive, from byte {offset}; it is not read.");
            self.findings.push(Finding::note(Code::ArchiveTrailingData, message).at_offset(offset));
        }
        Ok(false)
    }

    fn member(&mut self, header: &tar::Header, type_flag: u8, size: u64) -> io::Result<bool> {
        let at = self.tape.position();
        let own = std::mem::take(&mut self.next);
        let name = own.name.or_else(|| self.global.name.clone()).unwrap_or_else(|| header.path_bytes().into_owned());
        let link = own.link.or_else(|| self.global.link.clone());
        let link = || link.or_else(|| header.link_name_bytes().map(|name| name.into_owned())).unwrap_or_default();
        let (kind, has_data) = match type_flag {
            b'0' | 0 | b'7' if name.ends_with(b"/") => (MemberKind::Directory, false),
            b'0' | 0 | b'7' => (MemberKind::File, true),
            b'1' => (MemberKind::HardLink(link().into()), false),
            b'2' => (MemberKind::Symlink(link().into()), false),
            b'5' => (MemberKind::Directory, false),
            b'3' | b'4' | b'6' => (MemberKind::Other, false),
            _ => (MemberKind::Other, true),
        };
        // Old tars write the target's size into the header of a link, and no data after it.
        let size = if has_data { own.size.or(self.global.size).unwrap_or(size) } else { 0 };
        let mut offset = at;
        if type_flag == b'S' && header.as_gnu().is_some_and(|gnu| gnu.is_extended()) {
            offset += self.sparse_map()?;
        }
        let there = self.tape.data(size)?;
        let location = Location { volume: 0, offset, size: there };
        if !self.listing.members.add(&name, kind, location, self.limits, self.findings) {
            return Ok(false);
        }
        if there < size {
            let end = offset + there;
            let message = format!(
                "The archive ends at byte {end} inside {}, of which {there} of {size} bytes are there.",
                harmless(&name)
            );
            self.findings.push(
                Finding::error(Code::ArchiveTruncated, message)
                    .at_path(&name)
                    .at_offset(end)
                    .expected_found(size, there),
            );
            self.listing.cut_at = Some(end);
            return Ok(false);
        }
        self.tape.skip(padding(size))?;
        Ok(true)
    }

    /// The blocks of an old GNU sparse file's map that did not fit into its header: they are no part of its size.
    fn sparse_map(&mut self) -> io::Result<u64> {
        let mut len = 0;
        loop {
            let mut block = [0; BLOCK];
            len += self.tape.read(&mut block)? as u64;
            if block[504] == 0 {
                return Ok(len);
            }
        }
    }

    fn pax(&mut self, size: u64, global: bool) -> io::Result<bool> {
        let at = self.tape.position();
        let Some(data) = self.extension(size)? else { return Ok(self.listing.cut_at.is_none()) };
        let mut read = if global { self.global.clone() } else { std::mem::take(&mut self.next) };
        for record in header::records(&data) {
            match record {
                Ok((b"path", value)) if value.contains(&0) => {
                    self.malformed(at, "a path holds a NUL; the header's name is used");
                }
                Ok((b"path" | b"GNU.sparse.name", value)) if !value.is_empty() => read.name = Some(value.into()),
                Ok((b"linkpath", value)) if !value.is_empty() => read.link = Some(value.into()),
                Ok((b"size", value)) => match header::decimal(value) {
                    Ok(size) => read.size = Some(size),
                    Err(error) => self.malformed(at, &format!("a size is {error}; the header's is used")),
                },
                Ok(_) => {}
                Err(error) => {
                    let problem =
                        format!("a record's length does not fit; those from byte {} on are lost", error.offset);
                    self.malformed(at, &problem);
                }
            }
        }
        *(if global { &mut self.global } else { &mut self.next }) = read;
        Ok(true)
    }

    fn long(&mut self, size: u64, field: fn(&mut Extensions) -> &mut Option<Vec<u8>>) -> io::Result<bool> {
        let Some(mut text) = self.extension(size)? else { return Ok(self.listing.cut_at.is_none()) };
        let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
        text.truncate(end);
        *field(&mut self.next) = Some(text);
        Ok(true)
    }

    /// A helper header's data; `None` where it is cut or too large to keep.
    fn extension(&mut self, size: u64) -> io::Result<Option<Vec<u8>>> {
        let at = self.tape.position();
        if size > self.limits.extension_bytes {
            let limit = self.limits.extension_bytes;
            let message = format!("An extended header at byte {at} is larger than {limit} bytes and is left out.");
            self.findings.push(Finding::warning(Code::LimitReached, message).at_offset(at).expected_found(limit, size));
            let whole = size.saturating_add(padding(size));
            if self.tape.skip(whole)? < size {
                self.cut(self.tape.position(), "inside an extended header");
            }
            return Ok(None);
        }
        let mut data = vec![0; size as usize];
        if self.tape.read(&mut data)? < data.len() {
            self.cut(self.tape.position(), "inside an extended header");
            return Ok(None);
        }
        self.tape.skip(padding(size))?;
        Ok(Some(data))
    }

    fn malformed(&mut self, at: u64, problem: &str) {
        let message = format!("In the extended header at byte {at}, {problem}.");
        self.findings.push(Finding::warning(Code::ExtensionMalformed, message).at_offset(at));
    }

    fn bad_size(&mut self, at: u64, name: &[u8], error: NumberError) -> bool {
        let message = format!(
            "The size of {} in the header at byte {at} is {error}; nothing after it can be found.",
            harmless(name)
        );
        self.findings.push(Finding::error(Code::ArchiveTruncated, message).at_path(name).at_offset(at));
        self.listing.cut_at = Some(at);
        false
    }

    fn cut(&mut self, at: u64, place: &str) -> bool {
        let message = format!("The archive ends at byte {at}, {place}.");
        self.findings.push(Finding::error(Code::ArchiveTruncated, message).at_offset(at));
        self.listing.cut_at = Some(at);
        false
    }
}

fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK as u64) - size
}
