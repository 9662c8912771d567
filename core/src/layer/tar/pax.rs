//! PAX extension records: `"%d %s=%s\n"`, length, keyword, value.
//!
//! Sources: POSIX.1-2001 ("pax Extended Header"), the GNU tar manual ("Sparse Formats"), star(5) for `SCHILY.xattr`.

use super::sparse::PaxSparse;
use crate::layer::changeset::Xattr;

/// What the records of one member (or the global ones) say. Of a keyword that comes twice the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaxExtensions {
    pub path: Option<Vec<u8>>,
    pub link_path: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub uid: Option<u64>,
    pub gid: Option<u64>,
    /// Seconds and nanoseconds.
    pub mtime: Option<(i64, u32)>,
    /// Sorted by name, each name once, when they are settled.
    pub xattrs: Vec<Xattr>,
    pub sparse: PaxSparse,
}

/// The first record that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Offset in the record area.
    pub at: usize,
    pub keyword: Vec<u8>,
    pub problem: &'static str,
}

impl PaxExtensions {
    /// Adds the records of one extension header; [`PaxExtensions::settle`] ends the adding. A bad value is left out and the rest read; where the framing is
    /// bad nothing after it can be read. The first problem is returned.
    pub fn read(&mut self, mut records: &[u8]) -> Option<Malformed> {
        let whole = records.len();
        let mut first = None;
        while records.first().is_some_and(|&b| b != 0) {
            let at = whole - records.len();
            let problem = match split_record(records) {
                Ok((keyword, value, rest)) => {
                    records = rest;
                    let problem = self.apply(keyword, value).err();
                    problem.map(|problem| Malformed { at, keyword: keyword.to_vec(), problem })
                }
                Err(problem) => {
                    records = &[];
                    Some(Malformed { at, keyword: Vec::new(), problem })
                }
            };
            first = first.or(problem);
        }
        first
    }

    /// Orders the attributes and leaves the last one of each name. Once for a member and not for each of its headers,
    /// of which a hostile tar may have thousands.
    pub fn settle(&mut self) {
        // The sort is stable, so of one name the last is the one that was written last.
        self.xattrs.sort_by(|a, b| a.name.cmp(&b.name));
        self.xattrs.reverse();
        self.xattrs.dedup_by(|a, b| a.name == b.name);
        self.xattrs.reverse();
    }

    fn apply(&mut self, keyword: &[u8], value: &[u8]) -> Result<(), &'static str> {
        match keyword {
            // An empty value takes back what an earlier record said; for extended attributes it is a value.
            b"path" => self.path = (!value.is_empty()).then(|| value.to_vec()),
            b"linkpath" => self.link_path = (!value.is_empty()).then(|| value.to_vec()),
            b"size" => self.size = optional(value, decimal)?,
            b"uid" => self.uid = optional(value, decimal)?,
            b"gid" => self.gid = optional(value, decimal)?,
            b"mtime" => self.mtime = optional(value, time)?,
            _ => {
                if let Some(name) = keyword.strip_prefix(b"SCHILY.xattr.") {
                    self.xattrs.push(Xattr { name: name.into(), value: value.into() });
                } else if let Some(name) = keyword.strip_prefix(b"LIBARCHIVE.xattr.") {
                    let value = base64(value).ok_or("the value is not base64")?;
                    self.xattrs.push(Xattr { name: percent_decoded(name).into(), value: value.into() });
                } else if let Some(field) = keyword.strip_prefix(b"GNU.sparse.") {
                    self.sparse.apply(field, value)?;
                }
            }
        }
        Ok(())
    }
}

/// Keyword, value, and the records that follow.
type Record<'a> = (&'a [u8], &'a [u8], &'a [u8]);

fn split_record(records: &[u8]) -> Result<Record<'_>, &'static str> {
    let blank = records.iter().take(20).position(|&b| b == b' ').ok_or("the record has no length")?;
    let len = decimal(&records[..blank]).ok_or("the record's length is no number")?;
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    if len <= blank + 1 {
        return Err("the record's length is too small");
    }
    let (record, rest) = records.split_at_checked(len).ok_or("the record is longer than the extension")?;
    let record = record[blank + 1..].strip_suffix(b"\n").ok_or("the record does not end its line")?;
    let equals = record.iter().position(|&b| b == b'=').ok_or("the record has no equals sign")?;
    if equals == 0 {
        return Err("the record has no keyword");
    }
    Ok((&record[..equals], &record[equals + 1..], rest))
}

fn optional<T>(value: &[u8], parse: impl Fn(&[u8]) -> Option<T>) -> Result<Option<T>, &'static str> {
    if value.is_empty() { Ok(None) } else { parse(value).map(Some).ok_or("the value is no number") }
}

/// Decimal digits only: `1e3`, `+1` and ` 1` are numbers to some readers and not to others.
pub fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |n, &digit| match digit {
        b'0'..=b'9' => n.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// Seconds with an optional fraction, to the nanosecond; the nanoseconds count forward also before the epoch.
fn time(value: &[u8]) -> Option<(i64, u32)> {
    let (negative, value) = match value.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let (seconds, fraction) = match value.iter().position(|&b| b == b'.') {
        Some(dot) => (&value[..dot], &value[dot + 1..]),
        None => (value, &[][..]),
    };
    let seconds = i64::try_from(if seconds.is_empty() { 0 } else { decimal(seconds)? }).ok()?;
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.fold(0_u32, |n, digit| n * 10 + u32::from(digit - b'0'));
    match (negative, nanos) {
        (false, nanos) => Some((seconds, nanos)),
        (true, 0) => Some((-seconds, 0)),
        (true, nanos) => Some((-seconds - 1, 1_000_000_000 - nanos)),
    }
}

/// libarchive writes base64 without padding; padding is accepted.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii_end();
    let text = &text[..text.len() - text.iter().rev().take_while(|&&b| b == b'=').count().min(2)];
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        if group.len() == 1 {
            return None;
        }
        let mut bits = 0_u32;
        for i in 0..4 {
            bits = bits << 6 | group.get(i).map_or(Some(0), |&c| base64_digit(c))?;
        }
        out.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(out)
}

fn base64_digit(c: u8) -> Option<u32> {
    Some(u32::from(match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

fn percent_decoded(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut at = 0;
    while at < name.len() {
        let hex = |i: usize| name.get(i).and_then(|&b| (b as char).to_digit(16));
        match (name[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(records: &[u8]) -> (PaxExtensions, Option<Malformed>) {
        let mut extensions = PaxExtensions::default();
        let problem = extensions.read(records);
        extensions.settle();
        (extensions, problem)
    }

    /// Records with their lengths, which count their own digits.
    fn records(pairs: &[(&str, &str)]) -> Vec<u8> {
        let record = |&(keyword, value): &(&str, &str)| {
            let rest = keyword.len() + value.len() + 3;
            let len = rest + (rest + 1).to_string().len();
            format!("{len} {keyword}={value}\n")
        };
        pairs.iter().map(record).collect::<String>().into_bytes()
    }

    #[test]
    fn of_a_keyword_that_comes_twice_the_last_counts() {
        let pairs = [("path", "one"), ("SCHILY.xattr.a", "1"), ("SCHILY.xattr.a", "2"), ("path", "two")];
        let (extensions, problem) = read(&records(&pairs));
        assert_eq!(problem, None);
        assert_eq!(extensions.path.as_deref(), Some(&b"two"[..]));
        assert_eq!(extensions.xattrs, [Xattr { name: (*b"a").into(), value: (*b"2").into() }]);
    }

    #[test]
    fn an_empty_value_takes_back_a_path_and_is_the_value_of_an_attribute() {
        let pairs = [("path", "one"), ("path", ""), ("SCHILY.xattr.user.overlay.origin", "")];
        let (extensions, problem) = read(&records(&pairs));
        assert_eq!(problem, None);
        assert_eq!(extensions.path, None);
        assert_eq!(&*extensions.xattrs[0].value, b"");
    }

    #[test]
    fn malformed_records_say_why_and_keep_what_was_read_before() {
        for (records, problem) in [
            (&b"9 path=a\n0 path=b\n"[..], "the record's length is too small"),
            (b"9 path=a\n99 path=b\n", "the record is longer than the extension"),
            (b"9 path=a\n9 path=bb", "the record does not end its line"),
            (b"9 path=a\n7 path\n", "the record has no equals sign"),
            (b"9 path=a\n5 =b\n", "the record has no keyword"),
            (b"9 path=a\nx path=b\n", "the record's length is no number"),
            (b"9 path=a\n12 size=1e3\n", "the value is no number"),
            (b"9 path=a\n18446744073709551616 path=b\n", "the record has no length"),
        ] {
            let (extensions, found) = read(records);
            assert_eq!(found.map(|p| p.problem), Some(problem), "{}", crate::display::harmless(records));
            assert_eq!(extensions.path.as_deref(), Some(&b"a"[..]));
        }
    }

    #[test]
    fn times_have_fractions_and_may_lie_before_the_epoch() {
        for (text, expected) in [
            ("1700000000", Some((1_700_000_000, 0))),
            ("1.5", Some((1, 500_000_000))),
            ("1.0000000019", Some((1, 1))),
            ("-1.25", Some((-2, 750_000_000))),
            ("-1", Some((-1, 0))),
            ("1.x", None),
            ("1e3", None),
        ] {
            assert_eq!(time(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn libarchive_writes_names_in_percent_and_values_in_base64() {
        let (extensions, _) = read(b"38 LIBARCHIVE.xattr.user.a%3Db=AAECAw\n");
        assert_eq!(&*extensions.xattrs[0].name, b"user.a=b");
        assert_eq!(&*extensions.xattrs[0].value, [0, 1, 2, 3]);
    }
}
