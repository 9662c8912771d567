//! The fields of a tar header block, read strictly.
//!
//! Source: POSIX.1-2024, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar, "Basic Tar Format".
//! `tar::Header` gives the fields; its numbers are read here, because it takes the last eight bytes of a base-256
//! field for the whole of it: a size of -2^62 becomes a plausible positive one.

use std::fmt;

/// Bytes of a tar block.
pub const BLOCK: usize = 512;

/// Why a numeric field is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    Negative,
    /// More than 2^63 - 1: no offset can be computed from it.
    TooLarge,
    NotANumber,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negative => "a negative number",
            Self::TooLarge => "a number over 2^63",
            Self::NotANumber => "not a number",
        })
    }
}

/// A size, id or time that must not be negative: octal text, or base-256 where the first bit is set. An empty field
/// is zero, as in headers of directories that old tools wrote.
pub fn number(field: &[u8]) -> Result<u64, NumberError> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => base_256(field),
        _ => octal(field),
    }
}

/// A number in a PAX record: decimal digits and nothing else.
pub fn decimal(text: &[u8]) -> Result<u64, NumberError> {
    match text {
        [b'-', rest @ ..] if !rest.is_empty() && rest.iter().all(u8::is_ascii_digit) => Err(NumberError::Negative),
        _ => digits(text, 10),
    }
}

/// Whether the block's checksum holds. Old tars summed signed bytes, so either sum is taken.
pub fn checksum_holds(block: &[u8; BLOCK]) -> bool {
    let Ok(declared) = number(&block[148..156]) else { return false };
    let field_as_blanks = |(at, &byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { byte };
    let bytes = || block.iter().enumerate().map(field_as_blanks);
    let unsigned: u64 = bytes().map(u64::from).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte as i8)).sum();
    declared == unsigned || i64::try_from(declared) == Ok(signed)
}

pub fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|&byte| byte == 0)
}

fn octal(field: &[u8]) -> Result<u64, NumberError> {
    let start = field.iter().position(|&byte| byte != b' ').unwrap_or(field.len());
    let text = &field[start..];
    let end = text.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(text.len());
    match &text[..end] {
        [] => Ok(0),
        [b'-', ..] => Err(NumberError::Negative),
        text => digits(text, 8),
    }
}

fn base_256(field: &[u8]) -> Result<u64, NumberError> {
    if field.first().is_some_and(|first| first & 0x40 != 0) {
        return Err(NumberError::Negative);
    }
    let value = field.iter().enumerate().try_fold(0_u64, |value, (at, &byte)| {
        let byte = if at == 0 { byte & 0x3f } else { byte };
        value.checked_mul(256).map(|value| value | u64::from(byte))
    });
    bounded(value)
}

fn digits(text: &[u8], radix: u64) -> Result<u64, NumberError> {
    if text.is_empty() {
        return Err(NumberError::NotANumber);
    }
    let mut value = Some(0_u64);
    for &byte in text {
        let digit = u64::from(byte.wrapping_sub(b'0'));
        if digit >= radix {
            return Err(NumberError::NotANumber);
        }
        value = value.and_then(|value| value.checked_mul(radix)?.checked_add(digit));
    }
    bounded(value)
}

fn bounded(value: Option<u64>) -> Result<u64, NumberError> {
    value.filter(|&value| i64::try_from(value).is_ok()).ok_or(NumberError::TooLarge)
}

/// The records of a PAX extended header. They are walked by their lengths: a value may hold any byte, and splitting
/// at line feeds (as `tar::PaxExtensions` does) tears binary attributes apart.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    offset: usize,
}

/// A record whose length does not fit; nothing after it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedRecord {
    /// Bytes from the start of the extended header.
    pub offset: usize,
}

pub fn records(data: &[u8]) -> Records<'_> {
    Records { rest: data, offset: 0 }
}

impl<'a> Iterator for Records<'a> {
    /// Key and value.
    type Item = Result<(&'a [u8], &'a [u8]), MalformedRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if is_zero(self.rest) {
            return None;
        }
        let offset = self.offset;
        let Some((length, key, value)) = record(self.rest) else {
            self.rest = &[];
            return Some(Err(MalformedRecord { offset }));
        };
        self.rest = &self.rest[length..];
        self.offset += length;
        Some(Ok((key, value)))
    }
}

/// `<length> <key>=<value>\n`, where the length counts itself.
fn record(data: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let blank = data.iter().take(20).position(|&byte| byte == b' ')?;
    let length = usize::try_from(decimal(&data[..blank]).ok()?).ok()?;
    let body = data.get(blank + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|&byte| byte == b'=')?;
    Some((length, &body[..equals], &body[equals + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256_and_never_negative() {
        for (field, value) in [
            (&b"00000000012\0"[..], Ok(10)),
            (b"         12 ", Ok(10)),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0", Ok(0)),
            (b"777777777777", Ok(0o777_777_777_777)),
            (b"\x80\0\0\0\0\0\0\x02\0\0\0\0", Ok(8 << 30)),
            (b"-4\0\0\0\0\0\0\0\0\0\0", Err(NumberError::Negative)),
            (b"\xff\xff\xff\xff\xc0\0\0\0\0\0\0\0", Err(NumberError::Negative)),
            (b"\x80\0\0\0\x80\0\0\0\0\0\0\0", Err(NumberError::TooLarge)),
            (b"\x80\x01\0\0\0\0\0\0\0\0\0\0", Err(NumberError::TooLarge)),
            (b"0000000008\0\0", Err(NumberError::NotANumber)),
            (b"12x\0\0\0\0\0\0\0\0\0", Err(NumberError::NotANumber)),
        ] {
            assert_eq!(number(field), value, "{field:?}");
        }
        for (text, value) in [
            ("5", Ok(5)),
            ("9223372036854775807", Ok(i64::MAX as u64)),
            ("9223372036854775808", Err(NumberError::TooLarge)),
            ("99999999999999999999999", Err(NumberError::TooLarge)),
            ("-1", Err(NumberError::Negative)),
            ("1e3", Err(NumberError::NotANumber)),
            ("", Err(NumberError::NotANumber)),
            ("+1", Err(NumberError::NotANumber)),
        ] {
            assert_eq!(decimal(text.as_bytes()), value, "{text}");
        }
    }

    #[test]
    fn records_are_walked_by_length() {
        let data = b"12 path=a\nb\n18 SCHILY.xattr.=\n9 size=\n\0\0\0";
        let read: Vec<_> = records(data).collect();
        assert_eq!(
            read,
            [Ok((&b"path"[..], &b"a\nb"[..])), Ok((b"SCHILY.xattr.", b"")), Err(MalformedRecord { offset: 30 })]
        );
    }

    #[test]
    fn a_record_of_length_zero_ends_the_walk() {
        assert_eq!(records(b"0 path=a\n6 a=b\n").collect::<Vec<_>>(), [Err(MalformedRecord { offset: 0 })]);
    }

    #[test]
    fn both_checksums_of_history_hold() {
        let mut header = tar::Header::new_old();
        header.as_mut_bytes()[0] = 0xe9;
        header.set_size(3);
        header.set_cksum();
        assert!(checksum_holds(header.as_bytes()));
        let signed = header.cksum().unwrap() - 256;
        header.as_mut_bytes()[148..156].copy_from_slice(format!("{signed:06o}\0 ").as_bytes());
        assert!(checksum_holds(header.as_bytes()));
        header.as_mut_bytes()[1] = 1;
        assert!(!checksum_holds(header.as_bytes()));
    }
}
