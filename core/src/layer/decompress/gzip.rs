//! gzip members, one after the other.
//!
//! `flate2::bufread::GzDecoder` is the simple way and the wrong one: where a member is damaged it keeps back what it
//! has decoded since the last good call, which for a small layer is all of it, and it cannot say which of length and
//! checksum is wrong. Here flate2 inflates, and the frame around it is read by hand.
//!
//! Source: RFC 1952.

use std::io::{self, BufRead, Read};

use flate2::{Crc, FlushDecompress, Status};

use super::{Problem, Window, corrupt};

pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

const DEFLATE: u8 = 8;
const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// Decodes member by member; the inflater's window is used again for the next one.
pub struct GzipMembers {
    inflate: flate2::Decompress,
    crc: Crc,
    body_whole: bool,
    /// Damage seen after bytes that had to be handed out first.
    damage: Option<String>,
}

impl Default for GzipMembers {
    fn default() -> Self {
        Self { inflate: flate2::Decompress::new(false), crc: Crc::new(), body_whole: false, damage: None }
    }
}

impl GzipMembers {
    /// Reads the header of the next member; false where none begins.
    pub fn start<R: Read>(&mut self, window: &mut Window<R>) -> Result<bool, Problem> {
        if !read_header(window)? {
            return Ok(false);
        }
        self.inflate.reset(false);
        self.crc.reset();
        self.body_whole = false;
        Ok(true)
    }

    /// Decodes into `out`; 0 at the end of the member, whose length and checksum are then right.
    pub fn read<R: Read>(&mut self, window: &mut Window<R>, out: &mut [u8]) -> Result<usize, Problem> {
        while !self.body_whole {
            if let Some(damage) = self.damage.take() {
                return Err(Problem::Corrupt(damage));
            }
            let input = window.fill_buf().map_err(corrupt)?;
            let at_end = input.is_empty();
            let (in_before, out_before) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, out, FlushDecompress::None);
            let produced = (self.inflate.total_out() - out_before) as usize;
            window.consume((self.inflate.total_in() - in_before) as usize);
            self.crc.update(&out[..produced]);
            match status {
                Ok(Status::StreamEnd) => self.body_whole = true,
                Ok(_) if at_end && produced == 0 => return Err(Problem::CutShort),
                Ok(_) => {}
                Err(error) => self.damage = Some(error.to_string()),
            }
            if produced > 0 {
                return Ok(produced);
            }
        }
        self.check_trailer(window)?;
        Ok(0)
    }

    fn check_trailer<R: Read>(&mut self, window: &mut Window<R>) -> Result<(), Problem> {
        let &[a, b, c, d, e, f, g, h] = window.peek(8).map_err(corrupt)? else { return Err(Problem::CutShort) };
        window.consume(8);
        let (declared, computed) = (u32::from_le_bytes([a, b, c, d]), self.crc.sum());
        if declared != computed {
            return Err(Problem::Checksum { declared, computed });
        }
        // Both modulo 2^32.
        let (declared, found) = (u32::from_le_bytes([e, f, g, h]), self.crc.amount());
        if declared != found {
            return Err(Problem::ContentSize { declared: declared.into(), found: found.into() });
        }
        Ok(())
    }
}

/// Reads the header of the member that begins here; false where none begins.
pub fn read_header<R: Read>(window: &mut Window<R>) -> Result<bool, Problem> {
    if window.peek(MAGIC.len()).map_err(corrupt)? != MAGIC {
        return Ok(false);
    }
    let mut crc = Crc::new();
    let [_, _, method, flags, ..] = header_bytes::<R, 10>(window, &mut crc)?;
    if method != DEFLATE || flags & RESERVED != 0 {
        return Err(Problem::Corrupt("its header names another method".into()));
    }
    if flags & FEXTRA != 0 {
        for _ in 0..u16::from_le_bytes(header_bytes(window, &mut crc)?) {
            header_bytes::<R, 1>(window, &mut crc)?;
        }
    }
    for _ in 0..(flags & (FNAME | FCOMMENT)).count_ones() {
        while header_bytes(window, &mut crc)? != [0] {}
    }
    let computed = crc.sum() & 0xffff;
    if flags & FHCRC != 0 {
        let declared = u16::from_le_bytes(header_bytes(window, &mut crc)?).into();
        if declared != computed {
            return Err(Problem::Checksum { declared, computed });
        }
    }
    Ok(true)
}

fn header_bytes<R: Read, const N: usize>(window: &mut Window<R>, crc: &mut Crc) -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    window.read_exact(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Problem::CutShort,
        _ => corrupt(error),
    })?;
    crc.update(&bytes);
    Ok(bytes)
}
