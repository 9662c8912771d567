//! Opening a blob that is all there: read back as it was written, hashed once more, and decompressed.

use std::io;

use layerlab_core::{
    archive::{LayerBlob, Location},
    digest::{Algorithm, Digest},
    layer::{LayerReading, changeset::ContentKey, read::read_layer},
    limits::Limits,
    store::LayerFacts,
};

use crate::opfs::Kept;

/// What came out of a blob.
pub struct Opened {
    /// Of the bytes as they are stored.
    pub blob: Digest,
    pub blob_size: u64,
    pub diff_id: Digest,
    pub facts: LayerFacts,
}

/// Reads `kept` to its end. The blob's digest is computed in the algorithm of `blob`, the diff_id in `diff_id`.
pub fn open(kept: &Kept, blob: &Digest, diff_id: &Algorithm) -> io::Result<Opened> {
    let job = LayerBlob {
        location: Location { volume: 0, offset: 0, size: kept.size() },
        path: String::new(),
        blob_algorithm: blob.algorithm().clone(),
        diff_id_algorithm: diff_id.clone(),
        expect_tar: true,
    };
    // Contents are not compared here, so any key will do.
    let reading = read_layer(&mut kept.reader()?, &job, ContentKey([0; 4]), &Limits::default(), &mut |_| {})?;
    let facts = LayerFacts::from(&reading);
    let LayerReading { summary, .. } = reading;
    Ok(Opened { blob: summary.blob_digest, blob_size: summary.blob_size, diff_id: summary.diff_id.0, facts })
}
