//! One image, opened: its timeline, its view, and the bytes of its layers.

use std::{cell::RefCell, collections::BTreeMap, io, rc::Rc};

use layerlab_core::{
    archive::{BlobId, LayerSource, Location, Outer, source::Volumes},
    explore::{
        Reading, Timeline, TreeView,
        bytes::{Inside, StackBytes},
        file::FileSource,
    },
    layer::{Compression, changeset::Changeset},
    limits::Limits,
    path::PathId,
};
use layerlab_web::{protocol::Passes, worker::FileVolumes};

use super::{EXPLORED, Explored};

/// What is held of one image.
#[derive(Debug)]
pub struct Stack {
    pub view: TreeView,
    layers: Vec<BlobId>,
    bytes: StackBytes<ArchiveVolumes>,
}

/// The opened files, or what is inside the one that is compressed as a whole.
#[derive(Debug)]
pub enum ArchiveVolumes {
    Files(FileVolumes),
    Inside(Box<Inside<FileVolumes>>),
}

thread_local! {
    static STACKS: RefCell<BTreeMap<u32, Rc<RefCell<Stack>>>> = const { RefCell::new(BTreeMap::new()) };
}

impl Stack {
    /// Opens an image, or finds it open. The sentence says why it cannot be.
    pub fn of_image(image: u32) -> Result<Rc<RefCell<Self>>, String> {
        if let Some(known) = STACKS.with_borrow(|stacks| stacks.get(&image).cloned()) {
            return Ok(known);
        }
        let stack = with_explored(|explored| Self::open(explored, image))?;
        let stack = Rc::new(RefCell::new(stack));
        STACKS.with_borrow_mut(|stacks| stacks.insert(image, stack.clone()));
        Ok(stack)
    }

    fn open(explored: &Explored, image: u32) -> Result<Self, String> {
        let limits = Limits::default();
        let image = explored.plan.images.get(image as usize).ok_or("There is no such image.")?;
        let readable = |source: &LayerSource| match source {
            LayerSource::Blob(blob) if matches!(explored.readings.get(blob), Some(Ok(_))) => Some(*blob),
            _ => None,
        };
        let mut layers: Vec<BlobId> = image.layers.iter().map_while(|layer| readable(&layer.source)).collect();
        let readings = layers.iter().filter_map(|blob| explored.readings.get(blob)?.as_ref().ok());
        let changesets = readings.clone().map(|reading| (&reading.changeset, reading.summary.regular_bytes));
        let timeline = Timeline::new(changesets, &limits);
        let blobs = layers.iter().zip(readings).filter_map(|(blob, reading)| {
            Some((explored.plan.blobs.get(blob.0 as usize)?.location, reading.summary.compression))
        });
        let bytes = StackBytes::new(volumes(explored, &limits)?, blobs.collect(), &limits);
        let top = timeline.height().saturating_sub(1);
        layers.truncate(timeline.height() as usize);
        let view = TreeView::new(Rc::new(timeline), Reading::Merged { layer: top });
        Ok(Self { view, layers, bytes })
    }

    /// Where the bytes are that a layer has at a path.
    pub fn source(&self, path: PathId, height: u32) -> Option<FileSource> {
        with_explored(|explored| {
            let changeset = |layer| self.changeset(explored, layer);
            Ok(FileSource::of_path(self.view.timeline(), path, height, changeset))
        })
        .ok()
        .flatten()
    }

    /// The changeset of a layer of this stack.
    pub fn changeset<'e>(&self, explored: &'e Explored, layer: u32) -> Option<&'e Changeset> {
        let blob = self.layers.get(layer as usize)?;
        explored.readings.get(blob)?.as_ref().ok().map(|reading| &reading.changeset)
    }

    /// Timeline and bytes, for work that needs both.
    pub fn parts(&mut self) -> (Rc<Timeline>, &mut StackBytes<ArchiveVolumes>) {
        (self.view.timeline().clone(), &mut self.bytes)
    }
}

/// What was handed over; it is there before any question is answered.
pub fn with_explored<T>(work: impl FnOnce(&Explored) -> Result<T, String>) -> Result<T, String> {
    EXPLORED.with_borrow(|explored| explored.as_ref().ok_or("The archive is not there yet.".to_owned()).and_then(work))
}

/// Bytes that are fetched at once: a call costs a browser milliseconds whatever its size.
const AHEAD: u64 = 2 << 20;

fn volumes(explored: &Explored, limits: &Limits) -> Result<ArchiveVolumes, String> {
    let sizes: Vec<u64> = explored.files.iter().map(|file| file.size() as u64).collect();
    let whole = sizes.first().copied().unwrap_or(0);
    let mut files = FileVolumes::new(explored.files.clone(), sizes).map_err(|problem| problem.to_string())?;
    files = files.reading_ahead(AHEAD);
    files.read_ahead_until(u64::MAX);
    let compression = match explored.outer {
        Outer::Gzip => Compression::Gzip,
        Outer::Zstd => Compression::Zstd,
        Outer::Xz => Compression::Xz,
        Outer::Bzip2 => Compression::Bzip2,
        Outer::None | Outer::Dir => Compression::None,
    };
    // A bare layer is stored as it was given: its blob is the compressed file itself.
    if explored.passes != Passes::Two || compression == Compression::None || explored.plan.is_bare() {
        return Ok(ArchiveVolumes::Files(files));
    }
    let location = Location { volume: 0, offset: 0, size: whole };
    Ok(ArchiveVolumes::Inside(Box::new(Inside::new(files, location, compression, limits))))
}

impl Volumes for ArchiveVolumes {
    fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Files(files) => files.read_at(volume, offset, buf),
            Self::Inside(inside) => inside.read_at(volume, offset, buf),
        }
    }
}
