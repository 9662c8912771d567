//! Reads every layer of a plan once, on as many threads as there are processors.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    io,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use layerlab_core::{
    archive::{BlobId, source::LocationReader},
    finding::{Code, Finding},
    layer::{changeset::ContentKey, read::read_layer},
    limits::Limits,
    report::Readings,
};

use crate::{open::Opened, progress::Progress};

/// Each blob is independent of the others until the union, so any thread takes the next one. A blob that cannot be
/// read becomes a finding of its layer.
pub fn read_layers(opened: &Opened, key: ContentKey, limits: &Limits, progress: &Progress) -> Readings {
    let blobs = &opened.plan.blobs;
    progress.layers(blobs.iter().map(|blob| blob.location.size).sum());
    let next = AtomicUsize::new(0);
    let readings = Mutex::new(Readings::new());
    let work = || {
        let mut handles = opened.handles();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(blob) = blobs.get(index) else { return };
            let mut seen = 0;
            let mut report = |stored: u64| {
                progress.read(stored.saturating_sub(seen));
                seen = seen.max(stored);
            };
            let reading = match &mut handles {
                Ok(files) => read_layer(&mut LocationReader::new(files, blob.location), blob, key, limits, &mut report)
                    .map_err(|error| unreadable(&blob.path, &error)),
                Err(error) => Err(unreadable(&blob.path, error)),
            };
            if let Ok(mut readings) = readings.lock() {
                readings.insert(BlobId(index as u32), reading);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(2, usize::from).min(blobs.len().max(1));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    progress.finish();
    readings.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn unreadable(path: &str, error: &io::Error) -> Finding {
    let mut finding = Finding::error(Code::LayerDamaged, format!("{path} cannot be read: {error}."));
    finding.path = Some(path.to_owned());
    finding
}

/// The standard library's own hash seeds are random, and enough for a key that only guards against prepared
/// collisions.
pub fn random_key() -> ContentKey {
    ContentKey(std::array::from_fn(|part| RandomState::new().hash_one(part)))
}
