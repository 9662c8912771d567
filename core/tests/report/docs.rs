//! `docs/report.md` names every key, cause, check and finding that a report can hold, and no finding that it cannot.

use std::collections::BTreeSet;

use layerlab_core::{
    archive::{ArchiveKind, BlobId, Image, ImageArchive, ImageLayer, ImageNature, LayerSource, Outer, Via},
    cost::{Action, Known},
    digest::{DiffId, Digest},
    finding::{Code, Finding},
    layer::{
        Compression, LayerReading, LayerSummary,
        changeset::{Changeset, ContentHash, Entry, EntryKind, Metadata},
    },
    limits::Limits,
    report::{Readings, assemble},
    spec::platform::Platform,
};
use serde_json::Value;

const DOCS: &str = include_str!("../../../docs/report.md");

#[test]
fn every_code_has_its_row_and_no_other() {
    let table = DOCS.split("| code | says |").nth(1).unwrap();
    let documented: BTreeSet<&str> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, codes);
}

#[test]
fn every_leftover_and_every_fix_is_documented() {
    let words = Known::ALL.iter().map(|known| known.as_str().to_owned());
    let actions = Action::ALL.iter().map(|action| serde_json::to_value(action).unwrap().as_str().unwrap().to_owned());
    let missing: Vec<String> = words.chain(actions).filter(|word| !DOCS.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_key_and_word_of_a_report_is_documented() {
    let mut words = BTreeSet::new();
    collect(&sample(), &mut words);
    let missing: Vec<&String> = words.iter().filter(|word| !DOCS.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(words.len() > 70, "the sample has {} keys only", words.len());
}

fn collect(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                words.insert(key.clone());
                collect(value, words);
            }
            let enums =
                ["kind", "via", "nature", "outer", "compression", "subject", "verdict", "cause", "action", "known"];
            words.extend(enums.iter().filter_map(|key| Some(object.get(*key)?.as_str()?.to_owned())));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, words)),
        _ => {}
    }
}

/// A report in which no list is empty: one layer has a file twice, two of one content, and one of them in
/// `/tmp`.
fn sample() -> Value {
    let mut changeset = Changeset::default();
    for name in [&["a"][..], &["a"], &["tmp", "b"]] {
        let path = changeset.paths.path(name.iter().map(|part| part.as_bytes()));
        let kind = EntryKind::File { content: ContentHash([1, 2]) };
        changeset.entries.push(Entry { path, kind, metadata: Metadata::default(), size: 7, data_offset: 0 });
    }
    let summary = LayerSummary {
        compression: Compression::None,
        blob_size: 1024,
        blob_digest: Digest::sha256(b"blob"),
        tar_size: 1024,
        diff_id: DiffId(Digest::sha256(b"blob")),
        entries: 3,
        types: [("file".to_owned(), 3)].into(),
        regular_bytes: 21,
        findings: Vec::new(),
    };
    let layer = ImageLayer {
        path: "layer.tar".into(),
        media_type: None,
        declared: None,
        diff_id_declared: Some(summary.diff_id.clone()),
        created_by: None,
        source: LayerSource::Blob(BlobId(0)),
    };
    let image = Image {
        via: Via::Bare,
        nature: ImageNature::Filesystem,
        tags: Vec::new(),
        manifest: None,
        index_digest: None,
        platform: Some(Platform::default()),
        config: None,
        layers: vec![layer],
        findings: Vec::new(),
    };
    let archive = ImageArchive {
        kind: ArchiveKind::Layer,
        findings: vec![Finding::note(Code::ArchiveTrailingData, "Bytes follow.")],
        images: vec![image],
        blobs: Vec::new(),
        documents: Vec::new(),
    };
    let readings: Readings = [(BlobId(0), Ok(LayerReading { summary, changeset }))].into();
    let report = assemble(&archive, "layer.tar", 1024, Outer::None, &readings, &Limits::default());
    serde_json::to_value(&report).unwrap()
}
