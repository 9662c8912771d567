//! Is this the image I was told? A text that someone trusts, held against what was computed.
//!
//! Invariant: a contradiction is certain. Where the archive does not carry the thing that the text speaks of, or may
//! carry another form of it, the answer is that it cannot be decided, and why.

use std::collections::HashMap;

use super::{
    Answer, Because, Check, Matched, Subject, Trust, Verdict,
    claim::{Claim, Inspect},
};
use crate::{
    archive::Via,
    digest::{Algorithm, Digest, ImageId},
    layer::Compression,
    report::{ImageReport, Report},
};

#[cfg(test)]
mod tests;

/// Longer texts are not looked at: no manifest or config that a registry takes is longer.
pub const MAX_TEXT_BYTES: usize = 8 << 20;

/// One answer for each image of the report; none where the text is nothing that is known here.
pub fn trust(text: &str, report: &Report) -> Vec<Answer> {
    if text.len() > MAX_TEXT_BYTES {
        return Vec::new();
    }
    let claims = Claim::parse(text);
    let twins = twins(report);
    let best = |(index, image): (usize, &ImageReport)| {
        let lacking = image.config_digest.as_ref().filter(|_| image.manifest_digest.is_none());
        let twins = lacking.and_then(|config| twins.get(config)).map(Vec::as_slice).unwrap_or_default();
        let answers = claims.iter().map(|claim| (claim, judge(image, twins, claim)));
        // Where several images were inspected, one that is equal is enough.
        let (claim, Judgement { trust, expected, found }) = answers.min_by_key(|(_, said)| match said.trust {
            Trust::Equals(_) => 0,
            Trust::Undecidable(_) => 1,
            Trust::Contradicts(_) => 2,
        })?;
        Some(Answer { image: index as u64, trust, given: claim.given(), expected, found })
    };
    report.images.iter().enumerate().filter_map(best).collect()
}

/// What a view without a manifest cannot decide, the image's other views may.
fn judge(image: &ImageReport, twins: &[&ImageReport], claim: &Claim) -> Judgement {
    let own = Judge { image }.answer(claim);
    if !matches!(own.trust, Trust::Undecidable(_)) {
        return own;
    }
    let others = twins.iter().map(|image| Judge { image }.answer(claim));
    let rank = |said: &Judgement| match said.trust {
        Trust::Equals(_) => 0,
        Trust::Contradicts(_) => 1,
        Trust::Undecidable(Because::NoManifestInArchive) => 3,
        Trust::Undecidable(_) => 2,
    };
    others.fold(own, |best, other| if rank(&other) < rank(&best) { other } else { best })
}

/// Archives of newer Dockers list an image twice: `manifest.json` without a manifest's digest, and `index.json` with
/// it. What is known of one view is known of the other, whose config is the same.
fn twins(report: &Report) -> HashMap<&ImageId, Vec<&ImageReport>> {
    const MOST: usize = 16;
    let mut twins: HashMap<&ImageId, Vec<&ImageReport>> = HashMap::new();
    for image in report.images.iter().filter(|image| image.manifest_digest.is_some()) {
        if let Some(config) = &image.config_digest {
            let views = twins.entry(config).or_default();
            if views.len() < MOST {
                views.push(image);
            }
        }
    }
    twins
}

/// An answer that does not know yet of which image it is.
struct Judgement {
    trust: Trust,
    expected: String,
    found: Option<String>,
}

struct Judge<'a> {
    image: &'a ImageReport,
}

impl Judge<'_> {
    fn answer(&self, claim: &Claim) -> Judgement {
        match claim {
            Claim::Digest(digest) => self.digest(digest),
            Claim::Registry { digest, blobs } => self.registry(digest, blobs),
            Claim::Inspect(inspect) => self.inspect(inspect),
            Claim::Document { given, own, config, diff_ids, manifests } => match given {
                super::Given::IndexDocument => self.index(own, manifests),
                super::Given::ConfigDocument => self.config(own, diff_ids),
                _ => self.manifest(own, config.as_ref()),
            },
        }
    }

    fn digest(&self, digest: &Digest) -> Judgement {
        if let Some(equal) = self.identity(digest) {
            return equal;
        }
        for layer in &self.image.layers {
            let of = [
                (Matched::LayerBlob, layer.blob_digest.as_ref()),
                (Matched::DiffId, layer.diff_id.as_ref().map(|id| &id.0)),
                (Matched::ChainId, layer.chain_id.as_ref().map(|id| &id.0)),
            ];
            if let Some(&(matched, _)) = of.iter().find(|(_, computed)| *computed == Some(digest)) {
                return equals(matched, digest);
            }
        }
        undecidable(self.unknown(digest), digest, None)
    }

    fn registry(&self, digest: &Digest, blobs: &[Digest]) -> Judgement {
        if let Some(equal) = self.identity(digest) {
            return equal;
        }
        let computed = self.image.layers.iter().map(|layer| layer.blob_digest.as_ref());
        if !blobs.is_empty() && computed.eq(blobs.iter().map(Some)) {
            return equals(Matched::LayerBlob, &blobs[0]);
        }
        undecidable(self.without_manifest(digest), digest, self.image.manifest_digest.as_ref())
    }

    fn inspect(&self, inspect: &Inspect) -> Judgement {
        let names = inspect.id.iter().chain(&inspect.repo_digests);
        if let Some(equal) = names.clone().find_map(|digest| self.identity(digest)) {
            return equal;
        }
        let by_content = (!inspect.diff_ids.is_empty()).then(|| self.diff_ids(&inspect.diff_ids));
        let id = inspect.id.as_ref();
        match (by_content, id, self.image_id()) {
            (Some(content @ Judgement { trust: Trust::Contradicts(_), .. }), _, _) => content,
            (_, Some(id), Some(config)) if inspect.id_is_config && same_algorithm(id, &config.0) => {
                contradicts(Matched::ImageId, id.to_string(), config.to_string())
            }
            (Some(content), _, _) => content,
            (None, Some(id), _) => undecidable(self.unknown(id), id, None),
            (None, None, _) => Judgement {
                trust: Trust::Undecidable(Because::UnknownRole),
                expected: inspect.repo_digests.first().map(ToString::to_string).unwrap_or_default(),
                found: None,
            },
        }
    }

    fn manifest(&self, own: &[Digest], config: Option<&Digest>) -> Judgement {
        let names = own.iter().chain(config);
        if let Some(equal) = names.clone().find_map(|digest| self.identity(digest)) {
            return equal;
        }
        match (config, self.image_id()) {
            (Some(named), Some(computed)) if same_algorithm(named, &computed.0) => {
                contradicts(Matched::ImageId, named.to_string(), computed.to_string())
            }
            (Some(named), _) => undecidable(self.unknown(named), named, None),
            (None, _) => undecidable_of(own, Because::UnknownRole, self.image.manifest_digest.as_ref()),
        }
    }

    fn index(&self, own: &[Digest], manifests: &[Digest]) -> Judgement {
        if let Some(equal) = own.iter().chain(manifests).find_map(|digest| self.identity(digest)) {
            return equal;
        }
        let because = match self.image.manifest_digest {
            None => Because::NoManifestInArchive,
            Some(_) => Because::ManifestMadeOnSaving,
        };
        undecidable_of(own, because, self.image.manifest_digest.as_ref())
    }

    fn config(&self, own: &[Digest], diff_ids: &[Digest]) -> Judgement {
        if let Some(equal) = own.iter().find_map(|digest| self.identity(digest)) {
            return equal;
        }
        if diff_ids.is_empty() {
            let found = self.image.config_digest.as_ref().map(|config| &config.0);
            return undecidable_of(own, Because::UnknownRole, found);
        }
        self.diff_ids(diff_ids)
    }

    /// The computed image ID, where the image has one that others would know. Docker v1's JSON is no config, and a
    /// tarball has none.
    fn image_id(&self) -> Option<&ImageId> {
        self.image.config_digest.as_ref().filter(|_| self.keeps_layers())
    }

    /// Whether the layers are those that were built: Docker v1 keeps empty ones too, and an exported root file
    /// system is all of them as one.
    fn keeps_layers(&self) -> bool {
        !matches!(self.image.via, Via::V1 | Via::Bare)
    }

    /// Compares the contents of the layers, base first.
    fn diff_ids(&self, expected: &[Digest]) -> Judgement {
        let layers = &self.image.layers;
        let all_equal =
            || layers.iter().map(|layer| layer.diff_id.as_ref().map(|id| &id.0)).eq(expected.iter().map(Some));
        if !self.keeps_layers() && !all_equal() {
            return undecidable_of(expected, Because::NoManifestInArchive, None);
        }
        if layers.len() != expected.len() {
            let count = |layers: usize| format!("{layers} layers");
            return contradicts(Matched::DiffIds, count(expected.len()), count(layers.len()));
        }
        let mut because = None;
        for (layer, expected) in layers.iter().zip(expected) {
            match &layer.diff_id {
                None => because = Some((Because::LayersAbsent, expected)),
                Some(found) if !same_algorithm(&found.0, expected) => {
                    because = because.or(Some((Because::AlgorithmNotComputed, expected)));
                }
                Some(found) if found.0 != *expected => {
                    return contradicts(Matched::DiffIds, expected.to_string(), found.to_string());
                }
                Some(_) => {}
            }
        }
        match because {
            Some((because, expected)) => undecidable(because, expected, None),
            None => {
                let top = expected.last().map(ToString::to_string).unwrap_or_default();
                Judgement { trust: Trust::Equals(Matched::DiffIds), found: Some(top.clone()), expected: top }
            }
        }
    }

    /// Whether a digest is one of the image's own names. A name that is right over content that is not what it
    /// stands for is a contradiction.
    fn identity(&self, digest: &Digest) -> Option<Judgement> {
        let image = self.image;
        let names = [
            (Matched::ImageId, image.config_digest.as_ref().map(|id| &id.0)),
            (Matched::ManifestDigest, image.manifest_digest.as_ref()),
            (Matched::IndexDigest, image.index_digest.as_ref()),
        ];
        let &(matched, _) = names.iter().find(|(_, computed)| *computed == Some(digest))?;
        let stands_for = |check: &&Check| match check.subject {
            Subject::DiffId => true,
            Subject::ConfigDigest | Subject::BlobDigest => matched != Matched::ImageId,
            Subject::ManifestDigest => matched == Matched::IndexDigest,
            _ => false,
        };
        let broken = image.checks.iter().filter(stands_for).find(|check| check.verdict == Verdict::Mismatch);
        Some(match broken {
            None => equals(matched, digest),
            Some(check) => contradicts(
                match check.subject {
                    Subject::BlobDigest => Matched::LayerBlob,
                    Subject::ConfigDigest => Matched::ImageId,
                    Subject::ManifestDigest => Matched::ManifestDigest,
                    _ => Matched::DiffId,
                },
                check.declared.clone().unwrap_or_default(),
                check.computed.clone().unwrap_or_default(),
            ),
        })
    }

    /// Why a digest that equals nothing decides nothing.
    fn unknown(&self, digest: &Digest) -> Because {
        let image = self.image;
        let layers = image.layers.iter();
        let mut computed = layers
            .flat_map(|layer| [layer.blob_digest.as_ref(), layer.diff_id.as_ref().map(|id| &id.0)])
            .chain([image.manifest_digest.as_ref(), image.config_digest.as_ref().map(|id| &id.0)])
            .flatten();
        let of_another =
            *digest.algorithm() != Algorithm::Sha256 && !computed.any(|other| same_algorithm(other, digest));
        if of_another { Because::AlgorithmNotComputed } else { Because::UnknownRole }
    }

    /// Why a registry's digest cannot be decided: it may be that of an index which lists this very image.
    fn without_manifest(&self, digest: &Digest) -> Because {
        if self.image.manifest_digest.is_none() {
            return Because::NoManifestInArchive;
        }
        // Registries hold compressed layers: a manifest over plain ones was made when the archive was.
        let plain = |compression: Option<Compression>| compression == Some(Compression::None);
        if self.image.layers.iter().any(|layer| plain(layer.compression)) {
            return Because::ManifestMadeOnSaving;
        }
        self.unknown(digest)
    }
}

fn equals(matched: Matched, digest: &Digest) -> Judgement {
    Judgement { trust: Trust::Equals(matched), expected: digest.to_string(), found: Some(digest.to_string()) }
}

fn contradicts(matched: Matched, expected: String, found: String) -> Judgement {
    Judgement { trust: Trust::Contradicts(matched), expected, found: Some(found) }
}

fn undecidable(because: Because, expected: &Digest, found: Option<&Digest>) -> Judgement {
    let found = found.map(ToString::to_string);
    Judgement { trust: Trust::Undecidable(because), expected: expected.to_string(), found }
}

/// The first of a document's own digests is that of the exact text.
fn undecidable_of(own: &[Digest], because: Because, found: Option<&Digest>) -> Judgement {
    let expected = own.first().map(ToString::to_string).unwrap_or_default();
    Judgement { trust: Trust::Undecidable(because), expected, found: found.map(ToString::to_string) }
}

fn same_algorithm(a: &Digest, b: &Digest) -> bool {
    a.algorithm() == b.algorithm()
}
