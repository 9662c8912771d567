//! Hostile and odd archives, each by its name: what listing an archive makes of it. What is wrong inside layers, and
//! digests that do not match, are found later.
//!
//! The archives are no part of the project; without them this prints a line and passes.

use std::fs;

use layerlab_core::{
    archive::{ImageArchive, LayerSource},
    finding::Severity,
};
use serde_json::Value;

use crate::{
    common::{images_folder, open_path},
    open::open_bytes,
};

/// Refused, with a part of the sentence.
const REFUSED: &[(&str, &str)] = &[
    ("truncated-tail.tar", "manifest.json cannot be understood: the archive ends inside it"),
    ("image.tar.gz", "a gzip stream"),
    ("truncated.tar.gz", "a gzip stream"),
    ("zeros-512.tar", "zeros only"),
    ("png.tar", "a PNG picture"),
    ("text.tar", "a text file"),
    ("random.tar", "binary data of no kind known here"),
    ("bad-checksum.tar", "a damaged tar archive"),
    ("json-empty.tar", "manifest.json cannot be understood: it is no valid JSON"),
    ("json-object.tar", "it is an object without a config, layers or manifests"),
    ("json-string.tar", "it is a text where a list is expected"),
    ("json-items-null.tar", "None of the 4 images that manifest.json lists can be opened. Element 0 of"),
    ("json-deep-100k.tar", "it is nested more than 100 levels deep (at byte 100)"),
    (
        "oci-missing-manifest.tar",
        "The only image that index.json lists cannot be opened. The manifest blobs/sha256/aaaa",
    ),
    ("oci-index-cycle.tar", "contains itself"),
    ("oci-empty-index.tar", "index.json lists no image"),
];

/// Opened, with these warnings and errors.
const COMPLAINED_OF: &[(&str, &[&str])] = &[
    ("truncated-in-layer.tar", &["archive-truncated"]),
    ("diffids-none.tar", &["diff-ids-missing"]),
    ("missing-layer.tar", &["diff-ids-count", "history-mismatch", "layer-absent"]),
    ("layer-is-manifest.tar", &["diff-ids-count", "history-mismatch", "layer-absent"]),
    ("layer-traversal-path.tar", &["config-absent", "layer-absent"]),
    ("dup-manifest.tar", &["member-repeated"]),
    ("two-images-mixed.tar", &["config-absent", "layer-absent"]),
    ("json-layers-null.tar", &["diff-ids-count", "history-mismatch"]),
    ("json-many-tags.tar", &["tags-dropped"]),
    ("config-deep.tar", &["document-unreadable", "diff-ids-missing"]),
    ("config-history-mismatch.tar", &["history-mismatch"]),
    ("oci-encrypted.tar", &["layer-encrypted"]),
    ("oci-artifact.tar", &["not-a-filesystem-image"]),
    ("oci-no-layout.tar", &["oci-layout-missing"]),
];

#[test]
fn hostile_archives_are_refused_opened_with_complaints_or_opened() {
    let Some(root) = images_folder() else { return };
    let manifest: Value = serde_json::from_slice(&fs::read(root.join("bad/MANIFEST.json")).unwrap()).unwrap();
    for entry in manifest.as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        let opened = open_bytes(&fs::read(root.join("bad").join(name)).unwrap());
        match (REFUSED.iter().find(|(refused, _)| *refused == name), opened) {
            (Some((_, part)), Err(error)) => assert!(error.to_string().contains(part), "{name}: {error}"),
            (None, Ok(archive)) => {
                let expected = COMPLAINED_OF.iter().find(|(complained_of, _)| *complained_of == name);
                assert_eq!(complaints(&archive), expected.map_or(&[][..], |(_, codes)| codes), "{name}");
            }
            (expected, found) => panic!("{name}: expected {expected:?}, found {found:?}"),
        }
    }
}

#[test]
fn compressed_archives_are_opened_as_streams() {
    let Some(root) = images_folder() else { return };
    assert_eq!(open_path(&root.join("bad/image.tar.gz")).unwrap().images.len(), 1);
    let error = open_path(&root.join("bad/truncated.tar.gz")).unwrap_err().to_string();
    assert!(error.starts_with("The gzip stream is damaged at byte 424: "), "{error}");
}

#[test]
fn the_last_manifest_counts_and_the_broken_image_keeps_its_place() {
    let Some(root) = images_folder() else { return };
    let open = |name: &str| open_bytes(&fs::read(root.join("bad").join(name)).unwrap()).unwrap();
    let repeated = open("dup-manifest.tar");
    assert_eq!((repeated.images[0].tags[0].as_str(), repeated.images[0].layers.len()), ("first:1", 2));
    let mixed = open("two-images-mixed.tar");
    let tags: Vec<_> = mixed.images.iter().map(|image| image.tags.join(",")).collect();
    assert_eq!(tags, ["ok:1", "broken:1", ""]);
    assert_eq!(mixed.blobs.len(), 2);
    let many = open("layers-10k.tar");
    assert_eq!((many.images[0].layers.len(), many.blobs.len()), (10_000, 1));
}

fn complaints(archive: &ImageArchive) -> Vec<&'static str> {
    let images = archive.images.iter().flat_map(|image| {
        let absent = image.layers.iter().filter_map(|layer| match &layer.source {
            LayerSource::Absent(finding) => Some(finding),
            LayerSource::Blob(_) => None,
        });
        image.findings.iter().chain(absent)
    });
    let findings = archive.findings.iter().chain(images);
    findings.filter(|finding| finding.severity > Severity::Note).map(|finding| finding.code.as_str()).collect()
}
