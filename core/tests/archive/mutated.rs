//! Any bytes at all: no panic, and the same answer from a seekable file and from a stream.

use layerlab_core::{
    archive::{ImageArchive, source::SourceFile},
    error::ArchiveError,
    limits::Limits,
};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    build::{Tar, config, descriptor, layer},
    open::{ShortReads, ShortStream},
};

/// An archive with both views, links, long names and a nested index.
fn whole() -> Vec<u8> {
    let a = layer("a");
    let config = config(&[&a, &a]);
    let manifest = json!({
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [
            descriptor("application/vnd.oci.image.layer.v1.tar", &a),
            descriptor("application/vnd.oci.image.layer.v1.tar", &a),
        ],
    })
    .to_string();
    let index =
        json!({ "manifests": [descriptor("application/vnd.oci.image.manifest.v1+json", &manifest)] }).to_string();
    let list = json!({ "manifests": [descriptor("application/vnd.oci.image.index.v1+json", &index)] }).to_string();
    let (tar, _) = Tar::new().file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#).blob(&a);
    let (tar, _) = tar.blob(&config);
    let (tar, _) = tar.blob(&manifest);
    let (tar, _) = tar.blob(&index);
    tar.pax(tar::EntryType::XHeader, &[("path", "1/layer.tar"), ("size", &a.len().to_string())])
        .file("short", &a)
        .symlink("2/layer.tar", "../1/layer.tar")
        .file("c.json", &config)
        .file("manifest.json", r#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["1/layer.tar","2/layer.tar"]}]"#)
        .file("index.json", list)
        .bytes()
}

/// Makes the sums of all headers right again, so that what was changed in them is believed.
fn with_sums(mut bytes: Vec<u8>) -> Vec<u8> {
    for block in bytes.chunks_exact_mut(512).filter(|block| &block[257..262] == b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    bytes
}

fn answer(opened: &Result<ImageArchive, ArchiveError>) -> Option<(usize, usize)> {
    opened.as_ref().ok().map(|archive| (archive.images.len(), archive.blobs.len()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_break_the_reader(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
        sums in any::<bool>(),
    ) {
        let mut bytes = whole();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if sums {
            bytes = with_sums(bytes);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let limits = Limits { document_bytes: 1 << 20, ..Limits::default() };
        let file = SourceFile { name: "x.tar".into(), size: bytes.len() as u64 };
        let at_random = ImageArchive::open(&mut ShortReads { bytes: &bytes, calls: 0 }, &file, &limits);
        let streamed = ImageArchive::open_stream(ShortStream { bytes: &bytes, calls: 0 }, "x.tar", &limits);
        prop_assert_eq!(answer(&at_random), answer(&streamed));
    }
}

#[test]
fn untouched_it_is_whole() {
    let bytes = with_sums(whole());
    let opened = crate::open::open_bytes(&bytes);
    assert_eq!(answer(&opened), Some((2, 2)));
}
