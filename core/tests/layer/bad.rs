//! The hostile and odd archives of `bad/`, as far as the reading of their layers is concerned.

use std::{fs, path::Path};

use layerlab_core::{finding::Severity, layer::LayerReading};
use serde_json::Value;

use crate::{
    archive::{Archive, images},
    reading::{assert_entries, assert_findings, read},
};

/// Archive, layer (0 is the base), its entries, its findings.
type Case = (&'static str, usize, &'static [&'static str], &'static [&'static str]);

const GOOD: &[&str] = &["dir etc", "file etc/hosts 20", "file etc/passwd 22", "dir bin", "file bin/sh 3002"];

const CASES: &[Case] = &[
    ("00-good.tar", 0, GOOD, &[]),
    ("00-good-oci.tar", 0, GOOD, &[]),
    (
        "truncated-in-layer.tar",
        1,
        // The cut is in the padding of the last file: the archive is short, the layer lacks nothing but its end.
        &["dir app", "file app/run 8", "file etc/hosts 12"],
        &["note layer-no-end-blocks at 2684"],
    ),
    ("layer-no-end-blocks.tar", 0, GOOD, &["note layer-no-end-blocks at 6656"]),
    ("size-negative-big.tar", 1, &[], &["error layer-damaged at 0"]),
    ("size-over-2e53.tar", 1, &[], &["error layer-damaged at 0"]),
    ("size-8g-octal.tar", 1, &[], &["error layer-truncated at 3072"]),
    ("size-minus-octal.tar", 1, &[], &["error layer-damaged at 0"]),
    ("size-space-lead.tar", 1, &["file f 4", "file after 1"], &[]),
    ("pax-size.tar", 1, &["file f 5", "file after 1"], &[]),
    ("pax-size-text.tar", 1, &["file f 5"], &["warning extension-malformed at 512"]),
    ("pax-zero-length.tar", 1, &["file f 1"], &["warning extension-malformed at 512"]),
    ("pax-nul-path.tar", 1, &[], &["warning extension-malformed at 0"]),
    ("pax-dup-keys.tar", 1, &["file two 1"], &[]),
    ("pax-xattrs.tar", 1, &["file f 1"], &[]),
    ("pax-path-1mb.tar", 1, &[], &["warning entry-too-deep at 0"]),
    (
        "unknown-types.tar",
        1,
        &["other(Z) z", "other(M) multi", "file cont 1", "file after 1"],
        &["note entry-unknown-type at 0", "note entry-unknown-type at 1024"],
    ),
    ("link-with-size.tar", 1, &["file f 700", "hardlink h => f", "file after 1"], &[]),
    ("sparse-pax-1.0.tar", 1, &["file sparse.img 1048581", "file after 1"], &[]),
    ("sparse-old-gnu.tar", 1, &["file sparse.img 1048581", "file after 1"], &[]),
    ("opaque-after.tar", 1, &["file d/new 1", "dir d", "opaque d"], &[]),
    ("gzip-members.tar", 0, GOOD, &[]),
    ("gzip-trailing-zeros.tar", 0, GOOD, &["note compressed-trailing-data at 212"]),
    ("gzip-all-flags.tar", 0, GOOD, &[]),
    ("layer-0-bytes.tar", 0, &[], &[]),
    ("zstd-multiframe.tar", 0, GOOD, &[]),
    ("zstd-content-size-lies.tar", 0, &[], &["error layer-damaged at 13"]),
    ("zstd-dict.tar", 0, &[], &["error layer-damaged at 10"]),
    ("bomb-gzip-1g.tar", 0, &["file zeros.bin 1073741824"], &[]),
];

#[test]
fn odd_layers_are_read_as_far_as_they_can_be() {
    let Some(folder) = images() else { return };
    for (name, layer, entries, findings) in CASES {
        println!("{name}");
        let reading = &layers(&folder, name)[*layer];
        assert_entries(reading, entries);
        assert_findings(reading, findings);
    }
}

#[test]
fn names_of_any_length_and_kind_are_kept() {
    let Some(folder) = images() else { return };
    let paths = |name: &str, layer: usize| -> Vec<String> {
        let changeset = &layers(&folder, name)[layer].changeset;
        changeset.entries.iter().map(|entry| String::from_utf8(changeset.paths.bytes(entry.path)).unwrap()).collect()
    };
    assert_eq!(paths("gnu-longname.tar", 1), ["g".repeat(300), "ln".into()]);
    assert_eq!(paths("ustar-prefix.tar", 1), [format!("{}/leaf", "p".repeat(150))]);
    assert_eq!(paths("traversal.tar", 1), ["etc/passwd", "abs/file", "b", "a/b/c", "", "ok"]);
    assert_eq!(paths("case-nfc.tar", 0).into_iter().collect::<std::collections::BTreeSet<_>>().len(), 7);
    assert_eq!(paths("entries-100k.tar", 0).len(), 100_000);
}

#[test]
fn what_must_be_read_without_complaint_is() {
    let Some(folder) = images() else { return };
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("bad/MANIFEST.json")).unwrap()).unwrap();
    for case in manifest.as_array().unwrap() {
        let (name, expect) = (case["name"].as_str().unwrap(), case["expect"].as_str().unwrap());
        // The two big ones are cases above, and take their time without optimisation.
        if expect != "ok" || ["entries-100k.tar", "bomb-gzip-1g.tar"].contains(&name) {
            continue;
        }
        for reading in layers(&folder, name) {
            let odd: Vec<_> = reading.summary.findings.iter().filter(|f| f.severity > Severity::Note).collect();
            assert!(odd.is_empty(), "{name}: {odd:?}");
        }
    }
}

fn layers(folder: &Path, name: &str) -> Vec<LayerReading> {
    let archive = Archive::open(&folder.join("bad").join(name)).unwrap();
    archive.layers().iter().map(|bytes| read(bytes)).collect()
}
