//! The bytes of a file, shared between its copies.

use std::sync::Arc;

use crate::layer::changeset::ContentHash;

/// The bytes of a regular file as a list of extents. A copy costs a few pointers, and a hole of a terabyte costs
/// nothing; [`Content::bytes`] gives the bytes where they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    extents: Vec<Extent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Extent {
    Bytes {
        all: Arc<[u8]>,
        start: usize,
        len: usize,
    },
    Zeros {
        len: u64,
    },
    /// A part of a file of an image that was read but whose bytes were not kept.
    NotKept {
        hash: ContentHash,
        start: u64,
        len: u64,
    },
}

impl Content {
    /// `len` zero bytes.
    pub fn zeros(len: u64) -> Self {
        Self::of(Extent::Zeros { len })
    }

    /// A file whose bytes are known only by size and hash.
    pub fn not_kept(hash: ContentHash, size: u64) -> Self {
        Self::of(Extent::NotKept { hash, start: 0, len: size })
    }

    pub fn len(&self) -> u64 {
        self.extents.iter().map(Extent::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes; `None` where they were not kept, or are more than `limit`.
    pub fn bytes(&self, limit: u64) -> Option<Vec<u8>> {
        if self.len() > limit {
            return None;
        }
        let mut out = Vec::with_capacity(self.len() as usize);
        for extent in &self.extents {
            match extent {
                Extent::Bytes { all, start, len } => out.extend_from_slice(&all[*start..start + len]),
                Extent::Zeros { len } => out.resize(out.len() + *len as usize, 0),
                Extent::NotKept { .. } => return None,
            }
        }
        Some(out)
    }

    /// Whether both have the same bytes, as far as that is known here: parts that were not kept must be the same parts.
    pub fn is_same(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        let mut at = 0;
        while at < self.len() {
            // Both lists are walked in pieces that end where either of their extents does.
            let (Some(a), Some(b)) = (self.extent_from(at), other.extent_from(at)) else { return false };
            let len = a.len().min(b.len());
            if !a.part(0, len).is_same(&b.part(0, len)) {
                return false;
            }
            at += len;
        }
        true
    }

    /// Cut or filled with zeros to `len`.
    pub fn resized(&self, len: u64) -> Self {
        let mut out = self.slice(0, len);
        let missing = len - out.len();
        if missing > 0 {
            out.extents.push(Extent::Zeros { len: missing });
        }
        out
    }

    /// `data` written over the bytes at `offset`, the gap before it filled with zeros.
    pub fn written(&self, offset: u64, data: &[u8]) -> Self {
        if data.is_empty() {
            return self.clone();
        }
        let mut out = self.resized(offset);
        out.extents.push(Extent::Bytes { all: data.into(), start: 0, len: data.len() });
        let end = offset + data.len() as u64;
        out.extents.extend(self.slice(end, self.len().saturating_sub(end)).extents);
        out
    }

    fn of(extent: Extent) -> Self {
        Self { extents: if extent.len() == 0 { Vec::new() } else { vec![extent] } }
    }

    /// The rest of the extent that holds the byte at `offset`.
    fn extent_from(&self, offset: u64) -> Option<Extent> {
        let mut at = 0;
        for extent in &self.extents {
            if offset < at + extent.len() {
                return Some(extent.part(offset - at, at + extent.len() - offset));
            }
            at += extent.len();
        }
        None
    }

    fn slice(&self, start: u64, len: u64) -> Self {
        let end = start.saturating_add(len);
        let mut at = 0;
        let mut extents = Vec::new();
        for extent in &self.extents {
            let (from, to) = (start.max(at), end.min(at + extent.len()));
            if from < to {
                extents.push(extent.part(from - at, to - from));
            }
            at += extent.len();
        }
        Self { extents }
    }
}

impl From<&[u8]> for Content {
    fn from(bytes: &[u8]) -> Self {
        Self::of(Extent::Bytes { all: bytes.into(), start: 0, len: bytes.len() })
    }
}

impl Extent {
    fn len(&self) -> u64 {
        match *self {
            Self::Bytes { len, .. } => len as u64,
            Self::Zeros { len } | Self::NotKept { len, .. } => len,
        }
    }

    /// For two extents of the same length.
    fn is_same(&self, other: &Self) -> bool {
        let zeros = |bytes: &[u8]| bytes.iter().all(|&b| b == 0);
        match (self, other) {
            (Self::Bytes { all: a, start: i, len }, Self::Bytes { all: b, start: j, .. }) => {
                a[*i..i + len] == b[*j..j + len]
            }
            (Self::Bytes { all, start, len }, Self::Zeros { .. })
            | (Self::Zeros { .. }, Self::Bytes { all, start, len }) => zeros(&all[*start..start + len]),
            (a, b) => a == b,
        }
    }

    fn part(&self, from: u64, part_len: u64) -> Self {
        match self {
            Self::Bytes { all, start, .. } => {
                Self::Bytes { all: all.clone(), start: start + from as usize, len: part_len as usize }
            }
            Self::Zeros { .. } => Self::Zeros { len: part_len },
            Self::NotKept { hash, start, .. } => Self::NotKept { hash: *hash, start: start + from, len: part_len },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_land_where_pwrite_puts_them() {
        let file = Content::from(&b"0123456789"[..]);
        for (offset, data, expected) in [
            (0, "ab", &b"ab23456789"[..]),
            (4, "ab", b"0123ab6789"),
            (9, "ab", b"012345678ab"),
            (12, "ab", b"0123456789\0\0ab"),
            (3, "", b"0123456789"),
        ] {
            let written = file.written(offset, data.as_bytes());
            assert_eq!(written.bytes(100).unwrap(), expected);
            assert_eq!(written.len(), expected.len() as u64);
        }
        assert_eq!(file.written(2, b"xy").resized(5).bytes(9).unwrap(), b"01xy4");
        assert_eq!(file.resized(12).bytes(99).unwrap(), b"0123456789\0\0");
    }

    #[test]
    fn a_hole_of_a_terabyte_costs_nothing_and_is_not_built() {
        let file = Content::default().resized(1 << 40).written(1 << 39, b"x");
        assert_eq!((file.len(), file.bytes(1 << 20)), (1 << 40, None));
    }

    #[test]
    fn bytes_are_compared_and_not_extents() {
        let a = Content::from(&b"01\x00\x00\x00\x0056"[..]);
        let b = Content::from(&b"0x"[..]).written(1, b"1").resized(6).written(6, b"5").written(7, b"6");
        assert!(a.is_same(&b));
        assert!(!a.is_same(&b.written(3, b"x")));
        assert!(!a.is_same(&b.resized(7)));
        assert!(!Content::not_kept(ContentHash([1, 2]), 7).is_same(&Content::not_kept(ContentHash([1, 3]), 7)));
    }

    #[test]
    fn a_file_that_was_not_kept_can_be_cut_and_written_but_not_read() {
        let file = Content::not_kept(ContentHash([1, 2]), 10);
        assert_eq!(file.bytes(100), None);
        assert_eq!(file.written(0, b"0123456789").bytes(100).unwrap(), b"0123456789");
        assert_eq!(file.resized(0).bytes(0).unwrap(), b"");
    }
}
