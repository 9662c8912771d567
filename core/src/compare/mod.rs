//! Two images held against each other: their layers, their configs, and every path of their trees.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    digest::DiffId,
    report::{ImageReport, LayerReport},
    spec::config::ImageConfig,
    tree::UnionTree,
};

mod config;
mod document;
mod layers;
mod paths;
#[cfg(test)]
mod tests;

pub use config::{ConfigChange, Field};
pub use document::{DiffCounts, DiffDocument, DiffImage, PathRow, document, row, to_json};
pub use layers::{LayerRow, Layers};
pub use paths::{Aspect, Aspects, Change, PathChange, Paths, Seen};

/// What counts as a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Everything: times too, and all that the configs say.
    #[default]
    Strict,
    /// What a container can tell: content, mode, owner, xattrs, links, and how it is run. Times, dates, authors and
    /// the history do not count, nor how the tree is cut into layers.
    Semantic,
}

/// One of the two images.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    pub report: &'a ImageReport,
    pub config: Option<&'a ImageConfig>,
    /// All layers, merged; `None` where one is absent. Both trees must come from layers that were read with one
    /// [`crate::layer::changeset::ContentKey`]: with two keys equal contents have unequal hashes.
    pub tree: Option<&'a UnionTree>,
}

#[derive(Clone, Debug)]
pub struct Comparison {
    pub how: How,
    pub layers: Layers,
    pub config: Vec<ConfigChange>,
    /// `None` where a layer is absent.
    pub paths: Option<Paths>,
    pub verdict: Verdict,
}

/// The comparison in one line. (It is its `Display`, in English.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One config, byte for byte, and the layers it names: one image ID.
    SameImage,
    /// Nothing that counts differs, and the layers are the same.
    SameLayers,
    /// Nothing that counts differs, though the trees are cut into other layers.
    SameTree,
    /// The trees have no difference that counts; the configs have.
    OtherConfig {
        changes: u64,
    },
    Different {
        added: u64,
        removed: u64,
        changed: u64,
        config: u64,
    },
    /// A layer is absent: the trees cannot be compared.
    Undecided,
}

/// What turns `a` into `b`.
pub fn compare(a: &Side<'_>, b: &Side<'_>, how: How) -> Comparison {
    let layers = Layers::compare(&a.report.layers, &b.report.layers);
    let config = config::compare(a, b, how);
    let paths = a.tree.zip(b.tree).map(|(a, b)| Paths::compare(a, b, how));
    let verdict = verdict(a, b, &layers, config.len() as u64, paths.as_ref());
    Comparison { how, layers, config, paths, verdict }
}

/// What was computed, else what the config declares.
pub(crate) fn diff_id(layer: &LayerReport) -> Option<&DiffId> {
    layer.diff_id.as_ref().or(layer.diff_id_declared.as_ref())
}

fn verdict(a: &Side<'_>, b: &Side<'_>, layers: &Layers, config: u64, paths: Option<&Paths>) -> Verdict {
    let same_id = a.report.config_digest.is_some() && a.report.config_digest == b.report.config_digest;
    let Some(paths) = paths else {
        return if same_id && layers.all_shared() { Verdict::SameImage } else { Verdict::Undecided };
    };
    match (paths.changes.len(), config) {
        (0, 0) if same_id && layers.all_shared() => Verdict::SameImage,
        (0, 0) if layers.all_shared() => Verdict::SameLayers,
        (0, 0) => Verdict::SameTree,
        (0, changes) => Verdict::OtherConfig { changes },
        _ => Verdict::Different { added: paths.added, removed: paths.removed, changed: paths.changed, config },
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        match *self {
            Self::SameImage => f.write_str("The two are one image: the same config and the same layers."),
            Self::SameLayers => f.write_str("The two have the same layers, and configs that say the same."),
            Self::SameTree => f.write_str("The two hold the same tree, cut into other layers."),
            Self::OtherConfig { changes } => {
                write!(f, "The two hold the same tree; their configs differ in {}.", count(changes, "place", "places"))
            }
            Self::Different { added, removed, changed, config } => {
                let paths = |n| count(n, "path", "paths");
                write!(f, "The two differ: {} added, {} removed, {} changed", paths(added), removed, changed)?;
                if config > 0 {
                    write!(f, ", and their configs in {}", count(config, "place", "places"))?;
                }
                f.write_str(".")
            }
            Self::Undecided => f.write_str("The trees cannot be compared: a layer is absent."),
        }
    }
}
