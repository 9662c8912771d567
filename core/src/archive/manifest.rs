//! From a manifest to an image, for layouts and for `dir:` folders: they differ in how a digest becomes a name.

use super::{
    Image, ImageLayer, ImageNature, ManifestRef, Via,
    document::{Text, digest_like},
    plan::{LayerPlace, Planner, check_pairing, nature_of},
};
use crate::{
    digest::Digest,
    finding::{Code, Finding, Findings},
    spec::{config::ImageConfig, descriptor::Descriptor, manifest::ImageManifest},
};

/// How blobs are named.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    pub via: Via,
    pub of: fn(&Digest) -> String,
}

/// `descriptor` is the index's, where an index lists the manifest. Tags and the index's digest are the caller's.
pub fn image(
    planner: &mut Planner<'_>,
    names: &Names,
    descriptor: Option<&Descriptor>,
    manifest: &ImageManifest,
    text: &Text,
    mut findings: Findings,
) -> Image {
    let declared = descriptor.and_then(|descriptor| descriptor.digest.clone());
    let config = manifest.config.as_ref().and_then(|config| {
        let name = config.digest.as_ref().map(names.of).unwrap_or_default();
        let size = config.size.and_then(|size| size.try_into().ok());
        planner.config(&name, config.digest.clone(), size, &mut findings)
    });
    let read = config.as_ref().map(|config| &config.config);
    let nature = nature(descriptor, manifest, read);
    let name = |layer: &Descriptor| layer.digest.as_ref().map(names.of).unwrap_or_default();
    let places: Vec<_> =
        manifest.layers.iter().map(|layer| LayerPlace { name: name(layer), descriptor: Some(layer) }).collect();
    let layers = planner.layers(&places, read, nature, &mut findings);
    let nature = nature_of(nature, config.is_some(), &layers);
    describe(nature, manifest, read, &layers, &mut findings);
    Image {
        via: names.via,
        nature,
        tags: Vec::new(),
        manifest: Some(ManifestRef {
            digest: Some(digest_like(text, declared.as_ref())),
            declared,
            declared_size: descriptor.and_then(|descriptor| descriptor.size?.try_into().ok()),
            size: Some(text.bytes.len() as u64),
            media_type: descriptor
                .and_then(|descriptor| descriptor.media_type.clone())
                .or_else(|| manifest.media_type.clone()),
            artifact_type: manifest
                .artifact_type
                .clone()
                .or_else(|| descriptor.and_then(|descriptor| descriptor.artifact_type.clone())),
        }),
        index_digest: None,
        platform: descriptor.and_then(|descriptor| descriptor.platform.clone()),
        config,
        layers,
        findings: findings.into_vec(),
    }
}

/// What an index lists and nothing can be told of; the finding says why.
pub fn absent(via: Via, descriptor: &Descriptor, index: Digest, findings: Findings) -> Image {
    Image {
        via,
        nature: ImageNature::Absent,
        tags: Vec::new(),
        manifest: Some(ManifestRef {
            declared: descriptor.digest.clone(),
            declared_size: descriptor.size.and_then(|size| size.try_into().ok()),
            digest: None,
            size: None,
            media_type: descriptor.media_type.clone(),
            artifact_type: descriptor.artifact_type.clone(),
        }),
        index_digest: Some(index),
        platform: descriptor.platform.clone(),
        config: None,
        layers: Vec::new(),
        findings: findings.into_vec(),
    }
}

/// A config that lists diff_ids is an image's whatever its media type says: tools write all kinds of those.
fn nature(descriptor: Option<&Descriptor>, manifest: &ImageManifest, config: Option<&ImageConfig>) -> ImageNature {
    let all_in_toto =
        !manifest.layers.is_empty() && manifest.layers.iter().all(|layer| layer.media_type().is_in_toto());
    if all_in_toto || descriptor.is_some_and(Descriptor::is_attestation) {
        return ImageNature::Attestation;
    }
    let media_type = manifest.config.as_ref().map(Descriptor::media_type);
    let says_image = media_type.is_some_and(|media_type| media_type.is_image_config() || media_type.0.is_empty());
    let has_diff_ids = config.is_some_and(|config| !config.diff_ids.is_empty());
    if has_diff_ids || (says_image && manifest.artifact_type.is_none()) {
        ImageNature::Filesystem
    } else {
        ImageNature::Artifact
    }
}

fn describe(
    nature: ImageNature,
    manifest: &ImageManifest,
    config: Option<&ImageConfig>,
    layers: &[ImageLayer],
    findings: &mut Findings,
) {
    match nature {
        ImageNature::Filesystem => {
            if let Some(config) = config {
                check_pairing(config, layers.len(), findings);
            }
        }
        ImageNature::Attestation => {
            let message = "This is an attestation about another image of the index, and no file system.";
            findings.push(Finding::note(Code::Attestation, message));
        }
        ImageNature::Artifact => {
            let kind = manifest.artifact_type.as_deref();
            let kind = kind.or_else(|| manifest.config.as_ref()?.media_type.as_deref()).unwrap_or("of no stated type");
            let message = format!(
                "This is an artifact ({}) and no file system image: its blobs are listed.",
                crate::display::harmless_text(kind)
            );
            findings.push(Finding::warning(Code::NotAFilesystemImage, message));
        }
        ImageNature::Absent => {}
    }
}
