//! The rows of the stack: one slab for each layer of an image.

use layerlab_core::{
    archive::{Image, ImageLayer, LayerSource},
    finding::Severity,
    layer::Compression,
    report::{Counts, ImageReport, LayerReport},
};

use super::{
    instruction,
    seal::Seal,
    stack::{self, Scale},
};
use crate::state::Archive;

/// What is drawn of one layer. What was not computed yet is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Slab {
    /// 0 is the base.
    pub layer: usize,
    pub hue: u16,
    /// As its author wrote it, made harmless.
    pub instruction: Option<String>,
    /// The member that holds it, made harmless.
    pub path: String,
    pub absent: bool,
    pub compression: Option<Compression>,
    pub stored: Option<u64>,
    pub tar_size: Option<u64>,
    pub contribution: Option<i64>,
    pub cumulative: Option<u64>,
    pub counts: Option<Counts>,
    pub seal: Seal,
    /// The computed diff_id, else the declared one: what the glyph is drawn from.
    pub digest: Option<String>,
    /// The worst finding about this layer.
    pub worst: Option<Severity>,
}

/// One image of an archive, at this moment.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub archive: &'a Archive,
    pub image: &'a Image,
    pub index: usize,
    pub report: Option<&'a ImageReport>,
}

impl<'a> View<'a> {
    pub fn new(archive: &'a Archive, index: usize) -> Option<Self> {
        let image = archive.plan.as_ref()?.images.get(index)?;
        let report = archive.report.as_ref().and_then(|report| report.images.get(index));
        Some(Self { archive, image, index, report })
    }

    pub fn layers(&self) -> usize {
        self.image.layers.len()
    }

    pub fn slab(&self, layer: usize) -> Option<Slab> {
        let listed = self.image.layers.get(layer)?;
        let report = self.report.and_then(|report| report.layers.get(layer));
        let summary = match &listed.source {
            LayerSource::Blob(id) => self.archive.summary(*id),
            LayerSource::Absent(_) => None,
        };
        let digest = summary.map(|s| &s.diff_id).or(listed.diff_id_declared.as_ref()).map(|d| d.0.encoded().to_owned());
        let worst = match (report, summary, &listed.source) {
            (Some(report), _, _) => report.findings.iter().map(|f| f.severity).max(),
            (None, Some(summary), _) => summary.findings.iter().map(|f| f.severity).max(),
            (None, None, LayerSource::Absent(finding)) => Some(finding.severity),
            _ => None,
        };
        Some(Slab {
            layer,
            hue: stack::hue(layer),
            instruction: listed.created_by.as_deref().map(instruction::plain).filter(|text| !text.is_empty()),
            path: listed.path.clone(),
            absent: matches!(listed.source, LayerSource::Absent(_)),
            compression: summary.map(|s| s.compression),
            stored: self.stored(listed),
            tar_size: summary.map(|s| s.tar_size),
            contribution: report.and_then(|r| r.contribution_bytes),
            cumulative: report.and_then(|r| r.cumulative_bytes),
            counts: report.and_then(|r| r.counts),
            seal: Seal::of(self.archive, listed),
            digest,
            worst,
        })
    }

    /// Stored bytes of every layer, base first: known from the plan, before anything is read.
    pub fn sizes(&self) -> Vec<u64> {
        self.image.layers.iter().map(|layer| self.stored(layer).unwrap_or(0)).collect()
    }

    /// The scale of the contribution bars.
    pub fn scale(&self) -> Scale {
        let layers: &[LayerReport] = self.report.map_or(&[], |report| &report.layers);
        Scale::new(layers.iter().filter_map(|layer| layer.contribution_bytes))
    }

    fn stored(&self, layer: &ImageLayer) -> Option<u64> {
        match &layer.source {
            LayerSource::Blob(id) => {
                self.archive.plan.as_ref()?.blobs.get(id.0 as usize).map(|blob| blob.location.size)
            }
            LayerSource::Absent(_) => layer.declared.as_ref()?.size.and_then(|size| u64::try_from(size).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::example;
    use layerlab_core::finding::{Code, Finding};

    #[test]
    fn sizes_and_instructions_are_shown_before_a_byte_is_read() {
        let archive = example::archive(example::plan(), []);
        let slab = View::new(&archive, 0).unwrap().slab(1).unwrap();
        assert_eq!((slab.stored, slab.tar_size), (Some(200), None));
        assert_eq!(slab.instruction.as_deref(), Some("RUN make"));
        assert_eq!(slab.seal, Seal::NotChecked);
    }

    #[test]
    fn an_absent_layer_keeps_its_place_and_its_declared_size() {
        let mut plan = example::plan();
        plan.images[0].layers[0].source = LayerSource::Absent(Finding::note(Code::LayerForeign, "elsewhere"));
        let archive = example::archive(plan, []);
        let slab = View::new(&archive, 0).unwrap().slab(0).unwrap();
        assert!(slab.absent);
        assert_eq!((slab.stored, slab.worst), (Some(100), Some(Severity::Note)));
    }

    #[test]
    fn an_image_that_is_not_there_has_no_view() {
        assert!(View::new(&example::half_read(), 7).is_none());
        assert!(View::new(&example::accepted(1), 0).is_none());
    }
}
