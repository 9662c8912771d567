//! A layer worker of the pool: reads the blobs it is sent for, one after the other, and answers each.

use std::{io, rc::Rc};

use js_sys::{Uint8Array, WebAssembly};
use layerlab_core::{
    archive::{LayerBlob, source::LocationReader},
    layer::{LayerReading, changeset::ContentKey, read::LayerSteps},
    limits::Limits,
};
use wasm_bindgen::JsCast;
use web_sys::{File, MessagePort};

use super::{
    Pace,
    digests::{LayerHashes, can_gather},
    file::FileVolumes,
    helper::Helper,
    post,
};
use crate::protocol::{Failure, FromLayers, FromWorker, LayerJob, LayerJobs, Message};

/// Bytes of one read call. Measured on two cores: 4 MiB 240 MB/s, 16 MiB 520 MB/s, more is not faster.
const READ_BYTES: u64 = 16 << 20;
/// Blobs closer than this are read in one call.
const NEIGHBOUR_BYTES: u64 = 64 << 10;

pub async fn run(errand: LayerJobs, files: Vec<File>, port: Option<MessagePort>) {
    let gather = if can_gather() { errand.gather } else { 0 };
    let helper = port.map(|port| Rc::new(Helper::new(port)));
    let volumes = FileVolumes::new(files, errand.sizes).map(|volumes| volumes.reading_ahead(READ_BYTES));
    match volumes {
        Ok(mut volumes) => {
            for (index, job) in errand.jobs.iter().enumerate() {
                volumes.read_ahead_until(end_of_run(&errand.jobs[index..]));
                let hashes = begin(&mut volumes, &job.layer, gather, helper.clone());
                answer(job, read(&mut volumes, job, errand.key, hashes, helper.as_deref()).await);
            }
        }
        Err(problem) => errand.jobs.iter().for_each(|job| fail(job, problem.clone().into())),
    }
    post(Message::new(FromWorker::Layers(FromLayers::Idle { memory: memory() })));
}

/// Reads a blob in one piece where it may be gathered: then it is hashed while it is parsed.
fn begin(volumes: &mut FileVolumes, layer: &LayerBlob, gather: u64, helper: Option<Rc<Helper>>) -> LayerHashes {
    let location = layer.location;
    let whole = (location.size <= gather).then(|| volumes.whole(location)).flatten();
    LayerHashes::new(layer, gather, whole, helper)
}

async fn read(
    volumes: &mut FileVolumes,
    job: &LayerJob,
    key: ContentKey,
    hashes: LayerHashes,
    helper: Option<&Helper>,
) -> io::Result<LayerReading> {
    let LayerJob { blob, layer } = job;
    let limits = Limits::default();
    let mut pace = Pace::new();
    let mut progress = |stored| {
        if pace.is_due() {
            post(Message::new(FromWorker::Layers(FromLayers::Progress { blob: *blob, stored })));
        }
    };
    let mut stored = LocationReader::new(volumes, layer.location);
    let mut digests = hashes.clone();
    let mut steps = LayerSteps::new(&mut stored, layer, key, &limits, &mut digests, &mut progress)?;
    while steps.step()? {
        if let Some(helper) = helper {
            helper.has_room().await;
        }
    }
    let contents = steps.finish();
    let (blob_digest, diff_id) = hashes.finish().await;
    Ok(contents.into_reading(blob_digest, diff_id))
}

fn answer(job: &LayerJob, reading: io::Result<LayerReading>) {
    match reading {
        Ok(LayerReading { summary, changeset }) => {
            let encoded = Uint8Array::from(changeset.encode().as_slice());
            let head = FromLayers::Read { blob: job.blob, summary };
            post(Message::new(FromWorker::Layers(head)).with_buffer(encoded.buffer()));
        }
        Err(error) => fail(job, error.into()),
    }
}

fn fail(job: &LayerJob, failure: Failure) {
    post(Message::new(FromWorker::Layers(FromLayers::Failed { blob: job.blob, failure })));
}

/// Where the first blob ends, or the last of those that follow it closely.
fn end_of_run(jobs: &[LayerJob]) -> u64 {
    let end = |layer: &LayerBlob| layer.location.offset.saturating_add(layer.location.size);
    let mut jobs = jobs.iter().map(|job| &job.layer);
    let Some(first) = jobs.next() else { return 0 };
    let mut last = end(first);
    for layer in jobs {
        if layer.location.volume != first.location.volume || layer.location.offset > last + NEIGHBOUR_BYTES {
            break;
        }
        last = end(layer);
    }
    last
}

/// Bytes of this worker's wasm memory.
fn memory() -> u64 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    buffer.byte_length().into()
}
