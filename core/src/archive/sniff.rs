//! What bytes are, by the bytes alone: names and media types lie.

use super::Outer;
use crate::{
    error::Seems,
    layer::{
        Compression,
        tar::header::{BLOCK, Header, is_zero},
    },
};

/// Bytes from the start of a file that are enough for every question here.
pub const SNIFF_LEN: usize = 4 << 10;

/// The compression around the whole file, by its first bytes.
pub fn outer(start: &[u8]) -> Outer {
    match Compression::sniff(start) {
        Compression::None => Outer::None,
        Compression::Gzip => Outer::Gzip,
        Compression::Zstd => Outer::Zstd,
        Compression::Xz => Outer::Xz,
        Compression::Bzip2 => Outer::Bzip2,
    }
}

/// Whether a tar begins here: a header with a sum that holds. Magic alone is not asked for, since the tars of the
/// seventh edition have none.
pub fn is_tar(start: &[u8]) -> bool {
    start.first_chunk::<BLOCK>().map(Header).is_some_and(|header| !header.is_zero() && header.checksum_ok())
}

/// What a file that is no image archive seems to be; `start` are its first bytes, at most [`SNIFF_LEN`] needed.
pub fn seems(start: &[u8]) -> Seems {
    let compression = Compression::sniff(start);
    if compression != Compression::None {
        return Seems::Compressed(compression.as_str());
    }
    match start {
        [] => Seems::Empty,
        [0x89, b'P', b'N', b'G', ..] => Seems::Image("PNG"),
        [0xff, 0xd8, 0xff, ..] => Seems::Image("JPEG"),
        [b'G', b'I', b'F', b'8', ..] => Seems::Image("GIF"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Seems::Image("WebP"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Seems::Zip,
        [b'%', b'P', b'D', b'F', ..] => Seems::Pdf,
        [0x7f, b'E', b'L', b'F', ..] | [b'M', b'Z', ..] => Seems::Executable,
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => Seems::Executable,
        _ if start.get(257..262) == Some(b"ustar") => Seems::DamagedTar,
        _ if is_zero(start) => Seems::Zeros,
        _ => text(start),
    }
}

fn text(start: &[u8]) -> Seems {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    // The last character may be cut.
    let valid = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or(""),
        Err(_) => return Seems::Unknown,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\x0c' | '\x1b');
    if valid.is_empty() || !valid.chars().all(is_text) {
        return Seems::Unknown;
    }
    let trimmed = valid.trim_start();
    let table = trimmed.starts_with("IMAGE ") && trimmed.contains("CREATED BY");
    let lines = trimmed.contains("\"CreatedBy\"") && trimmed.contains("\"CreatedSince\"");
    let engine = trimmed.starts_with('[') && trimmed.contains("\"CreatedBy\"") && trimmed.contains("\"Comment\"");
    if table || lines || engine {
        Seems::DockerHistory
    } else if trimmed.starts_with(['{', '[']) {
        Seems::Json
    } else {
        Seems::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outer_compression_is_told_by_magic() {
        for (start, expected) in [
            (&b"\x1f\x8b\x08"[..], Outer::Gzip),
            (b"\x28\xb5\x2f\xfd\0", Outer::Zstd),
            (b"\x50\x2a\x4d\x18\x04\0\0\0", Outer::Zstd),
            (b"\x5f\x2a\x4d\x18\x04\0\0\0", Outer::Zstd),
            (b"\xfd7zXZ\0\0", Outer::Xz),
            (b"BZh91AY&SY", Outer::Bzip2),
            (b"BZh9.txt", Outer::None),
            (b"manifest.json", Outer::None),
            (b"", Outer::None),
        ] {
            assert_eq!(outer(start), expected, "{start:?}");
        }
    }

    #[test]
    fn what_is_no_archive_has_a_name() {
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_cksum();
        assert!(is_tar(header.as_bytes()));
        header.as_mut_bytes()[3] = b'x';
        for (start, seems_to_be) in [
            (&b""[..], "an empty file"),
            (&[0; 600], "zeros only"),
            (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
            (b"PK\x03\x04", "a zip archive"),
            (b"\x7fELF\x02", "an executable program"),
            (b"\x1f\x8b\x08", "a gzip stream that holds no tar archive"),
            (header.as_bytes(), "a damaged tar archive"),
            (b"Dear reader,\n\xe2\x80", "a text file"),
            (b" {\"a\": 1}", "a JSON document"),
            (b"{\"Comment\":\"\",\"CreatedBy\":\"RUN\",\"CreatedSince\":\"1 day\"}", "the output of docker history"),
            (b"IMAGE          CREATED        CREATED BY    SIZE", "the output of docker history"),
            (b"\x01\x02\xff", "binary data of no kind known here"),
        ] {
            assert_eq!(seems(start).to_string(), seems_to_be);
        }
    }
}
