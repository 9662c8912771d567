use super::{
    testing::{absent_layer, archive, image, layer, reading, summary},
    *,
};
use crate::{
    archive::{BlobId, Image, Outer},
    finding::Code,
    layer::LayerReading,
    limits::Limits,
    tree::testing::{dir, file, whiteout},
    verify::Verdict,
};

fn readings(list: Vec<LayerReading>) -> Readings {
    list.into_iter().enumerate().map(|(index, reading)| (BlobId(index as u32), Ok(reading))).collect()
}

fn report(images: Vec<Image>, readings: &Readings) -> Report {
    assemble(&archive(images), "app.tar", 12_345, Outer::None, readings, &Limits::default())
}

#[test]
fn a_report_has_every_layer_and_the_merged_tree() {
    let base = reading("base", &[dir("etc"), file("etc/a", "12345"), file("etc/b", "xyz")]);
    let top = reading("top", &[whiteout("etc/a"), file("etc/c", "12")]);
    let images = vec![image(vec![layer(0, &base.summary), layer(1, &top.summary)])];
    let report = report(images, &readings(vec![base, top]));
    let image = &report.images[0];
    let merged = image.merged.as_ref().unwrap();
    assert_eq!((merged.paths, merged.bytes, image.shadowed_bytes), (3, 5, Some(5)));
    let row = &image.layers[1];
    assert_eq!((row.contribution_bytes, row.cumulative_bytes, row.diff_id_ok), (Some(-3), Some(5), Some(true)));
    let efficiency = image.efficiency.as_ref().unwrap();
    assert_eq!(efficiency.score, 0.5);
    assert_eq!(efficiency.ledger.len(), 1);
    let entry = &efficiency.ledger[0];
    assert_eq!((entry.cause, entry.path.as_str(), entry.layer, entry.by_layer), (Cause::Deleted, "etc/a", 0, 1));
    assert_eq!(entry.by_instruction, row.created_by);
    assert!(image.checks.iter().all(|check| check.verdict != Verdict::Mismatch));
}

#[test]
fn an_absent_layer_keeps_its_place_and_the_layers_below_their_figures() {
    let (base, top) = (reading("base", &[file("a", "1")]), reading("top", &[file("b", "2")]));
    let layers = vec![layer(0, &base.summary), absent_layer(&summary("gone")), layer(1, &top.summary)];
    let report = report(vec![image(layers)], &readings(vec![base, top]));
    let image = &report.images[0];
    assert_eq!((image.merged.is_none(), image.dive.is_none(), image.layers.len()), (true, true, 3));
    let figures: Vec<(bool, bool)> =
        image.layers.iter().map(|layer| (layer.counts.is_some(), layer.chain_id.is_some())).collect();
    assert_eq!(figures, [(true, true), (false, false), (false, false)]);
    assert_eq!(image.layers[1].findings[0].code, Code::LayerAbsent);
    assert!(image.layers[2].diff_id.is_some());
}

#[test]
fn a_mismatch_is_loud_with_expected_and_found() {
    let (declared, found) = (summary("declared"), reading("found", &[]));
    let report = report(vec![image(vec![layer(0, &declared)])], &readings(vec![found]));
    let row = &report.images[0].layers[0];
    let codes: Vec<Code> = row.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::BlobDigestMismatch, Code::DiffIdMismatch]);
    let finding = &row.findings[1];
    assert_eq!(finding.expected, Some(declared.diff_id.to_string()));
    assert_eq!(finding.found, row.diff_id.as_ref().map(ToString::to_string));
    assert_eq!((row.digest_ok, row.diff_id_ok), (Some(false), Some(false)));
}

#[test]
fn the_compression_of_the_bytes_is_held_against_the_media_type() {
    let base = reading("base", &[]);
    let mut one = layer(0, &base.summary);
    one.media_type = Some("application/vnd.oci.image.layer.v1.tar".into());
    let report = report(vec![image(vec![one])], &readings(vec![base]));
    let finding = &report.images[0].layers[0].findings[0];
    assert_eq!(finding.code, Code::MediaTypeMismatch);
    assert_eq!((finding.expected.as_deref(), finding.found.as_deref()), (Some("none"), Some("gzip")));
}

#[test]
fn a_bound_on_applied_entries_ends_the_merge_and_says_so() {
    let base = reading("base", &[file("a", "1"), file("b", "2")]);
    let layers = vec![layer(0, &base.summary); 3];
    let limits = Limits { applied_entries: 12, ..Limits::default() };
    let archive = archive(vec![image(layers)]);
    let report = assemble(&archive, "app.tar", 0, Outer::None, &readings(vec![base]), &limits);
    let image = &report.images[0];
    assert_eq!(image.layers.iter().filter(|layer| layer.counts.is_some()).count(), 2);
    assert!(image.merged.is_none());
    assert_eq!(image.findings[0].code, Code::LimitReached);
}

#[test]
fn the_document_is_the_same_for_the_same_report_and_reads_back() {
    let base = reading("base", &[file("a", "12345"), file("b", "12345")]);
    let one = image(vec![layer(0, &base.summary)]);
    let report = report(vec![one.clone(), one], &readings(vec![base]));
    let json = to_json(&report);
    assert_eq!(json, to_json(&report.clone()));
    assert!(json.starts_with(b"{\n \"schema\": \"layerlab.report/1\",\n \"file\": \"app.tar\""));
    assert!(json.ends_with(b"}\n"));
    assert_eq!(serde_json::from_slice::<Report>(&json).unwrap(), report);
}
