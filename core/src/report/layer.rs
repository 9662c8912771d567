//! One layer's row of the report.

use std::collections::HashSet;

use super::LayerReport;
use crate::{
    archive::{ImageLayer, LayerSource},
    digest::ChainId,
    finding::{Code, Finding},
    layer::{Compression, LayerReading, LayerSummary},
    limits::Limits,
    tree::LayerEffect,
    verify::{same_diff_id, same_digest},
};

/// The row of the layer at `index` (0 is the base).
pub fn layer_report(
    index: u64,
    layer: &ImageLayer,
    summary: Option<&LayerSummary>,
    chain_id: Option<ChainId>,
    effect: Option<&LayerEffect>,
    findings: Vec<Finding>,
) -> LayerReport {
    LayerReport {
        index,
        path: layer.path.clone(),
        media_type: layer.media_type.clone(),
        blob_digest: summary.map(|summary| summary.blob_digest.clone()),
        blob_size: summary.map(|summary| summary.blob_size),
        digest_declared: layer.declared.as_ref().map(|declared| declared.digest.clone()),
        size_declared: layer.declared.as_ref().and_then(|declared| declared.size),
        digest_ok: summary.and_then(|summary| digest_ok(layer, summary)),
        compression: summary.map(|summary| summary.compression),
        tar_size: summary.map(|summary| summary.tar_size),
        diff_id: summary.map(|summary| summary.diff_id.clone()),
        diff_id_declared: layer.diff_id_declared.clone(),
        diff_id_ok: summary.map(|summary| {
            let declared = layer.diff_id_declared.as_ref();
            declared.and_then(|declared| same_diff_id(declared, summary)) == Some(true)
        }),
        chain_id,
        created_by: layer.created_by.clone(),
        entries: summary.map(|summary| summary.entries),
        types: summary.map(|summary| summary.types.clone()).unwrap_or_default(),
        regular_bytes: summary.map(|summary| summary.regular_bytes),
        counts: effect.map(|effect| effect.counts),
        contribution_bytes: effect.map(|effect| effect.contribution_bytes),
        cumulative_bytes: effect.map(|effect| effect.cumulative_bytes),
        findings,
    }
}

/// Both the digest and the size are as the manifest declares; `None` where it declares nothing that was computed.
fn digest_ok(layer: &ImageLayer, summary: &LayerSummary) -> Option<bool> {
    let declared = layer.declared.as_ref()?;
    let digest = same_digest(&declared.digest, &summary.blob_digest)?;
    Some(digest && declared.size.is_none_or(|size| u64::try_from(size) == Ok(summary.blob_size)))
}

/// Gathers the findings of layers. A layer that stands in many images would copy its own each time: after the first
/// copy there is a bound for all further ones together.
pub struct LayerFindings {
    told: HashSet<usize>,
    copies_left: usize,
}

impl LayerFindings {
    pub fn new(limits: &Limits) -> Self {
        Self { told: HashSet::new(), copies_left: limits.findings.saturating_mul(10) }
    }

    pub fn of(
        &mut self,
        layer: &ImageLayer,
        reading: Option<&Result<LayerReading, Finding>>,
        effect: Option<&LayerEffect>,
    ) -> Vec<Finding> {
        let mut findings = match (&layer.source, reading) {
            (LayerSource::Absent(finding), _) | (LayerSource::Blob(_), Some(Err(finding))) => vec![finding.clone()],
            (LayerSource::Blob(_), None) => vec![Finding::error(Code::LayerAbsent, "The layer was not read.")],
            (LayerSource::Blob(blob), Some(Ok(reading))) => {
                let mut findings = declared_otherwise(layer, &reading.summary);
                findings.extend(self.own(blob.0 as usize, &reading.summary.findings));
                findings
            }
        };
        findings.extend(effect.into_iter().flat_map(|effect| effect.findings.iter().cloned()));
        findings
    }

    fn own(&mut self, blob: usize, findings: &[Finding]) -> Vec<Finding> {
        if !self.told.insert(blob) {
            match self.copies_left.checked_sub(findings.len()) {
                Some(left) => self.copies_left = left,
                None => {
                    let message = "This layer's findings are listed where it first stands.";
                    return vec![Finding::note(Code::LimitReached, message)];
                }
            }
        }
        findings.to_vec()
    }
}

/// Where the layer is not what the manifest or the config says.
fn declared_otherwise(layer: &ImageLayer, summary: &LayerSummary) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut push = |finding: Finding, expected: String, found: String| {
        findings.push(finding.at_path(layer.path.as_bytes()).expected_found(expected, found));
    };
    if let Some(declared) = &layer.declared {
        let (expected, found) = (declared.digest.to_string(), summary.blob_digest.to_string());
        if same_digest(&declared.digest, &summary.blob_digest) == Some(false) {
            let message = "The digest of the stored bytes is not the one that the manifest declares.";
            push(Finding::error(Code::BlobDigestMismatch, message), expected, found);
        }
        if let Some(size) = declared.size.filter(|&size| u64::try_from(size) != Ok(summary.blob_size)) {
            let message = "The number of stored bytes is not the one that the manifest declares.";
            push(Finding::error(Code::BlobSizeMismatch, message), size.to_string(), summary.blob_size.to_string());
        }
    }
    if let Some(declared) = &layer.diff_id_declared {
        let (expected, found) = (declared.to_string(), summary.diff_id.to_string());
        if same_diff_id(declared, summary) == Some(false) {
            let message = "The digest of the uncompressed layer is not the diff_id that the config declares.";
            push(Finding::error(Code::DiffIdMismatch, message), expected, found);
        } else if same_digest(&declared.0, &summary.diff_id.0).is_none() {
            let message = "The diff_id is not checked: its algorithm is not computed here.";
            push(Finding::note(Code::DigestNotComputed, message), expected, found);
        }
    }
    if let Some(said) = layer.media_type.as_deref().and_then(compression_of)
        && said != summary.compression
    {
        let message = "The media type names another compression than the bytes have; the bytes were followed.";
        push(Finding::note(Code::MediaTypeMismatch, message), word(said).into(), word(summary.compression).into());
    }
    findings
}

/// The compression that a media type of a layer names; `None` for what is no layer's.
fn compression_of(media_type: &str) -> Option<Compression> {
    let layer = media_type.contains(".layer.") || media_type.contains("rootfs.");
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| media_type.ends_with(suffix));
    match () {
        () if !layer => None,
        () if ends(&["+gzip", ".gzip"]) => Some(Compression::Gzip),
        () if ends(&["+zstd", ".zstd"]) => Some(Compression::Zstd),
        () if ends(&[".tar", ".diff"]) => Some(Compression::None),
        () => None,
    }
}

fn word(compression: Compression) -> &'static str {
    match compression {
        Compression::None => "none",
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
        Compression::Bzip2 => "bzip2",
        Compression::Xz => "xz",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_of_layers_name_a_compression() {
        for (media_type, compression) in [
            ("application/vnd.oci.image.layer.v1.tar", Some(Compression::None)),
            ("application/vnd.oci.image.layer.v1.tar+gzip", Some(Compression::Gzip)),
            ("application/vnd.oci.image.layer.v1.tar+zstd", Some(Compression::Zstd)),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", Some(Compression::Gzip)),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", Some(Compression::Gzip)),
            ("application/vnd.docker.image.rootfs.diff.tar", Some(Compression::None)),
            ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Some(Compression::Gzip)),
            ("application/vnd.in-toto+json", None),
            ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", None),
        ] {
            assert_eq!(compression_of(media_type), compression, "{media_type}");
        }
    }
}
