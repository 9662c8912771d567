//! Lists the members of a tar, reading headers and nothing else where it can.

use std::io;

use super::{
    Location,
    member::{MemberKind, Members},
};
use crate::{
    display::harmless,
    finding::{Code, Finding, Findings},
    layer::tar::{self, Event, Member, Parser, Problem, Refusal, What, header::BLOCK},
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
    let mut scanner =
        Scanner { tape, limits, findings, listing: Listing { members: Members::default(), cut_at: None } };
    let mut parser = Parser::new(limits.extension_bytes);
    // Headers and extensions are whole blocks, so a block at a time never runs into data that is to be skipped.
    while !parser.has_ended() && scanner.block(&mut parser)? {}
    Ok(scanner.listing)
}

struct Scanner<'a> {
    tape: &'a mut dyn Tape,
    limits: &'a Limits,
    findings: &'a mut Findings,
    listing: Listing,
}

impl Scanner<'_> {
    /// Pushes one block; false where nothing more is to be listed.
    fn block(&mut self, parser: &mut Parser) -> io::Result<bool> {
        let mut block = [0; BLOCK];
        let read = self.tape.read(&mut block)?;
        let mut input = &block[..read];
        while let Some(event) = parser.advance(&mut input) {
            match event {
                Event::Member(member) => {
                    let go_on = self.member(member)?;
                    parser.skip_data();
                    return Ok(go_on);
                }
                Event::Problem(problem) => self.problem(problem),
                Event::Data(_) | Event::Hole(_) | Event::MemberEnd => {}
            }
        }
        if self.listing.cut_at.is_some() {
            return Ok(false);
        }
        if read < BLOCK {
            parser.finish().into_iter().for_each(|problem| self.problem(problem));
            return Ok(false);
        }
        // A reader stops at the first zero block, whether or not a second one follows.
        if let Some(offset) = parser.has_ended().then(|| self.tape.after_end()).transpose()?.flatten() {
            self.problem(Problem { offset, what: What::TrailingData });
        }
        Ok(true)
    }

    /// Adds a member and winds the tape over its data.
    fn member(&mut self, member: &Member) -> io::Result<bool> {
        let (name, stored) = (&member.name, member.stored);
        let offset = self.tape.position();
        let there = self.tape.data(stored)?;
        let location = Location { volume: 0, offset, size: there };
        if let Some(refused) = member.refused {
            self.refused(member, refused);
        } else if !self.listing.members.add(name, kind(member), location, self.limits, self.findings) {
            return Ok(false);
        }
        if there < stored {
            let end = offset + there;
            let message = format!(
                "The archive ends at byte {end} inside {}, of which {there} of {stored} bytes are there.",
                harmless(name)
            );
            self.cut(Finding::error(Code::ArchiveTruncated, message).at_path(name).expected_found(stored, there), end);
            return Ok(false);
        }
        self.tape.skip(stored.next_multiple_of(BLOCK as u64) - stored)?;
        Ok(true)
    }

    /// Another reader would take the member for another file, so it is none here.
    fn refused(&mut self, member: &Member, refused: Refusal) {
        let finding = match refused {
            Refusal::ExtensionTooLarge { size, limit } => {
                let message = format!("A member's name takes {size} bytes, more than {limit}; it is left out.");
                Finding::warning(Code::LimitReached, message).expected_found(limit, size)
            }
            Refusal::NulInName => {
                let message = "A member's name holds a NUL, where readers differ; it is left out.";
                Finding::warning(Code::MemberUnsafeName, message)
            }
        };
        self.findings.push(finding.at_path(&member.name).at_offset(member.offset));
    }

    fn problem(&mut self, Problem { offset, what }: Problem) {
        match what {
            What::NotTar => self.damaged(offset, "it is no tar header"),
            What::Damaged(problem) => self.damaged(offset, &problem),
            What::Truncated { .. } => {
                let message = format!("The archive ends at byte {offset} inside a header.");
                self.cut(Finding::error(Code::ArchiveTruncated, message), offset);
            }
            What::NoEndBlocks => {
                let message = "The archive ends without the two zero blocks that mark its end.";
                self.findings.push(Finding::note(Code::ArchiveNoEndBlocks, message).at_offset(offset));
            }
            What::TrailingData => {
                let message =
                    format!("There is data after the end of the archive, from byte {offset}; it is not read.");
                self.findings.push(Finding::note(Code::ArchiveTrailingData, message).at_offset(offset));
            }
            What::Extension(problem) => {
                let message = format!("In an extended header at byte {offset}: {problem}.");
                self.findings.push(Finding::warning(Code::ExtensionMalformed, message).at_offset(offset));
            }
        }
    }

    fn damaged(&mut self, at: u64, problem: &str) {
        let message = format!("At byte {at}, {problem}; nothing after it is listed.");
        self.cut(Finding::error(Code::ArchiveTruncated, message), at);
    }

    fn cut(&mut self, finding: Finding, at: u64) {
        self.findings.push(finding.at_offset(at));
        self.listing.cut_at = Some(at);
    }
}

/// A sparse file with holes does not stand in the archive byte for byte, so it cannot be taken as it is.
fn kind(member: &Member) -> MemberKind {
    match member.kind {
        tar::MemberKind::File if member.holes == 0 => MemberKind::File,
        tar::MemberKind::Directory => MemberKind::Directory,
        tar::MemberKind::Symlink => MemberKind::Symlink(member.link_name.as_slice().into()),
        tar::MemberKind::HardLink => MemberKind::HardLink(member.link_name.as_slice().into()),
        _ => MemberKind::Other,
    }
}
