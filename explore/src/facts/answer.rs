//! Facts and hidden things: each layer is looked through once, when it is first asked for, and the scan is kept.

use std::{cell::RefCell, collections::BTreeMap, io, io::Read};

use layerlab_core::{
    archive::{
        BlobId, ImageArchive, LayerBlob, LayerSource, Location, read_layers_in_stream,
        source::{LocationReader, Volumes},
    },
    facts::{
        contents::{LayerWalk, Visitor},
        image::{ReadLayer, Stack},
        proof::ProofOf,
        scan::LayerScan,
    },
    layer::decompress::Decompress,
    limits::Limits,
};
use layerlab_web::{protocol::Passes, worker::FileVolumes};
use wasm_bindgen_futures::spawn_local;

use super::{FactsAnswer, FactsQuestion};
use crate::{
    explorer::{self, Explored, Line},
    protocol::Answer,
};

/// Bytes that one read of a file fetches.
const READ_AHEAD: u64 = 8 << 20;
/// Milliseconds of work between two looks at the messages that have come.
const TURN: f64 = 60.0;

/// Bytes of a file that are read again to show a line of it.
const PROOF_BYTES: usize = 4 << 20;

thread_local! {
    static SCANS: RefCell<BTreeMap<BlobId, LayerScan>> = const { RefCell::new(BTreeMap::new()) };
}

pub fn answer(line: Line, question: FactsQuestion) {
    match question {
        FactsQuestion::Facts { image } => {
            look_through(line, image, |stack| FactsAnswer::Facts(Box::new(stack.facts())));
        }
        FactsQuestion::Hidden { image } => {
            look_through(line, image, |stack| FactsAnswer::Hidden(Box::new(stack.hidden())));
        }
        FactsQuestion::Prove { image, layer, path, data_offset, line: number } => {
            prove(line, image, layer, ProofOf::new(path, data_offset, number, PROOF_BYTES));
        }
        FactsQuestion::Document { location } => line.finish(Answer::Facts(document(location))),
    }
}

/// Looks through the layers of an image that were not looked through yet, and answers.
fn look_through(line: Line, image: usize, conclude: impl FnOnce(&Stack<'_>) -> FactsAnswer + 'static) {
    spawn_local(async move {
        match scan(&line, image).await {
            Ok(true) => line.finish(Answer::Facts(of_stack(image, conclude))),
            // Nobody waits for it any more.
            Ok(false) => {}
            Err(error) => line.finish(Answer::Facts(FactsAnswer::Failed(error.to_string()))),
        }
    });
}

/// Reads a file of a layer again.
fn prove(line: Line, image: usize, layer: usize, wanted: ProofOf) {
    spawn_local(async move {
        let source = Source::of_explored();
        let blob = source.as_ref().and_then(|source| {
            let layer = source.plan.images.get(image)?.layers.get(layer)?;
            match layer.source {
                LayerSource::Blob(id) => Some((id, source.plan.blobs.get(id.0 as usize)?.clone())),
                LayerSource::Absent(_) => None,
            }
        });
        let Some((mut source, (id, blob))) = source.zip(blob) else {
            return line.finish(Answer::Facts(FactsAnswer::Proof(None)));
        };
        let mut progress = |_| {};
        let read = match source.passes {
            Passes::Two => source.walk_in_stream(&[id], |_| wanted.clone(), &mut progress).map(|mut all| all.pop()),
            _ => source.walk(&line, &blob, wanted, &mut progress).await.map(|done| done.map(|visitor| (id, visitor))),
        };
        line.finish(Answer::Facts(match read {
            Ok(read) => FactsAnswer::Proof(read.and_then(|(_, visitor)| visitor.found)),
            Err(error) => FactsAnswer::Failed(error.to_string()),
        }));
    });
}

/// The bytes of a document.
fn document(location: Location) -> FactsAnswer {
    let limit = Limits::default().document_bytes;
    let Some(source) = Source::of_explored().filter(|_| location.size <= limit) else {
        return FactsAnswer::Failed("The document passes the bound.".into());
    };
    let mut bytes = Vec::new();
    let read = match source.passes {
        Passes::Two => source.stream().and_then(|mut stream| {
            io::copy(&mut (&mut stream).take(location.offset), &mut io::sink())?;
            stream.take(location.size).read_to_end(&mut bytes)
        }),
        _ => {
            source.volumes().and_then(|mut volumes| LocationReader::new(&mut volumes, location).read_to_end(&mut bytes))
        }
    };
    match read {
        Ok(_) => FactsAnswer::Document(bytes),
        Err(error) => FactsAnswer::Failed(error.to_string()),
    }
}

/// False where the question was cancelled on the way.
async fn scan(line: &Line, image: usize) -> io::Result<bool> {
    let Some(mut source) = Source::of_explored() else { return Ok(false) };
    let missing = source.missing(image);
    let size = |id: &BlobId| source.plan.blobs.get(id.0 as usize).map_or(0, |blob| blob.location.size);
    let total: u64 = missing.iter().map(size).sum();
    let limits = Limits::default();
    let mut before = 0;
    let mut told = js_sys::Date::now();
    let mut tell = |done: u64| {
        let now = js_sys::Date::now();
        if now - told > TURN * 2.0 {
            told = now;
            line.tell(Answer::Facts(FactsAnswer::Scanning { done, total }));
        }
    };
    line.tell(Answer::Facts(FactsAnswer::Scanning { done: 0, total }));
    if matches!(source.passes, Passes::Two) {
        let scans = source.walk_in_stream(&missing, |_| LayerScan::new(&limits), &mut tell)?;
        SCANS.with_borrow_mut(|kept| kept.extend(scans));
        return Ok(true);
    }
    for id in missing {
        let Some(blob) = source.plan.blobs.get(id.0 as usize).cloned() else { continue };
        let mut progress = |done| tell(before + done);
        match source.walk(line, &blob, LayerScan::new(&limits), &mut progress).await? {
            Some(scan) => SCANS.with_borrow_mut(|kept| drop(kept.insert(id, scan))),
            None => return Ok(false),
        }
        before += blob.location.size;
    }
    Ok(true)
}

fn of_stack(image: usize, conclude: impl FnOnce(&Stack<'_>) -> FactsAnswer) -> FactsAnswer {
    let limits = Limits::default();
    let answer = explorer::explored_mut(|explored| {
        let Explored { plan, readings, .. } = explored;
        for id in blobs_of(plan, image) {
            if let Some(Ok(reading)) = readings.get_mut(&id) {
                reading.changeset.paths.ensure_lookup();
            }
        }
        let listed = plan.images.get(image)?;
        SCANS.with_borrow(|scans| {
            let read = |id: BlobId| {
                let reading = readings.get(&id)?.as_ref().ok()?;
                let regular_bytes = reading.summary.regular_bytes;
                Some(ReadLayer { changeset: &reading.changeset, regular_bytes, scan: scans.get(&id)? })
            };
            Some(conclude(&Stack::new(listed, read, &limits)))
        })
    });
    answer.flatten().unwrap_or_else(|| FactsAnswer::Failed("There is no such image.".into()))
}

/// The distinct blobs of an image.
fn blobs_of(plan: &ImageArchive, image: usize) -> Vec<BlobId> {
    let layers = plan.images.get(image).map(|image| image.layers.as_slice()).unwrap_or_default();
    let mut blobs: Vec<BlobId> = Vec::new();
    for layer in layers {
        match layer.source {
            LayerSource::Blob(id) if !blobs.contains(&id) => blobs.push(id),
            _ => {}
        }
    }
    blobs
}

/// The archive's bytes, apart from what is known of them: a reading awaits, and no borrow may be held meanwhile.
struct Source {
    plan: ImageArchive,
    files: Vec<web_sys::File>,
    passes: Passes,
    limits: Limits,
}

impl Source {
    fn of_explored() -> Option<Self> {
        explorer::explored(|explored| Self {
            plan: explored.plan.clone(),
            files: explored.files.clone(),
            passes: explored.passes,
            limits: Limits::default(),
        })
    }

    /// The blobs of an image that were read and not looked through yet.
    fn missing(&self, image: usize) -> Vec<BlobId> {
        let mut blobs = blobs_of(&self.plan, image);
        let is_tar = |id: &BlobId| self.plan.blobs.get(id.0 as usize).is_some_and(|blob| blob.expect_tar);
        blobs.retain(|id| is_tar(id) && !SCANS.with_borrow(|scans| scans.contains_key(id)));
        blobs
    }

    fn volumes(&self) -> io::Result<FileVolumes> {
        let sizes = self.files.iter().map(|file| file.size() as u64).collect();
        let volumes = FileVolumes::new(self.files.clone(), sizes).map_err(io::Error::other)?;
        Ok(volumes.reading_ahead(READ_AHEAD))
    }

    /// The whole archive, decompressed from its start.
    fn stream(&self) -> io::Result<impl Read + use<>> {
        let size = self.files.first().map_or(0, |file| file.size() as u64);
        let whole = OwnedLocation { volumes: self.volumes()?, offset: 0, size };
        Decompress::new(whole, &self.limits)
    }

    /// Walks over one layer, and returns to the event loop now and then. `None` where the question was cancelled.
    async fn walk<V: Visitor>(
        &mut self,
        line: &Line,
        blob: &LayerBlob,
        visitor: V,
        progress: &mut impl FnMut(u64),
    ) -> io::Result<Option<V>> {
        let mut volumes = self.volumes()?;
        volumes.read_ahead_until(blob.location.offset + blob.location.size);
        let stored = LocationReader::new(&mut volumes, blob.location);
        let mut walk = LayerWalk::new(stored, visitor, &self.limits)?;
        let mut since = js_sys::Date::now();
        while walk.step()? {
            if js_sys::Date::now() - since > TURN {
                progress(walk.read());
                explorer::breathe().await;
                if line.is_cancelled() {
                    return Ok(None);
                }
                since = js_sys::Date::now();
            }
        }
        Ok(Some(walk.into_visitor()))
    }

    /// The same for an archive that is compressed as a whole and was not spooled: one pass, which hears nothing.
    fn walk_in_stream<V: Visitor>(
        &mut self,
        wanted: &[BlobId],
        visitor: impl Fn(BlobId) -> V,
        progress: &mut dyn FnMut(u64),
    ) -> io::Result<Vec<(BlobId, V)>> {
        let (mut done, mut before) = (Vec::new(), 0);
        read_layers_in_stream(self.stream()?, &self.plan, |id, stored| {
            if wanted.contains(&id) {
                let mut walk = LayerWalk::new(stored, visitor(id), &self.limits)?;
                while walk.step()? {
                    progress(before + walk.read());
                }
                before += walk.read();
                done.push((id, walk.into_visitor()));
            }
            Ok(())
        })?;
        Ok(done)
    }
}

/// A stretch of a volume with its volume, for streams that outlive a borrow.
struct OwnedLocation {
    volumes: FileVolumes,
    offset: u64,
    size: u64,
}

impl Read for OwnedLocation {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(usize::try_from(self.size - self.offset).unwrap_or(usize::MAX));
        let read = if len == 0 { 0 } else { self.volumes.read_at(0, self.offset, &mut buffer[..len])? };
        self.offset += read as u64;
        Ok(read)
    }
}
