use super::*;
use crate::{
    archive::{BlobId, Image, Outer, Via},
    digest::DiffId,
    limits::Limits,
    report::{
        Readings, assemble,
        testing::{absent_layer, archive, image, layer, reading},
    },
    verify::Given,
};

/// The report of one image over a base and a top layer, changed by `change` before it is read.
fn report(change: impl FnOnce(&mut Image)) -> Report {
    let (base, top) = (reading("base", &[]), reading("top", &[]));
    let mut one = image(vec![layer(0, &base.summary), layer(1, &top.summary)]);
    change(&mut one);
    let readings: Readings = [(BlobId(0), Ok(base)), (BlobId(1), Ok(top))].into();
    assemble(&archive(vec![one]), "app.tar", 1, Outer::None, &readings, &Limits::default())
}

fn legacy(image: &mut Image) {
    image.manifest = None;
    image.layers.iter_mut().for_each(|layer| layer.declared = None);
}

#[track_caller]
fn answer(text: &str, report: &Report) -> (Given, Trust) {
    let answers = trust(text, report);
    assert_eq!(answers.len(), 1);
    (answers[0].given, answers[0].trust)
}

fn other() -> Digest {
    Digest::sha256(b"another image")
}

#[test]
fn a_digest_equals_whatever_it_is_of() {
    let report = report(|_| {});
    let one = &report.images[0];
    for (digest, matched) in [
        (one.config_digest.as_ref().unwrap().to_string(), Matched::ImageId),
        (one.manifest_digest.as_ref().unwrap().to_string(), Matched::ManifestDigest),
        (one.layers[0].blob_digest.as_ref().unwrap().to_string(), Matched::LayerBlob),
        (one.layers[1].diff_id.as_ref().unwrap().to_string(), Matched::DiffId),
        (one.layers[1].chain_id.as_ref().unwrap().to_string(), Matched::ChainId),
    ] {
        assert_eq!(answer(&digest, &report), (Given::Digest, Trust::Equals(matched)));
    }
    let unknown = Trust::Undecidable(Because::UnknownRole);
    assert_eq!(answer(other().encoded(), &report), (Given::Digest, unknown));
    let uncomputed = Trust::Undecidable(Because::AlgorithmNotComputed);
    assert_eq!(answer(&format!("blake3:{}", other().encoded()), &report), (Given::Digest, uncomputed));
}

#[test]
fn a_registry_digest_never_contradicts() {
    let named = format!("registry.example/app:1@{}", other());
    let of = |change: fn(&mut Image)| answer(&named, &report(change)).1;
    assert_eq!(of(legacy), Trust::Undecidable(Because::NoManifestInArchive));
    assert_eq!(of(|_| {}), Trust::Undecidable(Because::UnknownRole));
    let mut plain = report(|_| {});
    plain.images[0].layers[0].compression = Some(Compression::None);
    assert_eq!(answer(&named, &plain).1, Trust::Undecidable(Because::ManifestMadeOnSaving));
}

#[test]
fn the_two_views_of_one_image_answer_as_one() {
    let mut report = report(|_| {});
    let mut docker = report.images[0].clone();
    docker.manifest_digest = None;
    report.images.insert(0, docker);
    let manifest = report.images[1].manifest_digest.clone().unwrap();
    let answers = trust(&format!("app@{manifest}"), &report);
    let said: Vec<Trust> = answers.iter().map(|answer| answer.trust).collect();
    assert_eq!(said, [Trust::Equals(Matched::ManifestDigest); 2]);
}

#[test]
fn inspect_output_is_held_against_id_and_layers() {
    let report = report(legacy);
    let id = report.images[0].config_digest.clone().unwrap();
    let layers: Vec<String> =
        report.images[0].layers.iter().map(|layer| format!("\"{}\"", layer.diff_id.as_ref().unwrap())).collect();
    let layers = layers.join(",");
    let inspect = |id: &str, driver: &str, layers: &str| {
        let text = format!(
            "[{{\"Id\": \"{id}\", \"RepoDigests\": [], \"GraphDriver\": {{\"Name\": \"{driver}\"}}, \
             \"RootFS\": {{\"Type\": \"layers\", \"Layers\": [{layers}]}}}}]"
        );
        answer(&text, &report).1
    };
    let foreign = other().to_string();
    assert_eq!(inspect(&id.to_string(), "overlay2", &layers), Trust::Equals(Matched::ImageId));
    assert_eq!(inspect(&foreign, "overlayfs", &layers), Trust::Equals(Matched::DiffIds));
    assert_eq!(inspect(&foreign, "overlay2", &layers), Trust::Contradicts(Matched::ImageId));
    let swapped = format!("\"{foreign}\",\"{foreign}\"");
    assert_eq!(inspect(&foreign, "overlayfs", &swapped), Trust::Contradicts(Matched::DiffIds));
    assert_eq!(inspect(&foreign, "overlayfs", ""), Trust::Undecidable(Because::UnknownRole));
}

#[test]
fn a_manifest_document_is_hashed_as_it_was_before_it_was_pasted() {
    let original = named(&other(), "\n");
    let report = report(|image| image.manifest.as_mut().unwrap().digest = Some(Digest::sha256(original.as_bytes())));
    for pasted in [original.clone(), original.trim_end().into(), format!("{original}\n"), named(&other(), "\r\n")] {
        let equal = (Given::ManifestDocument, Trust::Equals(Matched::ManifestDigest));
        let trust = trust(&pasted, &report);
        assert_eq!((trust[0].given, trust[0].trust), equal, "{pasted:?}");
    }
}

fn named(config: &Digest, newline: &str) -> String {
    format!("{{{newline} \"config\": {{\"digest\": \"{config}\"}}{newline}}}{newline}")
}

#[test]
fn a_manifest_names_the_image_even_when_its_bytes_are_another_form() {
    let report = report(legacy);
    let id = report.images[0].config_digest.clone().unwrap();
    assert_eq!(answer(&named(&id.0, "\n"), &report), (Given::ManifestDocument, Trust::Equals(Matched::ImageId)));
    assert_eq!(answer(&named(&other(), "\n"), &report).1, Trust::Contradicts(Matched::ImageId));
}

#[test]
fn an_index_that_does_not_list_the_manifest_decides_nothing() {
    let report = report(|_| {});
    let index = |digest: &Digest| format!("{{\"manifests\": [{{\"digest\": \"{digest}\"}}]}}");
    let manifest = report.images[0].manifest_digest.clone().unwrap();
    assert_eq!(answer(&index(&manifest), &report).1, Trust::Equals(Matched::ManifestDigest));
    assert_eq!(answer(&index(&other()), &report).1, Trust::Undecidable(Because::ManifestMadeOnSaving));
}

#[test]
fn a_config_document_counts_by_its_diff_ids_when_its_bytes_differ() {
    let config = |ids: &[DiffId]| {
        let ids: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
        format!("{{\"rootfs\": {{\"diff_ids\": [{}]}}}}", ids.join(","))
    };
    let whole = report(|_| {});
    let ids: Vec<DiffId> = whole.images[0].layers.iter().map(|layer| layer.diff_id.clone().unwrap()).collect();
    assert_eq!(answer(&config(&ids), &whole), (Given::ConfigDocument, Trust::Equals(Matched::DiffIds)));
    let swapped = [ids[1].clone(), ids[0].clone()];
    assert_eq!(answer(&config(&swapped), &whole).1, Trust::Contradicts(Matched::DiffIds));
    assert_eq!(answer(&config(&ids[..1]), &whole).1, Trust::Contradicts(Matched::DiffIds));
    let thin = report(|image| {
        let top = reading("top", &[]);
        image.layers[1] = absent_layer(&top.summary);
    });
    assert_eq!(answer(&config(&ids), &thin).1, Trust::Undecidable(Because::LayersAbsent));
}

#[test]
fn a_flattened_image_contradicts_nothing() {
    let text = format!("{{\"rootfs\": {{\"diff_ids\": [\"{}\"]}}}}", other());
    let inspect = format!("[{{\"Id\": \"{}\", \"RootFS\": {{}}}}]", other().encoded());
    for via in [Via::Bare, Via::V1] {
        let report = report(|image| image.via = via);
        assert_eq!(answer(&text, &report).1, Trust::Undecidable(Because::NoManifestInArchive));
        assert_eq!(answer(&inspect, &report).1, Trust::Undecidable(Because::UnknownRole));
    }
}

#[test]
fn the_right_name_over_other_content_contradicts() {
    let report = report(|image| image.layers[0].diff_id_declared = Some(DiffId(other())));
    let id = report.images[0].config_digest.clone().unwrap();
    let answers = trust(&id.to_string(), &report);
    assert_eq!(answers[0].trust, Trust::Contradicts(Matched::DiffId));
    assert_eq!(answers[0].expected, other().to_string());
}

#[test]
fn what_is_no_claim_has_no_answer() {
    let report = report(|_| {});
    for text in ["", "hello", "{}", "[]", "[1]", "null", "{\"config\": 3}"] {
        assert_eq!(trust(text, &report), [], "{text}");
    }
}
