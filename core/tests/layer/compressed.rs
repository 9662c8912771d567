//! Compressed layers: members, frames and streams one after the other, what follows them, and damage.

use std::io::{self, Read, Write};

use layerlab_core::{
    digest::{Algorithm, Digest},
    layer::{
        Compression, LayerReading,
        decompress::{Damage, Decompress, Trailing},
    },
    limits::Limits,
};

use crate::{
    build::Tar,
    reading::{Short, assert_entries, assert_findings, job, read, read_with},
};

const ENTRIES: [&str; 2] = ["dir etc", "file etc/hosts 10"];

fn layer() -> Vec<u8> {
    Tar::default().dir("etc/").file("etc/hosts", b"127.0.0.1\n").end()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// With a checksum; ruzstd writes no content size.
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A zstd frame of one raw block, with a content size.
fn zstd_sized(bytes: &[u8], declared: u64) -> Vec<u8> {
    let mut frame = b"\x28\xb5\x2f\xfd\xc0\x38".to_vec();
    frame.extend_from_slice(&declared.to_le_bytes());
    frame.extend_from_slice(&(((bytes.len() as u32) << 3) | 1).to_le_bytes()[..3]);
    frame.extend_from_slice(bytes);
    frame
}

fn skippable(len: u32) -> Vec<u8> {
    let mut frame = b"\x5e\x2a\x4d\x18".to_vec();
    frame.extend_from_slice(&len.to_le_bytes());
    frame.resize(frame.len() + len as usize, 7);
    frame
}

/// "first " and "second", each by `xz --check=crc32`.
pub const XZ: [&[u8]; 2] = [
    b"\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\x01\x00\x05\x66\
      \x69\x72\x73\x74\x20\x00\x00\x00\xfc\x7a\xf1\x1c\x00\x01\x1a\x06\xc5\xea\xc8\x79\x90\x42\x99\x0d\x01\x00\x00\x00\
      \x00\x01\x59\x5a",
    b"\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\x01\x00\x05\x73\
      \x65\x63\x6f\x6e\x64\x00\x00\x00\x69\x11\x1f\xb6\x00\x01\x1a\x06\xc5\xea\xc8\x79\x90\x42\x99\x0d\x01\x00\x00\x00\
      \x00\x01\x59\x5a",
];

#[track_caller]
fn assert_digests(reading: &LayerReading, stored: &[u8], tar: &[u8]) {
    assert_eq!(reading.summary.blob_digest, Digest::sha256(stored));
    assert_eq!(reading.summary.diff_id.0, Digest::sha256(tar));
    assert_eq!((reading.summary.blob_size, reading.summary.tar_size), (stored.len() as u64, tar.len() as u64));
}

#[test]
fn every_compression_is_told_by_its_first_bytes() {
    for (stored, compression) in [
        (gzip(&layer()), Compression::Gzip),
        (zstd(&layer()), Compression::Zstd),
        (bzip2(&layer()), Compression::Bzip2),
        (layer(), Compression::None),
    ] {
        let reading = read(&stored);
        assert_eq!(reading.summary.compression, compression);
        assert_entries(&reading, &ENTRIES);
        assert_findings(&reading, &[]);
        assert_digests(&reading, &stored, &layer());
    }
}

#[test]
fn a_tar_whose_first_name_looks_like_bzip2_is_a_tar() {
    assert_eq!(read(&Tar::default().file("BZh91/readme", b"").end()).summary.compression, Compression::None);
}

/// As estargz and pigz write them.
#[test]
fn a_layer_of_several_members_is_read_to_its_end() {
    let tar = layer();
    let (a, b) = tar.split_at(700);
    for stored in [
        [gzip(a), gzip(b""), gzip(b)].concat(),
        [bzip2(a), bzip2(b)].concat(),
        [skippable(0), zstd(a), skippable(9), zstd(b""), zstd_sized(b, b.len() as u64), skippable(300_000)].concat(),
    ] {
        let reading = read(&stored);
        assert_entries(&reading, &ENTRIES);
        assert_findings(&reading, &[]);
        assert_digests(&reading, &stored, &tar);
    }
}

#[test]
fn xz_streams_may_be_padded_and_follow_each_other() {
    let stored = [XZ[0], &[0; 8], XZ[1], &[0; 4]].concat();
    let (text, trailing) = decompress(&stored, &Limits::default()).unwrap();
    assert_eq!(text, b"first second");
    assert_eq!(trailing, Some(Trailing::Zeros { offset: stored.len() as u64 - 4, len: 4 }));
}

#[test]
fn zeros_after_the_stream_are_padding_and_anything_else_is_garbage() {
    for whole in [gzip(&layer()), zstd(&layer()), bzip2(&layer())] {
        for (tail, severity) in
            [(vec![0; 512], "note"), (b"garbage".to_vec(), "warning"), (b"\0\x1f\x8b".to_vec(), "warning")]
        {
            let stored = [whole.as_slice(), &tail].concat();
            let reading = read(&stored);
            assert_entries(&reading, &ENTRIES);
            assert_findings(&reading, &[&format!("{severity} compressed-trailing-data at {}", whole.len())]);
            assert_digests(&reading, &stored, &layer());
        }
    }
}

#[test]
fn a_stream_cut_short_keeps_what_came_out() {
    // Incompressible, so that half of the stream holds whole entries.
    let noise: Vec<u8> = (0_u32..40_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let tar = Tar::default().file("a", &noise[..100]).file("b", &noise).end();
    for whole in [gzip(&tar), zstd(&tar)] {
        let stored = &whole[..whole.len() - 40];
        let reading = read(stored);
        let codes: Vec<&str> = reading.summary.findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, ["layer-damaged"]);
        assert!(reading.summary.findings[0].message.contains("it is cut short"), "{:?}", reading.summary.findings);
        assert_eq!(reading.summary.blob_digest, Digest::sha256(stored));
    }
}

#[test]
fn damage_says_where_and_the_rest_is_still_hashed() {
    let mut stored = [gzip(&layer()), gzip(b"more")].concat();
    let crc = gzip(&layer()).len() - 8;
    stored[crc] ^= 1;
    let reading = read(&stored);
    assert_entries(&reading, &ENTRIES);
    assert_findings(&reading, &[&format!("error layer-damaged at {}", crc + 8)]);
    assert_digests(&reading, &stored, &layer());
}

#[test]
fn a_zstd_checksum_is_verified() {
    let mut stored = zstd(&layer());
    *stored.last_mut().unwrap() ^= 1;
    let reading = read(&stored);
    assert_findings(&reading, &[&format!("error layer-damaged at {}", stored.len())]);
    assert!(reading.summary.findings[0].message.contains("it declares the checksum"));
}

#[test]
fn a_zstd_frame_holds_as_many_bytes_as_it_says() {
    let tar = layer();
    for declared in [tar.len() as u64 - 1, tar.len() as u64 + 1, 1 << 50] {
        let reading = read(&zstd_sized(&tar, declared));
        let expected = format!("it declares {declared} bytes and holds {}", tar.len());
        assert!(reading.summary.findings[0].message.contains(&expected), "{:?}", reading.summary.findings);
    }
}

#[test]
fn a_zstd_frame_may_need_what_is_not_given() {
    for (frame, words) in [
        (&b"\x28\xb5\x2f\xfd\x01\x58\x4d\x01\x00\x00"[..], "it was made with dictionary 77, which is not part of it"),
        (
            b"\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00",
            "it asks for a window of 1073741824 bytes, and 134217728 are the bound",
        ),
    ] {
        let reading = read(frame);
        assert_eq!(reading.summary.findings.len(), 1);
        assert!(reading.summary.findings[0].message.contains(words), "{:?}", reading.summary.findings);
    }
}

#[test]
fn a_bomb_is_stopped_at_the_bounds() {
    let tar = Tar::default().file("zeros", &vec![0; 3 << 20]).end();
    let job = job(Algorithm::Sha256, Algorithm::Sha256);
    for limits in [
        Limits { decompressed_bytes: 1 << 20, ..Limits::default() },
        Limits { decompressed_ratio: 100, ratio_grace_bytes: 1 << 20, ..Limits::default() },
    ] {
        let stored = gzip(&tar);
        let reading = read_with(&stored, &job, &limits);
        assert_entries(&reading, &[]);
        assert_eq!(reading.summary.findings[0].code.as_str(), "limit-reached");
        assert_eq!(reading.summary.blob_digest, Digest::sha256(&stored));
    }
}

#[test]
fn an_error_of_the_source_is_no_damage() {
    struct Gone<'a>(&'a [u8]);
    impl Read for Gone<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            match self.0.read(out)? {
                0 => Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is gone")),
                read => Ok(read),
            }
        }
    }
    for whole in [gzip(&layer()), zstd(&layer()), bzip2(&layer()), layer(), XZ[0].to_vec()] {
        for cut in [0, 3, whole.len() / 2, whole.len()] {
            let mut stream = match Decompress::new(Gone(&whole[..cut]), &Limits::default()) {
                Ok(stream) => stream,
                Err(error) => {
                    assert_eq!(error.to_string(), "the file is gone");
                    continue;
                }
            };
            let error = io::copy(&mut stream, &mut io::sink()).and_then(|_| stream.drain()).unwrap_err();
            assert!(Damage::of(&error).is_none());
            assert_eq!(error.to_string(), "the file is gone");
        }
    }
}

/// The whole text and what followed it, read seven bytes at a time.
fn decompress(stored: &[u8], limits: &Limits) -> io::Result<(Vec<u8>, Option<Trailing>)> {
    let mut stream = Decompress::new(Short { bytes: stored, longest: 7 }, limits)?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text)?;
    let trailing = stream.drain()?;
    Ok((text, trailing))
}
