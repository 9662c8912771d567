//! A comparison as one document: what `layerlab diff --json` prints and the page shows.

use serde::{Deserialize, Serialize};

use super::{Aspect, Change, Comparison, ConfigChange, How, Layers, PathChange, Verdict};
use crate::{
    display::harmless_text,
    report::{ImageReport, Rest, document_to_json},
};

/// The `schema` of every document this version writes. Keys may be added within it, never renamed.
pub const SCHEMA: &str = "layerlab.diff/1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiffDocument {
    pub schema: String,
    pub how: How,
    pub verdict: Verdict,
    /// The verdict as an English sentence.
    pub sentence: String,
    pub a: DiffImage,
    pub b: DiffImage,
    pub layers: Layers,
    pub config: Vec<ConfigChange>,
    /// `None` where a layer is absent.
    pub counts: Option<DiffCounts>,
    /// Sorted by path.
    pub paths: Vec<PathRow>,
    /// What the bound on rows left out.
    pub paths_rest: Rest,
}

/// Which image a side is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiffImage {
    pub tags: Vec<String>,
    pub config_digest: Option<String>,
    pub layers: u64,
    /// Merged bytes.
    pub bytes: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffCounts {
    pub added: u64,
    pub removed: u64,
    pub changed: u64,
    pub same: u64,
}

/// One path that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathRow {
    /// Made harmless.
    pub path: String,
    /// `added`, `removed` or `changed`.
    pub change: String,
    pub aspects: Vec<Aspect>,
    pub type_a: Option<String>,
    pub type_b: Option<String>,
    pub size_a: Option<u64>,
    pub size_b: Option<u64>,
    pub layer_a: Option<u64>,
    pub layer_b: Option<u64>,
}

/// At most `rows` paths; what differs beyond them is counted.
pub fn document(comparison: &Comparison, a: &ImageReport, b: &ImageReport, rows: usize) -> DiffDocument {
    let paths = comparison.paths.as_ref();
    let changes = paths.map(|paths| paths.changes.as_slice()).unwrap_or_default();
    let (kept, left_out) = changes.split_at(rows.min(changes.len()));
    let size = |change: &PathChange| change.b.or(change.a).map_or(0, |seen| seen.size);
    DiffDocument {
        schema: SCHEMA.into(),
        how: comparison.how,
        verdict: comparison.verdict,
        sentence: comparison.verdict.to_string(),
        a: image(a),
        b: image(b),
        layers: comparison.layers.clone(),
        config: comparison.config.clone(),
        counts: paths.map(|paths| DiffCounts {
            added: paths.added,
            removed: paths.removed,
            changed: paths.changed,
            same: paths.same,
        }),
        paths: kept.iter().filter_map(|change| row(comparison, change)).collect(),
        paths_rest: Rest {
            rows: left_out.len() as u64,
            bytes: left_out.iter().fold(0, |sum, change| sum.saturating_add(size(change))),
        },
    }
}

/// The document in the form of the report's JSON: the same bytes everywhere.
pub fn to_json(document: &DiffDocument) -> Vec<u8> {
    document_to_json(document)
}

/// One row of the document; `None` where the trees were not compared.
pub fn row(comparison: &Comparison, change: &PathChange) -> Option<PathRow> {
    let paths = comparison.paths.as_ref()?;
    let (word, aspects) = match change.change {
        Change::Added => ("added", Vec::new()),
        Change::Removed => ("removed", Vec::new()),
        Change::Changed(aspects) => ("changed", aspects.iter().collect()),
    };
    let (a, b) = (change.a, change.b);
    Some(PathRow {
        path: paths.table.display(change.path),
        change: word.into(),
        aspects,
        type_a: a.map(|seen| seen.word.into()),
        type_b: b.map(|seen| seen.word.into()),
        size_a: a.map(|seen| seen.size),
        size_b: b.map(|seen| seen.size),
        layer_a: a.map(|seen| seen.layer.into()),
        layer_b: b.map(|seen| seen.layer.into()),
    })
}

fn image(report: &ImageReport) -> DiffImage {
    DiffImage {
        tags: report.tags.iter().map(|tag| harmless_text(tag)).collect(),
        config_digest: report.config_digest.as_ref().map(ToString::to_string),
        layers: report.layers.len() as u64,
        bytes: report.merged.as_ref().map(|merged| merged.bytes),
    }
}
