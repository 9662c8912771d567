//! The figures of a stack of layers, computed once however many images have it.

use std::{collections::HashMap, rc::Rc};

use super::{Dive, Efficiency, LedgerEntry, Merged, assemble::Readings};
use crate::{
    archive::{BlobId, Image, ImageLayer, LayerSource},
    cost::{Fix, Known, fix, leftovers::leftovers},
    finding::{Code, Finding},
    layer::LayerReading,
    limits::Limits,
    tree::{LayerEffect, UnionTree, dive::dive, duplicates::duplicates},
};

/// The blobs of an image, base first, up to the first that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stack {
    pub blobs: Vec<BlobId>,
    /// No layer is missing.
    pub whole: bool,
}

#[derive(Debug)]
pub struct StackFigures {
    /// One for each layer that could be applied.
    pub effects: Vec<LayerEffect>,
    /// `None` where a layer is missing, or a bound was reached.
    pub whole: Option<Whole>,
    pub findings: Vec<Finding>,
}

#[derive(Debug)]
pub struct Whole {
    pub merged: Merged,
    pub shadowed_bytes: u64,
    /// The instructions are the image's: they are not in it, nor do its fixes know them.
    pub efficiency: Efficiency,
    pub dive: Dive,
}

/// The layers of an image, base first; `None` where one is absent.
pub fn layers<'a>(image: &Image, readings: &'a Readings) -> Option<Vec<&'a LayerReading>> {
    let reading = |layer: &ImageLayer| match &layer.source {
        LayerSource::Blob(blob) => readings.get(blob)?.as_ref().ok(),
        LayerSource::Absent(_) => None,
    };
    image.layers.iter().map(reading).collect()
}

/// The merged tree of an image; `None` where a layer is absent.
pub fn merged_tree(image: &Image, readings: &Readings, limits: &Limits) -> Option<UnionTree> {
    let mut tree = UnionTree::new(limits);
    for layer in layers(image, readings)? {
        tree.apply(&layer.changeset, layer.summary.regular_bytes);
    }
    Some(tree)
}

/// All stacks of an archive, and what may still be spent on them.
pub struct Stacks<'a> {
    readings: &'a Readings,
    known: HashMap<Stack, Rc<StackFigures>>,
    /// Bounds of one stack: the rows and findings of a report are shared out among its images.
    limits: Limits,
    /// Over all stacks: ten thousand images of one big layer each must not run for hours.
    entries_left: u64,
    listing_left: u64,
}

/// What every image may keep, however many there are.
const LEAST_ROWS: usize = 10;

impl<'a> Stacks<'a> {
    pub fn new(readings: &'a Readings, images: usize, limits: &Limits) -> Self {
        let share = |bound: usize| (bound / images.max(1)).max(LEAST_ROWS.min(bound));
        Self {
            readings,
            known: HashMap::new(),
            limits: Limits {
                report_rows: share(limits.report_rows),
                findings: share(limits.findings),
                ..limits.clone()
            },
            entries_left: limits.applied_entries,
            listing_left: limits.listed_path_bytes,
        }
    }

    pub fn figures(&mut self, stack: &Stack) -> Rc<StackFigures> {
        if let Some(known) = self.known.get(stack) {
            return known.clone();
        }
        let figures = Rc::new(self.compute(stack));
        self.known.insert(stack.clone(), figures.clone());
        figures
    }

    fn compute(&mut self, stack: &Stack) -> StackFigures {
        let mut findings = Vec::new();
        let layers = self.affordable(&stack.blobs, &mut findings);
        let mut tree = UnionTree::new(&self.limits);
        let effects: Vec<LayerEffect> =
            layers.iter().map(|layer| tree.apply(&layer.changeset, layer.summary.regular_bytes)).collect();
        let whole = stack.whole && layers.len() == stack.blobs.len();
        let whole = whole.then(|| self.whole(tree, &layers, &mut findings));
        StackFigures { effects, whole, findings }
    }

    fn affordable(&mut self, blobs: &[BlobId], findings: &mut Vec<Finding>) -> Vec<&'a LayerReading> {
        let mut layers = Vec::with_capacity(blobs.len());
        for blob in blobs {
            let Some(Ok(reading)) = self.readings.get(blob) else { break };
            let paths = reading.changeset.paths.len() + reading.changeset.entries.len();
            let Some(left) = self.entries_left.checked_sub(paths as u64) else {
                let limit = self.limits.applied_entries;
                let message = format!(
                    "The layers from number {} on are not merged: over all images more than {limit} entries would \
                     be applied, which is the bound.",
                    layers.len()
                );
                findings.push(Finding::error(Code::LimitReached, message));
                break;
            };
            self.entries_left = left;
            layers.push(reading);
        }
        layers
    }

    fn whole(&mut self, tree: UnionTree, layers: &[&LayerReading], findings: &mut Vec<Finding>) -> Whole {
        let listing = tree.paths_sha256(self.listing_left);
        self.listing_left = self.listing_left.saturating_sub(listing.bytes);
        if listing.sha256.is_none() {
            let limit = self.limits.listed_path_bytes;
            let message =
                format!("The paths are not hashed: the listings would take more than {limit} bytes, the bound.");
            findings.push(Finding::warning(Code::LimitReached, message));
        }
        let merged = tree.merged(listing.sha256);
        let shadowed_bytes = tree.shadowed_bytes();
        let efficiency = efficiency(&tree, self.limits.report_rows);
        // The tree of a million paths takes 100 MB, and so does dive's: the one goes before the other comes.
        drop(tree);
        let dive = dive(layers.iter().map(|layer| &layer.changeset));
        Whole { merged, shadowed_bytes, efficiency, dive }
    }
}

fn efficiency(tree: &UnionTree, rows: usize) -> Efficiency {
    let (losses, ledger_rest) = tree.ledger().rows(tree.paths());
    let (duplicates, duplicates_rest) = duplicates(tree, rows);
    let (leftovers, leftovers_rest) = leftovers(tree, rows);
    let ledger = losses.iter().map(|loss| {
        let known = Known::of(tree.paths(), loss.path).map(|(known, _)| known);
        let (layer, by_layer) = (loss.layer.into(), loss.by_layer.into());
        let bytes = loss.bytes;
        let unexplained =
            fix::Loss { cause: loss.cause, layer, by_layer, bytes, known, stored_by: None, caused_by: None };
        LedgerEntry {
            cause: loss.cause,
            layer,
            path: tree.paths().display(loss.path),
            bytes,
            by_layer,
            by_instruction: None,
            known,
            fix: Fix::of(&unexplained),
        }
    });
    Efficiency {
        score: tree.score(),
        causes: tree.ledger().causes(),
        ledger: ledger.collect(),
        ledger_rest,
        duplicates,
        duplicates_rest,
        leftovers,
        leftovers_rest,
    }
}
