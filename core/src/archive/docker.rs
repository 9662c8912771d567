//! `manifest.json` of `docker save` and `podman save`, old and new. Layers are found by following it, never by how
//! their names end.

use serde_json::Value;

use super::{
    Image, ImageNature, Via,
    plan::{LayerPlace, Planner, bounded_tags, check_pairing, nature_of},
};
use crate::{
    finding::{Code, Finding},
    spec::{docker::DockerManifestEntry, json::Fields, layout::declared_by_name},
};

/// The name of the document in the archive.
pub const MANIFEST: &[u8] = b"manifest.json";

/// One image for each element of the list, those that are no entries included, in its order.
pub fn images(planner: &mut Planner<'_>, entries: &[Value]) -> Vec<Image> {
    let kept = planner.bounded_images("manifest.json", entries.len());
    entries.iter().take(kept).enumerate().map(|(index, entry)| image(planner, index, entry)).collect()
}

fn image(planner: &mut Planner<'_>, index: usize, entry: &Value) -> Image {
    let mut findings = planner.image_findings();
    let entry = match DockerManifestEntry::from_json(entry, &mut Fields::new(MANIFEST, &mut findings)) {
        Ok(entry) => entry,
        Err(found) => {
            let message = format!("Element {index} of manifest.json is {found} where an object is expected.");
            findings.push(Finding::error(Code::ImageBroken, message).expected_found("an object", found));
            return absent(findings.into_vec());
        }
    };
    let config = match &entry.config {
        Some(name) => planner.config(name, declared_by_name(name), None, &mut findings),
        None => {
            let message = format!("Element {index} of manifest.json names no config.");
            findings.push(Finding::error(Code::ConfigAbsent, message));
            None
        }
    };
    let places: Vec<_> = entry.layers.into_iter().map(|name| LayerPlace { name, descriptor: None }).collect();
    let read = config.as_ref().map(|config| &config.config);
    let layers = planner.layers(&places, read, ImageNature::Filesystem, &mut findings);
    if let Some(config) = read {
        check_pairing(config, layers.len(), &mut findings);
    }
    let nature = nature_of(ImageNature::Filesystem, config.is_some(), &layers);
    Image {
        via: Via::Docker,
        nature,
        tags: bounded_tags(entry.repo_tags, planner.limits, &mut findings),
        manifest: None,
        index_digest: None,
        platform: None,
        config,
        layers,
        findings: findings.into_vec(),
    }
}

fn absent(findings: Vec<Finding>) -> Image {
    Image {
        via: Via::Docker,
        nature: ImageNature::Absent,
        tags: Vec::new(),
        manifest: None,
        index_digest: None,
        platform: None,
        config: None,
        layers: Vec::new(),
        findings,
    }
}
