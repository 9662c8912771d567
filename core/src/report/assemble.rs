//! Putting a plan and its readings together.

use std::collections::{BTreeMap, HashSet};

use super::{
    Efficiency, ImageReport, LedgerEntry, Leftover, Report, SCHEMA,
    layer::{LayerFindings, layer_report},
    stack::{Stack, StackFigures, Stacks},
};
use crate::{
    archive::{BlobId, Image, ImageArchive, ImageNature, LayerSource, Outer},
    cost::{Fix, fix},
    digest::{ChainId, Digest},
    display::harmless_text,
    finding::{Code, Finding},
    layer::{LayerReading, LayerSummary},
    limits::Limits,
    verify::{Check, Subject, Verdict, checks},
};

/// The layers of an archive that were read, or why one could not be.
pub type Readings = BTreeMap<BlobId, Result<LayerReading, Finding>>;

/// The whole result. `file` is the base name of what was opened, `size` its bytes.
///
/// A layer that is absent, or that `readings` does not have, keeps its place and says why; the layers below it keep
/// their figures. Images of one stack are computed once.
pub fn assemble(
    archive: &ImageArchive,
    file: &str,
    size: u64,
    outer: Outer,
    readings: &Readings,
    limits: &Limits,
) -> Report {
    let indexes: HashSet<&Digest> = archive
        .documents
        .iter()
        .filter(|document| document.path == "index.json" || document.path == "./index.json")
        .map(|document| &document.digest)
        .collect();
    let mut assembly = Assembly {
        readings,
        stacks: Stacks::new(readings, archive.images.len(), limits),
        layer_findings: LayerFindings::new(limits),
        leading_indexes: indexes,
    };
    Report {
        schema: SCHEMA.into(),
        file: file.into(),
        size,
        outer,
        kind: archive.kind,
        findings: archive.findings.clone(),
        images: archive.images.iter().map(|image| assembly.image(image)).collect(),
    }
}

struct Assembly<'a> {
    readings: &'a Readings,
    stacks: Stacks<'a>,
    layer_findings: LayerFindings,
    /// Digests of `index.json`: the archive's own list, which no store ever sees.
    leading_indexes: HashSet<&'a Digest>,
}

impl<'a> Assembly<'a> {
    fn image(&mut self, image: &Image) -> ImageReport {
        let summaries: Vec<Option<&LayerSummary>> =
            image.layers.iter().map(|layer| self.summary(&layer.source)).collect();
        let checks = checks(image, &summaries);
        let stack = self.stack(image);
        let figures = self.stacks.figures(&stack);
        let whole = figures.whole.as_ref().filter(|_| image.nature != ImageNature::Absent);

        let mut chain: Option<ChainId> = None;
        let mut layers = Vec::with_capacity(image.layers.len());
        for (index, layer) in image.layers.iter().enumerate() {
            let reading = match &layer.source {
                LayerSource::Blob(blob) => self.readings.get(blob),
                LayerSource::Absent(_) => None,
            };
            let summary = summaries[index];
            chain = match (index, chain.take(), summary) {
                (0, _, Some(summary)) => Some(ChainId::base(&summary.diff_id)),
                (_, Some(parent), Some(summary)) => Some(parent.then(&summary.diff_id)),
                _ => None,
            };
            let effect = figures.effects.get(index);
            let findings = self.layer_findings.of(layer, reading, effect);
            layers.push(layer_report(index as u64, layer, summary, chain.clone(), effect, findings));
        }
        let manifest = image.manifest.as_ref();
        let config = image.config.as_ref().map(|config| &config.config);
        ImageReport {
            via: image.via,
            nature: image.nature,
            tags: image.tags.clone(),
            manifest_digest: manifest.and_then(|manifest| manifest.digest.clone()),
            manifest_media_type: manifest.and_then(|manifest| manifest.media_type.clone()),
            artifact_type: manifest.and_then(|manifest| manifest.artifact_type.clone()),
            index_digest: image.index_digest.clone(),
            containerd_id: self.containerd_id(image),
            platform: image.platform.clone(),
            config_digest: image.config.as_ref().map(|config| config.digest.clone()),
            os: config.and_then(|config| config.os.clone()),
            architecture: config.and_then(|config| config.architecture.clone()),
            variant: config.and_then(|config| config.variant.clone()),
            created: config.and_then(|config| config.created.clone()),
            history: config.map_or(0, |config| config.history.len() as u64),
            history_empty: config
                .map_or(0, |config| config.history.iter().filter(|entry| entry.empty_layer).count() as u64),
            layers,
            merged: whole.map(|whole| whole.merged.clone()),
            shadowed_bytes: whole.map(|whole| whole.shadowed_bytes),
            efficiency: whole.map(|whole| efficiency(image, &whole.efficiency)),
            dive: whole.map(|whole| whole.dive),
            findings: image_findings(image, &checks, &figures),
            checks,
        }
    }

    fn summary(&self, source: &LayerSource) -> Option<&'a LayerSummary> {
        match source {
            LayerSource::Blob(blob) => self.readings.get(blob)?.as_ref().ok().map(|reading| &reading.summary),
            LayerSource::Absent(_) => None,
        }
    }

    /// The layers up to the first that is not there.
    fn stack(&self, image: &Image) -> Stack {
        let blob = |source: &LayerSource| match source {
            LayerSource::Blob(blob) if matches!(self.readings.get(blob), Some(Ok(_))) => Some(*blob),
            _ => None,
        };
        let blobs: Vec<BlobId> = image.layers.iter().map_while(|layer| blob(&layer.source)).collect();
        Stack { whole: blobs.len() == image.layers.len(), blobs }
    }

    fn containerd_id(&self, image: &Image) -> Option<Digest> {
        let nested = image.index_digest.as_ref().filter(|digest| !self.leading_indexes.contains(digest));
        nested.or(image.manifest.as_ref()?.digest.as_ref()).cloned()
    }
}

/// The stack's efficiency with the image's instructions, and the fixes that hang on them.
fn efficiency(image: &Image, of_stack: &Efficiency) -> Efficiency {
    let made_by = |layer: u64| image.layers.get(usize::try_from(layer).ok()?)?.created_by.as_deref();
    let entry = |row: &LedgerEntry| {
        let (stored_by, caused_by) = (made_by(row.layer), made_by(row.by_layer));
        let &LedgerEntry { cause, layer, by_layer, bytes, known, .. } = row;
        let loss = fix::Loss { cause, layer, by_layer, bytes, known, stored_by, caused_by };
        LedgerEntry { by_instruction: caused_by.map(harmless_text), fix: Fix::of(&loss), ..row.clone() }
    };
    let leftover = |row: &Leftover| {
        let made_by = made_by(row.layer);
        let fix = Fix::of_leftover(row.known, row.layer, made_by, row.bytes);
        Leftover { instruction: made_by.map(harmless_text), fix, ..row.clone() }
    };
    Efficiency {
        ledger: of_stack.ledger.iter().map(entry).collect(),
        leftovers: of_stack.leftovers.iter().map(leftover).collect(),
        ..of_stack.clone()
    }
}

/// The plan's findings, what the checks of documents found, and what the union did.
fn image_findings(image: &Image, checks: &[Check], figures: &StackFigures) -> Vec<Finding> {
    let mut findings = image.findings.clone();
    for check in checks.iter().filter(|check| check.layer.is_none()) {
        let (code, what) = match check.subject {
            Subject::ManifestDigest => (Code::ManifestDigestMismatch, "The digest of the manifest"),
            Subject::ManifestSize => (Code::ManifestDigestMismatch, "The size of the manifest"),
            Subject::ConfigDigest => (Code::ConfigDigestMismatch, "The digest of the config"),
            Subject::ConfigSize => (Code::ConfigDigestMismatch, "The size of the config"),
            _ => continue,
        };
        let (Some(by), Some(declared), Some(computed)) = (&check.declared_by, &check.declared, &check.computed) else {
            continue;
        };
        let is_digest = matches!(check.subject, Subject::ManifestDigest | Subject::ConfigDigest);
        let finding = match check.verdict {
            Verdict::Match => continue,
            Verdict::Mismatch => Finding::error(code, format!("{what} is not the one that {by} declares.")),
            Verdict::NotChecked if is_digest => {
                let message = format!("{what} is not checked: the declared algorithm is not computed here.");
                Finding::note(Code::DigestNotComputed, message)
            }
            Verdict::NotChecked => continue,
        };
        findings.push(finding.expected_found(declared, computed));
    }
    findings.extend(figures.findings.iter().cloned());
    findings
}
