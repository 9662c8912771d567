//! Every comparison an image allows, in the order of the chain: index, manifest, config, layers.
//!
//! Source: OCI image-spec, descriptor.md ("Verification"), config.md ("Layer DiffID", "Layer ChainID").

use super::{Check, Subject, Verdict};
use crate::{
    archive::{ConfigRef, Image, ImageLayer, ManifestRef, Via},
    digest::{ChainId, DiffId, Digest},
    finding::{Code, Severity},
    layer::LayerSummary,
};

/// The checks of one image. `layers` is base first, as [`Image::layers`]; `None` for a layer that could not be read.
///
/// A check without a declared or without a computed value is not checked, and says which of the two is missing by
/// leaving it out. Chain IDs are computed and declared by no document of an archive.
pub fn checks(image: &Image, layers: &[Option<&LayerSummary>]) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(manifest) = &image.manifest {
        manifest_checks(manifest, &mut checks);
    }
    if let Some(config) = &image.config {
        config_checks(image, config, &mut checks);
    }
    let mut chain: Option<ChainId> = None;
    let mut whole = true;
    for (index, layer) in image.layers.iter().enumerate() {
        let summary = layers.get(index).copied().flatten();
        blob_checks(index, layer, summary, &mut checks);
        chain = match (whole, chain.take(), summary) {
            (true, None, Some(summary)) => Some(ChainId::base(&summary.diff_id)),
            (true, Some(parent), Some(summary)) => Some(parent.then(&summary.diff_id)),
            _ => None,
        };
        whole &= summary.is_some();
        checks.push(Check {
            layer: Some(index as u64),
            ..Check::new(Subject::ChainId, None, None, chain.as_ref().map(ToString::to_string))
        });
    }
    checks
}

/// Whether a digest is the declared one; `None` where the two are not of one algorithm.
pub fn same_digest(declared: &Digest, computed: &Digest) -> Option<bool> {
    (declared.algorithm() == computed.algorithm()).then(|| declared == computed)
}

/// Whether a layer's diff_id is the declared one. Where a bound ended the decompression only a part was hashed, and
/// that a part has another digest says nothing.
pub fn same_diff_id(declared: &DiffId, summary: &LayerSummary) -> Option<bool> {
    let same = same_digest(&declared.0, &summary.diff_id.0)?;
    let bounded = |code: Code, severity: Severity| code == Code::LimitReached && severity == Severity::Error;
    let cut = summary.findings.iter().any(|finding| bounded(finding.code, finding.severity));
    (same || !cut).then_some(same)
}

fn manifest_checks(manifest: &ManifestRef, checks: &mut Vec<Check>) {
    let by = "the descriptor in the index";
    checks.push(Check::of_digests(Subject::ManifestDigest, by, manifest.declared.as_ref(), manifest.digest.as_ref()));
    checks.push(Check::of_sizes(Subject::ManifestSize, by, manifest.declared_size.map(i128::from), manifest.size));
}

fn config_checks(image: &Image, config: &ConfigRef, checks: &mut Vec<Check>) {
    let by = match image.via {
        Via::Oci | Via::Dir => "the manifest's config",
        Via::Docker | Via::V1 | Via::Bare => "the config's file name",
    };
    checks.push(Check::of_digests(Subject::ConfigDigest, by, config.declared.as_ref(), Some(&config.digest.0)));
    if config.declared_size.is_some() {
        let declared = config.declared_size.map(i128::from);
        checks.push(Check::of_sizes(Subject::ConfigSize, by, declared, Some(config.size)));
    }
}

fn blob_checks(index: usize, layer: &ImageLayer, summary: Option<&LayerSummary>, checks: &mut Vec<Check>) {
    let on_layer = |check: Check| Check { layer: Some(index as u64), ..check };
    let by = format!("the manifest's layers[{index}]");
    let declared = layer.declared.as_ref();
    let digest = declared.map(|declared| &declared.digest);
    let computed = summary.map(|summary| &summary.blob_digest);
    checks.push(on_layer(Check::of_digests(Subject::BlobDigest, &by, digest, computed)));
    let size = declared.and_then(|declared| declared.size).map(i128::from);
    checks.push(on_layer(Check::of_sizes(Subject::BlobSize, &by, size, summary.map(|summary| summary.blob_size))));

    let declared = layer.diff_id_declared.as_ref();
    let verdict = declared.zip(summary).and_then(|(declared, summary)| same_diff_id(declared, summary));
    checks.push(on_layer(Check {
        verdict: Verdict::from_comparison(verdict),
        ..Check::new(
            Subject::DiffId,
            declared.map(|_| format!("the config's rootfs.diff_ids[{index}]")),
            declared.map(ToString::to_string),
            summary.map(|summary| summary.diff_id.to_string()),
        )
    }));
}

impl Verdict {
    /// `None` is a comparison that could not be made.
    pub fn from_comparison(same: Option<bool>) -> Self {
        match same {
            Some(true) => Self::Match,
            Some(false) => Self::Mismatch,
            None => Self::NotChecked,
        }
    }
}

impl Check {
    fn new(subject: Subject, declared_by: Option<String>, declared: Option<String>, computed: Option<String>) -> Self {
        Self { subject, layer: None, declared_by, declared, computed, verdict: Verdict::NotChecked }
    }

    fn of_digests(subject: Subject, by: &str, declared: Option<&Digest>, computed: Option<&Digest>) -> Self {
        let same = declared.zip(computed).and_then(|(declared, computed)| same_digest(declared, computed));
        let text = |digest: Option<&Digest>| digest.map(ToString::to_string);
        let check = Self::new(subject, declared.map(|_| by.into()), text(declared), text(computed));
        Self { verdict: Verdict::from_comparison(same), ..check }
    }

    /// Declared sizes are signed: a hostile manifest may say anything.
    fn of_sizes(subject: Subject, by: &str, declared: Option<i128>, computed: Option<u64>) -> Self {
        let same = declared.zip(computed).map(|(declared, computed)| declared == i128::from(computed));
        let (by, declared) = (declared.map(|_| by.into()), declared.map(|size| size.to_string()));
        let check = Self::new(subject, by, declared, computed.map(|size| size.to_string()));
        Self { verdict: Verdict::from_comparison(same), ..check }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{absent_layer, image, layer, summary};

    fn verdicts(checks: &[Check]) -> Vec<(Subject, Option<u64>, Verdict)> {
        checks.iter().map(|check| (check.subject, check.layer, check.verdict)).collect()
    }

    #[test]
    fn the_checks_follow_the_chain_and_a_layer_has_four() {
        let base = summary("base");
        let image = image(vec![layer(0, &base)]);
        assert_eq!(
            verdicts(&checks(&image, &[Some(&base)])),
            [
                (Subject::ManifestDigest, None, Verdict::Match),
                (Subject::ManifestSize, None, Verdict::NotChecked),
                (Subject::ConfigDigest, None, Verdict::Match),
                (Subject::BlobDigest, Some(0), Verdict::Match),
                (Subject::BlobSize, Some(0), Verdict::Match),
                (Subject::DiffId, Some(0), Verdict::Match),
                (Subject::ChainId, Some(0), Verdict::NotChecked),
            ]
        );
    }

    #[test]
    fn a_mismatch_says_who_declares_what_and_what_was_found() {
        let (base, other) = (summary("base"), summary("other"));
        let image = image(vec![layer(0, &base)]);
        let checks = checks(&image, &[Some(&other)]);
        let diff_id = checks.iter().find(|check| check.subject == Subject::DiffId).unwrap();
        assert_eq!(diff_id.verdict, Verdict::Mismatch);
        assert_eq!(diff_id.declared_by.as_deref(), Some("the config's rootfs.diff_ids[0]"));
        assert_eq!(diff_id.declared, Some(base.diff_id.to_string()));
        assert_eq!(diff_id.computed, Some(other.diff_id.to_string()));
    }

    #[test]
    fn an_absent_layer_is_not_checked_and_ends_the_chain() {
        let (base, top) = (summary("base"), summary("top"));
        let image = image(vec![layer(0, &base), absent_layer(&top), layer(1, &top)]);
        let checks = checks(&image, &[Some(&base), None, Some(&top)]);
        let chain: Vec<bool> =
            checks.iter().filter(|c| c.subject == Subject::ChainId).map(|c| c.computed.is_some()).collect();
        assert_eq!(chain, [true, false, false]);
        let absent = checks.iter().filter(|check| check.layer == Some(1));
        assert!(absent.into_iter().all(|check| check.verdict == Verdict::NotChecked));
    }

    #[test]
    fn an_algorithm_that_was_not_computed_is_no_mismatch() {
        let base = summary("base");
        let mut one = layer(0, &base);
        one.declared.as_mut().unwrap().digest = "blake3:abcd".parse().unwrap();
        let checks = checks(&image(vec![one]), &[Some(&base)]);
        let blob = checks.iter().find(|check| check.subject == Subject::BlobDigest).unwrap();
        assert_eq!((blob.verdict, blob.declared.as_deref()), (Verdict::NotChecked, Some("blake3:abcd")));
    }
}
