//! One of the learner's own images on the stage.
//!
//! The page has read the archive already, so that its report says beforehand how much there is; what is read here a
//! second time is bounded by that, because it is done in the page itself and a person waits.

use std::fmt;

use layerlab_core::{
    archive::{ImageArchive, LayerBlob, LayerSource},
    layer::{changeset::ContentKey, read::read_layer},
    lesson::OwnImage,
    limits::Limits,
    report::Report,
};

/// Bytes of all tars together: about a second of reading.
pub const TAR_BYTES: u64 = 128 << 20;
/// Entries of all layers together: what the picture can be drawn of without a wait for each step.
pub const ENTRIES: u64 = 20_000;

/// Why an image is not brought onto the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnError {
    TooLarge,
    /// The archive lacks a layer, the config, or all of it.
    Incomplete,
    /// The browser could not read the file again.
    Unreadable(String),
}

/// The blobs of an image, base first, if all are there and not too large.
pub fn blobs(archive: &ImageArchive, report: &Report, image: usize) -> Result<Vec<LayerBlob>, OwnError> {
    let reported = report.images.get(image).ok_or(OwnError::Incomplete)?;
    let (mut bytes, mut entries) = (0_u64, 0_u64);
    for layer in &reported.layers {
        bytes = bytes.saturating_add(layer.tar_size.unwrap_or(0));
        entries = entries.saturating_add(layer.entries.unwrap_or(0));
    }
    if bytes > TAR_BYTES || entries > ENTRIES {
        return Err(OwnError::TooLarge);
    }
    let layers = &archive.images.get(image).ok_or(OwnError::Incomplete)?.layers;
    let blob = |source: &LayerSource| match source {
        LayerSource::Blob(id) => archive.blobs.get(id.0 as usize).cloned(),
        LayerSource::Absent(_) => None,
    };
    let blobs: Option<Vec<LayerBlob>> = layers.iter().map(|layer| blob(&layer.source)).collect();
    blobs.filter(|blobs| !blobs.is_empty()).ok_or(OwnError::Incomplete)
}

/// The image of its layers' stored bytes, base first.
pub fn image(report: &Report, image: usize, stored: &[(LayerBlob, Vec<u8>)]) -> Result<OwnImage, OwnError> {
    let limits = Limits::default();
    let mut changesets = Vec::with_capacity(stored.len());
    for (blob, bytes) in stored {
        let reading = read_layer(&mut &bytes[..], blob, KEY, &limits, &mut |_| {})
            .map_err(|error| OwnError::Unreadable(error.to_string()))?;
        changesets.push(reading.changeset);
    }
    let reported = report.images.get(image).ok_or(OwnError::Incomplete)?;
    OwnImage::new(reported, &changesets).map_err(|_| OwnError::Incomplete)
}

/// Tells contents apart within one image only, where nobody can profit from a collision.
const KEY: ContentKey = ContentKey([1, 2, 3, 4]);

impl fmt::Display for OwnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "{}", crate::text("own.too-large")),
            Self::Incomplete => write!(f, "{}", crate::text("own.incomplete")),
            Self::Unreadable(why) => write!(f, "{}", crate::fill("own.unreadable", &[("why", why)])),
        }
    }
}
