//! What all kinds of archives have in common: layers found by name, blobs listed once, configs read, layers paired
//! with diff_ids and history.

use std::collections::HashMap;

use super::{
    BlobId, ConfigRef, DeclaredBlob, DocumentRole, Image, ImageLayer, ImageNature, LayerBlob, LayerSource, Location,
    document::{Library, Unread, digest_like},
    member::{Members, Unresolved},
};
use crate::{
    digest::{Algorithm, Digest, ImageId},
    display::{harmless, harmless_text},
    finding::{Code, Finding, Findings},
    limits::Limits,
    spec::{config::ImageConfig, descriptor::Descriptor, json::Fields},
};

/// The bytes a layer's place in an image is counted as, against `Limits::all_documents_bytes`.
const LAYER_CHARGE: u64 = 512;

/// An archive's plan while it is made.
#[derive(Debug)]
pub struct Planner<'a> {
    pub members: &'a Members,
    pub limits: &'a Limits,
    pub library: Library<'a>,
    pub findings: Findings,
    blobs: Vec<LayerBlob>,
    blob_at: HashMap<Location, BlobId>,
}

/// A layer as a manifest names it.
#[derive(Clone, Debug)]
pub struct LayerPlace<'d> {
    /// The member's name; empty where none is given.
    pub name: String,
    pub descriptor: Option<&'d Descriptor>,
}

impl<'a> Planner<'a> {
    pub fn new(members: &'a Members, limits: &'a Limits, library: Library<'a>, findings: Findings) -> Self {
        Self { members, limits, library, findings, blobs: Vec::new(), blob_at: HashMap::new() }
    }

    pub fn image_findings(&self) -> Findings {
        Findings::new(self.limits.findings)
    }

    pub fn into_parts(self) -> (Vec<LayerBlob>, Library<'a>, Findings) {
        (self.blobs, self.library, self.findings)
    }

    /// How many of the images that `document` lists are opened; the finding tells of the others.
    pub fn bounded_images(&mut self, document: &str, found: usize) -> usize {
        let limit = self.limits.images;
        if found > limit {
            let message = format!("{document} lists {found} images; the first {limit} are opened.");
            self.findings.push(Finding::warning(Code::LimitReached, message).expected_found(limit, found));
        }
        found.min(limit)
    }

    /// Reads a config document. One that is there and unreadable is kept, empty, because its digest still counts.
    pub fn config(
        &mut self,
        name: &str,
        declared: Option<Digest>,
        declared_size: Option<u64>,
        findings: &mut Findings,
    ) -> Option<ConfigRef> {
        let text = match self.library.text(name.as_bytes(), DocumentRole::Config) {
            Ok(text) => text,
            Err(problem) => {
                let code = if problem.is_absent() { Code::ConfigAbsent } else { Code::DocumentUnreadable };
                findings.push(unread("The config", name.as_bytes(), code, &problem));
                return None;
            }
        };
        let config = match self.library.parse_object(&text, findings) {
            Ok(object) => ImageConfig::from_json(&object, &mut Fields::new(&text.name, findings)),
            Err(problem) => {
                findings.push(unread("The config", name.as_bytes(), Code::DocumentUnreadable, &problem));
                ImageConfig::default()
            }
        };
        Some(ConfigRef {
            path: harmless_text(name),
            digest: ImageId(digest_like(&text, declared.as_ref())),
            size: text.bytes.len() as u64,
            declared,
            declared_size,
            config,
        })
    }

    /// Finds the layers, and pairs each with its diff_id and the history entry that made it.
    pub fn layers(
        &mut self,
        places: &[LayerPlace<'_>],
        config: Option<&ImageConfig>,
        nature: ImageNature,
        findings: &mut Findings,
    ) -> Vec<ImageLayer> {
        let kept = places.len().min(self.limits.layers);
        if kept < places.len() {
            let message = format!("The image has {} layers; those above {kept} are left out.", places.len());
            findings.push(Finding::error(Code::LimitReached, message).expected_found(kept, places.len()));
        }
        if let Err(problem) = self.library.charge(kept as u64 * LAYER_CHARGE) {
            findings.push(Finding::error(Code::LimitReached, format!("The layers are not listed: {problem}.")));
            return Vec::new();
        }
        let mut made = config.map(ImageConfig::layer_history).into_iter().flatten();
        let mut diff_ids = config.map(|config| config.diff_ids.iter()).into_iter().flatten();
        let mut layers = Vec::with_capacity(kept);
        for place in &places[..kept] {
            let media_type = place.descriptor.and_then(|descriptor| descriptor.media_type.clone());
            let diff_id_declared = diff_ids.next().cloned().flatten();
            let expect_tar = nature == ImageNature::Filesystem
                || place.descriptor.is_some_and(|descriptor| descriptor.media_type().is_tar_layer());
            let diff_id_algorithm = diff_id_declared.as_ref().map(|diff_id| diff_id.0.algorithm());
            layers.push(ImageLayer {
                path: harmless_text(&place.name),
                media_type,
                declared: place.descriptor.and_then(declared_blob),
                created_by: made.next().map(|entry| entry.created_by.clone().unwrap_or_default()),
                source: self.source(place, expect_tar, diff_id_algorithm, findings),
                diff_id_declared,
            });
        }
        layers
    }

    /// The whole file as one layer, of which nothing declares a digest.
    pub fn whole_file(&mut self, name: &str, location: Location) -> LayerSource {
        LayerSource::Blob(self.blob(location, name.as_bytes(), None, None, true))
    }

    fn source(
        &mut self,
        place: &LayerPlace<'_>,
        expect_tar: bool,
        diff_id_algorithm: Option<&Algorithm>,
        findings: &mut Findings,
    ) -> LayerSource {
        let digest = place.descriptor.and_then(|descriptor| descriptor.digest.as_ref());
        let name = place.name.as_bytes();
        let absent = |finding: Finding| LayerSource::Absent(finding.at_path(name));
        if place.descriptor.is_some_and(|descriptor| descriptor.media_type().is_encrypted()) {
            return absent(Finding::error(Code::LayerEncrypted, "The layer is encrypted and cannot be read."));
        }
        if name.is_empty() {
            let message = "The manifest names no file for this layer: a thin archive leaves it out.";
            return absent(Finding::warning(Code::LayerAbsent, message));
        }
        match self.members.resolve(name, self.limits) {
            Ok(location) => {
                if let Some(digest @ Algorithm::Other(_)) = digest.map(Digest::algorithm) {
                    let message = format!("{} is not computed here: the blob is not checked.", digest.as_str());
                    findings.push(Finding::note(Code::DigestNotComputed, message).at_path(name));
                }
                let resolved = self.members.resolved_name(name, self.limits);
                let resolved = resolved.as_deref().unwrap_or(name);
                let blob_algorithm = digest.map(Digest::algorithm);
                LayerSource::Blob(self.blob(location, resolved, blob_algorithm, diff_id_algorithm, expect_tar))
            }
            Err(Unresolved::Absent) if place.descriptor.is_some_and(is_foreign) => {
                let message = "The layer is not in this archive: its descriptor says where else it is to be had.";
                absent(Finding::note(Code::LayerForeign, message))
            }
            Err(Unresolved::Absent) => {
                let message = format!("The layer {} is not in this archive.", harmless(name));
                absent(Finding::warning(Code::LayerAbsent, message))
            }
            Err(problem) => {
                let message = format!("The layer {} cannot be read: {problem}.", harmless(name));
                absent(Finding::error(Code::LayerAbsent, message))
            }
        }
    }

    /// One blob a place, however many names lead to it.
    fn blob(
        &mut self,
        location: Location,
        name: &[u8],
        blob_algorithm: Option<&Algorithm>,
        diff_id_algorithm: Option<&Algorithm>,
        expect_tar: bool,
    ) -> BlobId {
        if let Some(&id) = self.blob_at.get(&location) {
            if let Some(blob) = self.blobs.get_mut(id.0 as usize) {
                blob.expect_tar |= expect_tar;
            }
            return id;
        }
        let id = BlobId(self.blobs.len() as u32);
        self.blobs.push(LayerBlob {
            location,
            path: harmless(name),
            blob_algorithm: computed(blob_algorithm),
            diff_id_algorithm: computed(diff_id_algorithm),
            expect_tar,
        });
        self.blob_at.insert(location, id);
        id
    }
}

/// Says where an image's layers, its diff_ids and its history do not fit each other.
pub fn check_pairing(config: &ImageConfig, layers: usize, findings: &mut Findings) {
    let (diff_ids, made) = (config.diff_ids.len(), config.layer_history().count());
    if diff_ids == 0 && layers > 0 {
        let message = "The config lists no diff_ids: the layers cannot be checked against it.";
        findings.push(Finding::warning(Code::DiffIdsMissing, message));
    } else if diff_ids != layers {
        let message = format!("The config lists {diff_ids} diff_ids, and the manifest {layers} layers.");
        findings.push(Finding::warning(Code::DiffIdsCount, message).expected_found(diff_ids, layers));
    }
    if config.history.is_empty() {
        if layers > 0 {
            findings.push(Finding::note(Code::HistoryMismatch, "The config has no history."));
        }
    } else if made != layers {
        let message = format!("The history tells of {made} layers, and the manifest lists {layers}.");
        findings.push(Finding::warning(Code::HistoryMismatch, message).expected_found(made, layers));
    }
}

/// Keeps the first tags of an image; the finding counts the others.
pub fn bounded_tags(mut tags: Vec<String>, limits: &Limits, findings: &mut Findings) -> Vec<String> {
    let (found, limit) = (tags.len(), limits.tags);
    if found > limit {
        let message = format!("The image has {found} tags; the first {limit} are listed.");
        findings.push(Finding::warning(Code::TagsDropped, message).expected_found(limit, found));
        tags.truncate(limit);
    }
    tags
}

/// What an image is said to be, unless neither its config nor one of its layers is in the archive.
pub fn nature_of(said: ImageNature, has_config: bool, layers: &[ImageLayer]) -> ImageNature {
    let has_layer = layers.iter().any(|layer| matches!(layer.source, LayerSource::Blob(_)));
    if has_config || has_layer { said } else { ImageNature::Absent }
}

/// Notes that Docker's and OCI's view of the same config name other layers.
pub fn compare_views(images: &[Image], findings: &mut Findings) {
    let mut oci: HashMap<&ImageId, Vec<&Image>> = HashMap::new();
    for image in images.iter().filter(|image| image.via == super::Via::Oci) {
        if let Some(config) = &image.config {
            oci.entry(&config.digest).or_default().push(image);
        }
    }
    for (index, docker) in images.iter().enumerate().filter(|(_, image)| image.via == super::Via::Docker) {
        let Some(config) = &docker.config else { continue };
        let Some(others) = oci.get(&config.digest) else { continue };
        // One config may have several manifests, compressed differently: one that agrees is enough.
        if others.iter().any(|other| same_layers(docker, other)) {
            continue;
        }
        let message = format!(
            "manifest.json and index.json list other layers for the same config (image {index}): {}.",
            config.digest
        );
        let found = others.first().map_or(0, |other| other.layers.len());
        findings.push(
            Finding::warning(Code::ViewsDisagree, message)
                .at_path(config.path.as_bytes())
                .expected_found(layer_count(docker.layers.len()), layer_count(found)),
        );
    }
}

pub fn unread(what: &str, name: &[u8], code: Code, problem: &Unread) -> Finding {
    let code = match problem {
        Unread::TooLarge { .. } | Unread::AllTooLarge { .. } => Code::LimitReached,
        _ => code,
    };
    Finding::error(code, format!("{what} {} cannot be read: {problem}.", harmless(name))).at_path(name)
}

fn layer_count(count: usize) -> String {
    format!("{count} layers")
}

fn same_layers(a: &Image, b: &Image) -> bool {
    let blob = |layer: &ImageLayer| match layer.source {
        LayerSource::Blob(id) => Some(id),
        LayerSource::Absent(_) => None,
    };
    a.layers.len() == b.layers.len() && a.layers.iter().zip(&b.layers).all(|(a, b)| blob(a) == blob(b))
}

fn declared_blob(descriptor: &Descriptor) -> Option<DeclaredBlob> {
    descriptor.digest.clone().map(|digest| DeclaredBlob { digest, size: descriptor.size })
}

fn is_foreign(descriptor: &Descriptor) -> bool {
    descriptor.has_urls || descriptor.media_type().is_foreign()
}

fn computed(declared: Option<&Algorithm>) -> Algorithm {
    match declared {
        Some(Algorithm::Sha512) => Algorithm::Sha512,
        _ => Algorithm::Sha256,
    }
}
