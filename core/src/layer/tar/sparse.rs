//! Maps of sparse members: which stretches of the file are stored.
//!
//! Source: the GNU tar manual, "Storing Sparse Files" (old GNU format; PAX formats 0.0, 0.1 and 1.0).

use super::{
    header::{is_zero, number},
    pax::decimal,
};

/// A stretch of the file that is stored; all else is zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub offset: u64,
    pub len: u64,
}

/// The `GNU.sparse.*` records of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaxSparse {
    pub name: Option<Vec<u8>>,
    /// `GNU.sparse.size` or `GNU.sparse.realsize`.
    pub logical_size: Option<u64>,
    /// Formats 0.0 and 0.1 have the map in the records.
    pub segments: Option<Vec<Segment>>,
    major: Option<u64>,
    minor: Option<u64>,
    pending_offset: Option<u64>,
}

impl PaxSparse {
    /// Whether the map is at the start of the data.
    pub fn map_in_data(&self) -> bool {
        self.segments.is_none() && (self.major, self.minor) == (Some(1), Some(0))
    }

    pub fn apply(&mut self, field: &[u8], value: &[u8]) -> Result<(), &'static str> {
        let n = || decimal(value).ok_or("the value is no number");
        match field {
            b"name" => self.name = (!value.is_empty()).then(|| value.to_vec()),
            b"size" | b"realsize" => self.logical_size = Some(n()?),
            b"major" => self.major = Some(n()?),
            b"minor" => self.minor = Some(n()?),
            b"offset" => self.pending_offset = Some(n()?),
            b"numbytes" => {
                let offset = self.pending_offset.take().ok_or("a number of bytes comes without its offset")?;
                self.segments.get_or_insert_default().push(Segment { offset, len: n()? });
            }
            b"map" => self.segments = Some(comma_map(value).ok_or("the map is no list of pairs")?),
            _ => {}
        }
        Ok(())
    }
}

fn comma_map(value: &[u8]) -> Option<Vec<Segment>> {
    let numbers: Vec<u64> = value.split(|&b| b == b',').map(decimal).collect::<Option<_>>()?;
    pairs(&numbers)
}

fn pairs(numbers: &[u64]) -> Option<Vec<Segment>> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|&[offset, len]| Segment { offset, len }).collect())
}

/// Adds the pairs of an old GNU header or of a block that follows one: offset and length in twelve bytes each.
pub fn add_old_gnu(segments: &mut Vec<Segment>, area: &[u8]) -> Option<()> {
    for pair in area.as_chunks::<24>().0 {
        if is_zero(pair) {
            break;
        }
        let offset = u64::try_from(number(&pair[..12])?).ok()?;
        let len = u64::try_from(number(&pair[12..])?).ok()?;
        segments.push(Segment { offset, len });
    }
    Some(())
}

/// The map of format 1.0 as its blocks come: the number of pairs, then the pairs, a number a line.
#[derive(Clone, Debug, Default)]
pub struct TextMap {
    text: Vec<u8>,
    lines: usize,
    /// Lines of the whole map, once the first one is there.
    wanted: Option<usize>,
}

impl TextMap {
    /// Bytes that were pushed.
    pub fn bytes(&self) -> u64 {
        self.text.len() as u64
    }

    /// Adds a block; `Ok(Some)` when the map is whole.
    pub fn push(&mut self, block: &[u8]) -> Result<Option<Vec<Segment>>, &'static str> {
        self.text.extend_from_slice(block);
        self.lines += block.iter().filter(|&&b| b == b'\n').count();
        let mut lines = self.text.split(|&b| b == b'\n');
        let number = |line: &[u8]| decimal(line).ok_or("the map holds a line that is no number");
        let first = lines.next().filter(|_| self.lines > 0).ok_or("the map does not begin with a number")?;
        let wanted = match self.wanted {
            Some(wanted) => wanted,
            None => {
                let pairs = usize::try_from(number(first)?).ok();
                let lines = pairs.and_then(|n| n.checked_mul(2)?.checked_add(1)).ok_or("the map is too long")?;
                *self.wanted.insert(lines)
            }
        };
        if self.lines < wanted {
            return Ok(None);
        }
        let numbers: Vec<u64> = lines.take(wanted - 1).map(number).collect::<Result<_, _>>()?;
        Ok(pairs(&numbers))
    }
}

/// Bytes of the file that are not stored. `None` where the map cannot be followed: it must be in order, without
/// overlap, inside the file, and with all its bytes stored.
pub fn holes(segments: &[Segment], logical_size: u64, stored: u64) -> Option<u64> {
    let mut end = 0;
    let mut sum = 0_u64;
    for segment in segments {
        if segment.offset < end {
            return None;
        }
        end = segment.offset.checked_add(segment.len)?;
        sum += segment.len;
    }
    (end <= logical_size && sum <= stored).then(|| logical_size - sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_of_format_1_0_is_a_number_a_line() {
        let mut map = TextMap::default();
        assert_eq!(map.push(b"2\n0\n5\n10"), Ok(None));
        let segments = vec![Segment { offset: 0, len: 5 }, Segment { offset: 1_048_576, len: 5 }];
        assert_eq!(map.push(b"48576\n5\n\0\0\0"), Ok(Some(segments)));
        for (text, problem) in [
            (&b"1\n0\nfive\n"[..], "the map holds a line that is no number"),
            (b"18446744073709551615\n", "the map is too long"),
            (b"\0\0\0", "the map does not begin with a number"),
        ] {
            assert_eq!(TextMap::default().push(text), Err(problem));
        }
    }

    #[test]
    fn a_map_that_overlaps_or_leaves_the_file_cannot_be_followed() {
        let segment = |offset, len| Segment { offset, len };
        assert_eq!(holes(&[segment(0, 5), segment(10, 5), segment(20, 0)], 20, 10), Some(10));
        assert_eq!(holes(&[segment(0, 5)], 1 << 53, 1 << 53), Some((1 << 53) - 5));
        for segments in [&[segment(0, 5), segment(4, 5)][..], &[segment(18, 5)], &[segment(u64::MAX, 5)]] {
            assert_eq!(holes(segments, 20, 10), None);
        }
        assert_eq!(holes(&[segment(0, 11)], 20, 10), None);
    }
}
