//! The 512-byte header of a tar member.
//!
//! Sources: POSIX.1-1988 (ustar), the GNU tar manual ("Basic Tar Format", "Old GNU Format").

use std::fmt;

pub const BLOCK: usize = 512;

/// A header block, whose fields are decoded when they are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a>(pub &'a [u8; BLOCK]);

/// A numeric field that holds no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadField(pub &'static str);

impl<'a> Header<'a> {
    pub fn is_zero(self) -> bool {
        is_zero(self.0)
    }

    /// Whether the checksum is the sum of the bytes, unsigned as specified or signed as some old tars wrote it.
    pub fn checksum_ok(self) -> bool {
        let Some(declared) = number(&self.0[148..156]) else { return false };
        let blanks = 8 * i64::from(b' ');
        let field = &self.0[148..156];
        let unsigned = |bytes: &[u8]| bytes.iter().map(|&b| u32::from(b)).sum::<u32>();
        if i64::from(unsigned(self.0) - unsigned(field)) + blanks == declared {
            return true;
        }
        let signed = |bytes: &[u8]| bytes.iter().map(|&b| i32::from(b as i8)).sum::<i32>();
        i64::from(signed(self.0) - signed(field)) + blanks == declared
    }

    pub fn type_flag(self) -> u8 {
        self.0[156]
    }

    pub fn name(self) -> &'a [u8] {
        until_nul(&self.0[..100])
    }

    pub fn link_name(self) -> &'a [u8] {
        until_nul(&self.0[157..257])
    }

    /// What goes before the name, with a slash between. Only ustar has it: GNU's own format keeps times there, and
    /// the older one nothing that is defined.
    pub fn prefix(self) -> &'a [u8] {
        if &self.0[257..263] != b"ustar\0" {
            &[]
        } else if &self.0[508..512] == b"tar\0" {
            until_nul(&self.0[345..476])
        } else {
            until_nul(&self.0[345..500])
        }
    }

    pub fn mode(self) -> Result<i64, BadField> {
        number(&self.0[100..108]).ok_or(BadField("mode"))
    }

    pub fn uid(self) -> Result<i64, BadField> {
        number(&self.0[108..116]).ok_or(BadField("uid"))
    }

    pub fn gid(self) -> Result<i64, BadField> {
        number(&self.0[116..124]).ok_or(BadField("gid"))
    }

    /// Signed, because base-256 numbers are.
    pub fn size(self) -> Result<i64, BadField> {
        number(&self.0[124..136]).ok_or(BadField("size"))
    }

    pub fn mtime(self) -> Result<i64, BadField> {
        number(&self.0[136..148]).ok_or(BadField("mtime"))
    }

    pub fn device_major(self) -> Result<i64, BadField> {
        number(&self.0[329..337]).ok_or(BadField("devmajor"))
    }

    pub fn device_minor(self) -> Result<i64, BadField> {
        number(&self.0[337..345]).ok_or(BadField("devminor"))
    }

    /// The four pairs of an old GNU sparse header, the flag that says that more blocks follow, and the logical size.
    pub fn gnu_sparse(self) -> (&'a [u8], bool, Option<i64>) {
        (&self.0[386..482], self.0[482] != 0, number(&self.0[483..495]))
    }
}

pub fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |any, &b| any | b) == 0
}

pub fn until_nul(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|&b| b == 0).unwrap_or(field.len())]
}

/// An octal number between blanks, or a big-endian two's complement one marked by its first bit. An empty field is
/// 0; `None` where it is no number or passes 63 bits.
pub fn number(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => base_256(field),
        _ => octal(until_nul(field).trim_ascii()),
    }
}

fn octal(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |n, &digit| match digit {
        b'0'..=b'7' => n.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
        _ => None,
    })
}

fn base_256(field: &[u8]) -> Option<i64> {
    let negative = field[0] & 0x40 != 0;
    // The marking bit is no part of the number: it is made equal to the sign.
    let first = if negative { field[0] } else { field[0] & 0x7f };
    let sign = if negative { -1_i64 } else { 0 };
    std::iter::once(first).chain(field[1..].iter().copied()).try_fold(sign, |n, byte| {
        let shifted = n.checked_mul(256)?;
        Some(shifted | i64::from(byte))
    })
}

impl fmt::Display for BadField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the header's {} is no number", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_between_blanks_or_base_256() {
        for (field, expected) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"644\0junk", Some(0o644)),
            (b"-4\0\0\0\0\0\0", None),
            (b"12345678", None),
            (b"1e3\0\0\0\0\0", None),
            (b"\x80\0\0\0\0\0\x01\0", Some(256)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfc", Some(-4)),
            (b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", Some(i64::MAX)),
            (b"\x80\0\0\0\x80\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff\xc0\0\0\0\0\0\0\0", Some(-(1 << 62))),
            (b"77777777777\0", Some((8 << 30) - 1)),
        ] {
            assert_eq!(number(field), expected, "{}", crate::display::harmless(field));
        }
    }
}
