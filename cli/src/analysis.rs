//! An archive, read whole: its plan, its layers and its report, and the trees that commands ask for.

use std::path::Path;

use layerlab_core::{
    archive::{Image, ImageNature},
    error::ArchiveError,
    layer::changeset::ContentKey,
    limits::Limits,
    report::{self, ImageReport, Readings, Report},
    tree::UnionTree,
};

use crate::{
    open::{self, Opened},
    progress::Progress,
    read,
};

#[derive(Debug)]
pub struct Analysis {
    pub opened: Opened,
    pub readings: Readings,
    pub report: Report,
    limits: Limits,
}

/// Why the image that was asked for cannot be shown.
#[derive(Debug)]
pub struct NoSuchImage {
    pub number: usize,
    pub images: usize,
}

impl Analysis {
    /// Archives that are compared must be read with one key.
    pub fn read(file: &Path, key: ContentKey) -> Result<Self, ArchiveError> {
        let (limits, progress) = (Limits::default(), Progress::new());
        let opened = open::open(file, &limits, &progress)?;
        let readings = read::read_layers(&opened, key, &limits, &progress);
        let report = report::assemble(&opened.plan, &opened.name, opened.size, opened.outer, &readings, &limits);
        Ok(Self { opened, readings, report, limits })
    }

    /// The index of image `number` (from 1); without one, of the first that is a file system and whole, else of the
    /// first.
    pub fn choose(&self, number: Option<usize>) -> Result<usize, NoSuchImage> {
        let images = self.report.images.len();
        let refused = |number| NoSuchImage { number, images };
        match number {
            Some(number) => number.checked_sub(1).filter(|&index| index < images).ok_or_else(|| refused(number)),
            None if images == 0 => Err(refused(1)),
            None => Ok(self.distinct().first().copied().unwrap_or(0)),
        }
    }

    /// Indexes of the images that are whole file systems, one for each stack: new Docker saves list a stack twice.
    pub fn distinct(&self) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for (index, image) in self.report.images.iter().enumerate() {
            let whole = image.nature == ImageNature::Filesystem && image.merged.is_some();
            let known = found.iter().any(|&earlier| self.report.images[earlier].same_stack(image));
            if whole && !known {
                found.push(index);
            }
        }
        found
    }

    pub fn image(&self, index: usize) -> (&Image, &ImageReport) {
        (&self.opened.plan.images[index], &self.report.images[index])
    }

    /// The merged tree; `None` where a layer is absent.
    pub fn tree(&self, index: usize) -> Option<UnionTree> {
        report::merged_tree(&self.opened.plan.images[index], &self.readings, &self.limits)
    }
}

impl std::fmt::Display for NoSuchImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no image {}: the archive lists {}", self.number, self.images)
    }
}

impl std::error::Error for NoSuchImage {}
