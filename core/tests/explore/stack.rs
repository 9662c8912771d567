//! An image of an archive, opened to be explored.

use std::{fs::File, io, path::Path, rc::Rc};

use layerlab_core::{
    archive::{
        ImageArchive, LayerBlob, LayerSource,
        source::{Files, LocationReader, SourceFile, Volumes},
    },
    explore::{
        Timeline,
        bytes::StackBytes,
        file::{FileReading, FileSource},
    },
    layer::{
        LayerReading,
        changeset::{Changeset, ContentKey},
        read::read_layer,
    },
    limits::Limits,
    path::{PathId, clamp},
};

use crate::common::open_path;

/// One image with its timeline, and the bytes of its layers.
pub struct Stack<V: Volumes> {
    pub readings: Vec<LayerReading>,
    pub timeline: Rc<Timeline>,
    pub bytes: StackBytes<V>,
}

/// The first image of an archive that is not compressed as a whole, with handles made by `handles`.
pub fn open<V: Volumes>(plan: &ImageArchive, mut handles: impl FnMut() -> V) -> Stack<V> {
    let limits = Limits::default();
    let layers = plan.images[0].layers.iter().map(|layer| match layer.source {
        LayerSource::Blob(blob) => &plan.blobs[blob.0 as usize],
        LayerSource::Absent(_) => panic!("a layer is absent"),
    });
    let mut volumes = handles();
    let mut read = |blob: &LayerBlob| {
        let mut stored = LocationReader::new(&mut volumes, blob.location);
        read_layer(&mut stored, blob, ContentKey([1, 2, 3, 4]), &limits, &mut |_| {}).unwrap()
    };
    let blobs: Vec<_> = layers.collect();
    let readings: Vec<LayerReading> = blobs.iter().map(|blob| read(blob)).collect();
    let changesets = readings.iter().map(|reading| (&reading.changeset, reading.summary.regular_bytes));
    let timeline = Rc::new(Timeline::new(changesets, &limits));
    let places = blobs.iter().zip(&readings).map(|(blob, reading)| (blob.location, reading.summary.compression));
    let bytes = StackBytes::new(handles(), places.collect(), &limits);
    Stack { readings, timeline, bytes }
}

/// The first image of a file of the disk.
pub fn open_file(path: &Path) -> Stack<Files<File>> {
    open(&open_path(path).unwrap(), || Files(vec![File::open(path).unwrap()]))
}

/// The first image of an archive in memory.
pub fn open_bytes(archive: &[u8]) -> Stack<&[u8]> {
    let source = SourceFile { name: "archive".into(), size: archive.len() as u64 };
    let plan = ImageArchive::open(&mut &archive[..], &source, &Limits::default()).unwrap();
    open(&plan, || archive)
}

impl<V: Volumes> Stack<V> {
    pub fn changeset(&self, layer: u32) -> Option<&Changeset> {
        self.readings.get(layer as usize).map(|reading| &reading.changeset)
    }

    pub fn find(&self, path: &str) -> PathId {
        self.timeline.paths().find(clamp(path.as_bytes()).components).unwrap()
    }

    /// The bytes of a file of the whole stack.
    pub fn read(&mut self, path: PathId) -> io::Result<Vec<u8>> {
        let height = self.timeline.height();
        let source = FileSource::of_path(&self.timeline, path, height, |layer| self.changeset(layer));
        let source = source.ok_or(io::ErrorKind::NotFound)?;
        let mut reading = FileReading::new(source, 0..u64::MAX, &Limits::default());
        let mut out = Vec::new();
        while reading.step(self.bytes.layer(source.layer)?, &mut out)? {}
        Ok(out)
    }
}
