//! Is this the image I was told? A text that someone trusts, held against what was computed.
//!
//! Invariant: a contradiction is certain. Where the archive does not carry the thing that the text speaks of, or may
//! carry another form of it, the answer is that it cannot be decided, and why.

use super::{
    Answer, Because, Check, Matched, Subject, Trust, Verdict,
    claim::{Claim, Inspect},
};
use crate::{
    digest::{Algorithm, Digest},
    layer::Compression,
    report::{ImageReport, Report},
};

/// Longer texts are not looked at: no manifest or config that a registry takes is longer.
pub const MAX_TEXT_BYTES: usize = 8 << 20;

/// One answer for each image of the report; none where the text is nothing that is known here.
pub fn trust(text: &str, report: &Report) -> Vec<Answer> {
    if text.len() > MAX_TEXT_BYTES {
        return Vec::new();
    }
    let claims = Claim::parse(text);
    let best = |(index, image): (usize, &ImageReport)| {
        let answers = claims.iter().map(|claim| Judge { image }.answer(claim).named(index, claim));
        answers.min_by_key(|answer| match answer.trust {
            Trust::Equals(_) => 0,
            Trust::Undecidable(_) => 1,
            Trust::Contradicts(_) => 2,
        })
    };
    report.images.iter().enumerate().filter_map(best).collect()
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
        match (by_content, id, &self.image.config_digest) {
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
        match (config, &self.image.config_digest) {
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

    /// Compares the contents of the layers, base first.
    fn diff_ids(&self, expected: &[Digest]) -> Judgement {
        let layers = &self.image.layers;
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

impl Judgement {
    fn named(self, image: usize, claim: &Claim) -> Answer {
        let Self { trust, expected, found } = self;
        Answer { image: image as u64, trust, given: claim.given(), expected, found }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::{BlobId, Image, Outer},
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
        let report =
            report(|image| image.manifest.as_mut().unwrap().digest = Some(Digest::sha256(original.as_bytes())));
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
}
