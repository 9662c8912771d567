//! Opens archives made in a test, in every way there is.

use std::io::{self, Read};

use layerlab_core::{
    archive::{
        ArchiveKind, ImageArchive, ImageLayer, LayerSource,
        source::{SourceFile, Volumes},
    },
    error::ArchiveError,
    limits::Limits,
};

/// Opens bytes in three ways (at random, with short reads, as a stream of short reads), which must agree.
pub fn open_bytes(bytes: &[u8]) -> Result<ImageArchive, ArchiveError> {
    let (limits, file) = (Limits::default(), SourceFile { name: "x.tar".into(), size: bytes.len() as u64 });
    let opened = ImageArchive::open(&mut &bytes[..], &file, &limits);
    let short = ImageArchive::open(&mut ShortReads { bytes, calls: 0 }, &file, &limits);
    let streamed = ImageArchive::open_stream(ShortStream { bytes, calls: 0 }, "x.tar", &limits);
    for other in [short, streamed] {
        match (&opened, &other) {
            (Ok(opened), Ok(other)) => assert_eq!(format!("{opened:#?}"), format!("{other:#?}")),
            (Err(opened), Err(other)) => assert_eq!(opened.to_string(), other.to_string()),
            (opened, other) => panic!("{opened:?} at once, {other:?} in pieces"),
        }
    }
    opened
}

/// Returns one to seven bytes a call.
#[derive(Debug)]
pub struct ShortReads<'a> {
    pub bytes: &'a [u8],
    pub calls: usize,
}

impl Volumes for ShortReads<'_> {
    fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        let len = buf.len().min(1 + self.calls % 7);
        let mut bytes = self.bytes;
        (&mut bytes).read_at(volume, offset, &mut buf[..len])
    }
}

/// The same as a stream.
#[derive(Debug)]
pub struct ShortStream<'a> {
    pub bytes: &'a [u8],
    pub calls: usize,
}

impl Read for ShortStream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        let len = buf.len().min(1 + self.calls % 7);
        self.bytes.read(&mut buf[..len])
    }
}

/// One line an image: view, nature, tags, layers as `path=blob` or `path!finding`; then the findings of the archive
/// and of the images.
pub fn seen(archive: &ImageArchive) -> (ArchiveKind, Vec<String>, Vec<&'static str>) {
    let layer = |layer: &ImageLayer| match &layer.source {
        LayerSource::Blob(id) => format!("{}={}", layer.path, archive.blobs[id.0 as usize].path),
        LayerSource::Absent(finding) => format!("{}!{}", layer.path, finding.code.as_str()),
    };
    let images = archive.images.iter().map(|image| {
        let layers: Vec<_> = image.layers.iter().map(layer).collect();
        format!("{:?} {:?} {} {}", image.via, image.nature, image.tags.join(","), layers.join(" "))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    });
    let findings = archive.findings.iter().chain(archive.images.iter().flat_map(|image| &image.findings));
    (archive.kind, images.collect(), findings.map(|finding| finding.code.as_str()).collect())
}

#[track_caller]
pub fn assert_seen(bytes: &[u8], kind: ArchiveKind, images: &[&str], findings: &[&str]) -> ImageArchive {
    let archive = open_bytes(bytes).unwrap();
    let images: Vec<_> = images.iter().map(ToString::to_string).collect();
    assert_eq!(seen(&archive), (kind, images, findings.to_vec()));
    archive
}
