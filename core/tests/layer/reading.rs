//! Reads a layer in every way at once, and says what was read in words.

use std::io::{self, Read};

use layerlab_core::{
    archive::{LayerBlob, Location},
    digest::Algorithm,
    layer::{
        LayerReading,
        changeset::{Changeset, ContentKey, Entry, EntryKind, Whiteout},
        read::read_layer,
    },
    limits::Limits,
};
use serde_json::json;

const KEY: ContentKey = ContentKey([1, 2, 3, 4]);

/// Layers above this are read in long steps only.
const SHORT_READS_UP_TO: usize = 256 << 10;

/// Reads a layer's bytes whole, one byte at a time and one to seven bytes at a time: all must tell the same.
pub fn read(bytes: &[u8]) -> LayerReading {
    read_with(bytes, &job(Algorithm::Sha256, Algorithm::Sha256), &Limits::default())
}

pub fn read_with(bytes: &[u8], job: &LayerBlob, limits: &Limits) -> LayerReading {
    let mut read = 0;
    let whole = read_layer(&mut &*bytes, job, KEY, limits, &mut |now| read = now).unwrap();
    assert_eq!(read, bytes.len() as u64, "all stored bytes are read");
    for longest in if bytes.len() < SHORT_READS_UP_TO { [1, 7].as_slice() } else { &[] } {
        let short = read_layer(&mut Short { bytes, longest: *longest }, job, KEY, limits, &mut |_| {}).unwrap();
        assert_eq!(short.summary, whole.summary, "reads of up to {longest} bytes");
        assert_eq!(short.changeset.encode(), whole.changeset.encode());
    }
    whole
}

pub fn job(blob_algorithm: Algorithm, diff_id_algorithm: Algorithm) -> LayerBlob {
    let location = Location { volume: 0, offset: 0, size: 0 };
    LayerBlob { location, path: "layer.tar".into(), blob_algorithm, diff_id_algorithm, expect_tar: true }
}

/// A source that gives few bytes at a time.
pub struct Short<'a> {
    pub bytes: &'a [u8],
    pub longest: usize,
}

impl Read for Short<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(1 + self.bytes.len() % self.longest);
        self.bytes.read(&mut out[..len])
    }
}

/// Asserts what entries the layer has, in the order of the tar.
#[track_caller]
pub fn assert_entries(reading: &LayerReading, expected: &[&str]) {
    let changeset = &reading.changeset;
    let entries: Vec<String> = changeset.entries.iter().map(|entry| describe(changeset, entry)).collect();
    assert_eq!(entries, expected, "{:#?}", reading.summary.findings);
}

/// Asserts the findings: severity, code, and the offset where there is one.
#[track_caller]
pub fn assert_findings(reading: &LayerReading, expected: &[&str]) {
    let findings = reading.summary.findings.iter().map(|finding| {
        let severity = json!(finding.severity);
        let offset = finding.offset.map_or(String::new(), |offset| format!(" at {offset}"));
        format!("{} {}{offset}", severity.as_str().unwrap(), finding.code.as_str())
    });
    assert_eq!(findings.collect::<Vec<_>>(), expected, "{:#?}", reading.summary.findings);
}

fn describe(changeset: &Changeset, entry: &Entry) -> String {
    let path = changeset.paths.display(entry.path);
    match entry.kind {
        EntryKind::File { .. } => format!("file {path} {}", entry.size),
        EntryKind::Directory => format!("dir {path}"),
        EntryKind::Symlink { target } => {
            format!("symlink {path} -> {}", String::from_utf8_lossy(changeset.target(target)))
        }
        EntryKind::HardLink { target } => format!("hardlink {path} => {}", changeset.paths.display(target)),
        EntryKind::CharDevice(device) => format!("char {path} {}:{}", device.major, device.minor),
        EntryKind::BlockDevice(device) => format!("block {path} {}:{}", device.major, device.minor),
        EntryKind::Fifo => format!("fifo {path}"),
        EntryKind::Other(flag) => format!("other({}) {path}", flag as char),
        EntryKind::Whiteout(Whiteout::Explicit) => format!("whiteout {path}"),
        EntryKind::Whiteout(Whiteout::Opaque) => format!("opaque {path}"),
        EntryKind::Whiteout(Whiteout::Bare) => format!("bare {path}"),
    }
}
