//! One of the learner's own images as a part of a lesson.

use std::{fmt, sync::Arc};

use crate::{
    digest::{DiffId, ImageId},
    layer::changeset::Changeset,
    overlay::{Layer, changeset::unpack, engine::NewLayer},
    report::ImageReport,
};

/// Entries of all layers: a stage that shows some hundred columns is of no use for more, and a page's own thread holds
/// them.
pub const OWN_ENTRIES: usize = 300_000;

/// An image that takes the place of [`super::Scenario::own`].
#[derive(Clone, Debug)]
pub struct OwnImage {
    pub id: ImageId,
    /// Base first. At least one.
    pub layers: Vec<OwnLayer>,
}

#[derive(Clone, Debug)]
pub struct OwnLayer {
    /// As [`unpack`] gives it: names, sizes and metadata, and no file's bytes.
    pub layer: Layer,
    pub diff_id: DiffId,
    pub created_by: String,
    /// Bytes of its files.
    pub size: u64,
}

/// Why an image cannot be played with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnImageError {
    /// It has no config, or no layers: an artifact.
    NotAnImage,
    /// The layer at this place, 0 the base, is absent or was not read.
    LayerAbsent(usize),
    TooLarge {
        entries: usize,
        limit: usize,
    },
}

impl OwnImage {
    /// From an opened archive: the report of the image, and the changesets of its layers, base first.
    pub fn new<'a>(
        image: &ImageReport,
        changesets: impl IntoIterator<Item = &'a Changeset>,
    ) -> Result<Self, OwnImageError> {
        let id = image.config_digest.clone().ok_or(OwnImageError::NotAnImage)?;
        let mut changesets = changesets.into_iter();
        let mut entries = 0;
        let mut layers = Vec::new();
        for (number, report) in image.layers.iter().enumerate() {
            let absent = OwnImageError::LayerAbsent(number);
            let changeset = changesets.next().ok_or(absent)?;
            entries += changeset.entries.len();
            if entries > OWN_ENTRIES {
                return Err(OwnImageError::TooLarge { entries, limit: OWN_ENTRIES });
            }
            layers.push(OwnLayer {
                layer: unpack(changeset),
                diff_id: report.diff_id.clone().ok_or(absent)?,
                created_by: report.created_by.clone().unwrap_or_default(),
                size: report.regular_bytes.ok_or(absent)?,
            });
        }
        if layers.is_empty() { Err(OwnImageError::NotAnImage) } else { Ok(Self { id, layers }) }
    }

    pub(super) fn new_layers(&self) -> Vec<(NewLayer, DiffId)> {
        let layers = self.layers.iter().map(|own| {
            let layer = NewLayer {
                layer: Arc::new(own.layer.clone()),
                created_by: own.created_by.clone(),
                size: Some(own.size),
                download: None,
            };
            (layer, own.diff_id.clone())
        });
        layers.collect()
    }
}

impl fmt::Display for OwnImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnImage => f.write_str("This is no image of a file system."),
            Self::LayerAbsent(number) => write!(f, "Layer {} is not in the archive.", number + 1),
            Self::TooLarge { entries, limit } => {
                write!(f, "The image has at least {entries} entries; a lesson takes up to {limit}.")
            }
        }
    }
}

impl std::error::Error for OwnImageError {}
