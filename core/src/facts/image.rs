//! The facts of one image, put together from what was read and scanned of its layers.

use serde::{Deserialize, Serialize};

use super::{
    config::{Statement, statements},
    distribution::{self, Distribution},
    dockerfile::{Dockerfile, recover},
    hidden::{
        Found, Permission,
        fate::{Fate, Marks},
        permissions, ranked,
    },
    packages::{self, Packages},
    scan::LayerScan,
};
use crate::{
    archive::{BlobId, Image, LayerSource},
    layer::changeset::Changeset,
    limits::Limits,
    tree::UnionTree,
};

/// What is said of an image beside its layers' figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFacts {
    pub dockerfile: Dockerfile,
    pub statements: Vec<Statement>,
    pub distribution: Option<Distribution>,
    pub packages: Packages,
}

/// What is hidden in an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Ranked: see [`ranked`].
    pub secrets: Vec<Found>,
    pub permissions: Vec<Permission>,
    pub searched: Searched,
}

/// How much the search has seen, so that "nothing found" can be weighed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searched {
    /// Text files looked through, over all layers, and their bytes.
    pub files: u64,
    pub bytes: u64,
    /// Files that are too large to be looked through.
    pub too_large: u64,
    /// Secrets beyond the bound of a layer.
    pub more: u64,
    /// Layers that are not in the archive, or could not be read.
    pub absent: Vec<u32>,
}

/// A layer's blob, read and scanned.
#[derive(Clone, Copy, Debug)]
pub struct ReadLayer<'a> {
    /// Able to find paths: after a journey [`crate::path::PathTable::rebuild_lookup`] comes first.
    pub changeset: &'a Changeset,
    /// Of its summary.
    pub regular_bytes: u64,
    pub scan: &'a LayerScan,
}

/// The layers of one image, ready to be asked.
#[derive(Debug)]
pub struct Stack<'a> {
    image: &'a Image,
    /// Base first, `None` where a layer is absent.
    layers: Vec<Option<ReadLayer<'a>>>,
    marks: Vec<Option<Marks<'a>>>,
    /// Of the layers up to the first that is absent.
    tree: UnionTree,
    limits: &'a Limits,
}

impl<'a> Stack<'a> {
    pub fn new(image: &'a Image, read: impl Fn(BlobId) -> Option<ReadLayer<'a>>, limits: &'a Limits) -> Self {
        let layers: Vec<Option<ReadLayer<'a>>> = image
            .layers
            .iter()
            .map(|layer| match layer.source {
                LayerSource::Blob(blob) => read(blob),
                LayerSource::Absent(_) => None,
            })
            .collect();
        let mut tree = UnionTree::new(limits);
        let mut entries_left = limits.applied_entries;
        for layer in layers.iter().map_while(Option::as_ref) {
            let entries = (layer.changeset.entries.len() + layer.changeset.paths.len()) as u64;
            let Some(left) = entries_left.checked_sub(entries) else { break };
            entries_left = left;
            tree.apply(layer.changeset, layer.regular_bytes);
        }
        let marks = layers.iter().map(|layer| layer.map(|layer| Marks::new(layer.changeset))).collect();
        Self { image, layers, marks, tree, limits }
    }

    pub fn facts(&self) -> ImageFacts {
        let distribution = self.distribution();
        let config = self.image.config.as_ref().map(|config| config.config.clone()).unwrap_or_default();
        ImageFacts {
            dockerfile: recover(&config, self.layers.len(), distribution.as_ref(), self.limits),
            statements: statements(&config),
            packages: self.packages(),
            distribution,
        }
    }

    pub fn distribution(&self) -> Option<Distribution> {
        distribution::find(&self.tree, |layer, path| self.layers.get(layer as usize)?.as_ref()?.scan.read(path))
    }

    pub fn packages(&self) -> Packages {
        packages::by_layer(
            self.layers
                .iter()
                .zip(&self.marks)
                .map(|(layer, marks)| layer.as_ref().zip(marks.as_ref()).map(|(layer, marks)| (marks, layer.scan))),
        )
    }

    pub fn hidden(&self) -> Hidden {
        let scans: Vec<Option<&LayerScan>> = self.layers.iter().map(|layer| layer.map(|layer| layer.scan)).collect();
        let mut searched = Searched::default();
        for (layer, scan) in scans.iter().enumerate() {
            let Some(scan) = scan else {
                searched.absent.push(layer as u32);
                continue;
            };
            searched.files += scan.files;
            searched.bytes += scan.bytes;
            searched.too_large += scan.too_large;
            searched.more += scan.more_hits as u64;
        }
        let config = self.image.config.as_ref().map(|config| &config.config);
        Hidden { secrets: ranked(config, &self.marks, &scans), permissions: permissions(&self.tree), searched }
    }
}

impl Fate {
    /// The layer that ended it.
    pub fn by(self) -> Option<u32> {
        match self {
            Self::Deleted { by } | Self::Replaced { by } => Some(by),
            Self::Visible => None,
        }
    }
}
