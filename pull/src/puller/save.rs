//! An image of the store as an archive, for `docker load`, `podman load` and `skopeo`.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

use js_sys::{Array, Uint8Array};
use layerlab_core::{
    digest::Digest,
    layer::Compression,
    limits::Limits,
    store::{
        LayerRecord, Store,
        save::{Blobs, Format, SavedImage, SavedLayer, save as write_archive},
    },
};
use layerlab_web::protocol::Message;
use web_sys::{Blob, BlobPropertyBag, File};

use super::{send, shop::Shop};
use crate::{
    opfs::Kept,
    protocol::{FromPuller, OrderId},
};

/// Bytes that are handed to the browser at once; what it holds of a blob it may keep on disk.
const PIECE_BYTES: usize = 4 << 20;

pub async fn save(id: OrderId, name: &str, format: Format, layer: Option<usize>) -> Result<(), String> {
    let shop = Shop::open().await.map_err(|trouble| trouble.to_string())?;
    let store = shop.read().await;
    let stored = store.image(name).ok_or("There is no such image.")?;
    let record = stored.record();
    let config = shop.document(&record.config.digest).await.ok_or("The config is not here any more.")?;
    let manifest = match &record.manifest {
        Some(manifest) => shop.document(&manifest.digest).await.map(|bytes| (bytes, manifest.media_type.clone())),
        None => None,
    };
    let (mut layers, mut blobs) = (Vec::new(), BTreeMap::new());
    for (number, layer) in record.layers.iter().enumerate() {
        let absent = || format!("Layer {} is not here any more.", number + 1);
        let (blob, kept) = bytes_of(&shop, &store, layer).await.ok_or_else(absent)?;
        let stored = store.layers().iter().find(|(_, stored)| stored.diff_id == layer.diff_id);
        let facts = layer.facts.or_else(|| stored.and_then(|(_, stored)| stored.facts)).ok_or_else(absent)?;
        layers.push(SavedLayer {
            blob_size: kept.size(),
            diff_id: layer.diff_id.clone(),
            tar_size: facts.tar_size,
            compression: compression_of(&kept).map_err(|error| error.to_string())?,
            blob: blob.clone(),
        });
        blobs.insert(blob, kept);
    }
    // A manifest names its own blobs: where others stand in for them, a new one is made.
    let as_named = record.layers.iter().zip(&layers).all(|(layer, saved)| layer.blob == saved.blob);
    let manifest = manifest.filter(|_| as_named);
    let names: Vec<String> = store.tags().of(&stored.id).map(ToString::to_string).collect();
    let stem = names.first().map_or("image", String::as_str).rsplit('/').next().unwrap_or("image").replace(':', "-");
    let image = SavedImage { names, config, manifest, layers };
    let limits = Limits::default();
    let image = match layer {
        None => image,
        Some(layer) => image.only_layer(layer, &limits).ok_or("There is no such layer.")?,
    };
    let mut out = Pieces::default();
    write_archive(&image, format, &mut Held(blobs), &limits, &mut out).map_err(|error| error.to_string())?;
    let name = match layer {
        None => format!("{stem}.tar"),
        Some(layer) => format!("{stem}-layer-{}.tar", layer + 1),
    };
    let file = out.finish(&name).ok_or("The browser could not hold the archive.")?;
    send(Message::new(FromPuller::Saved { id, name }).with_files(vec![file]));
    Ok(())
}

/// The blob that the image names, or another of the same content: the store keeps each content once.
async fn bytes_of(shop: &Shop, store: &Store, layer: &LayerRecord) -> Option<(Digest, Kept)> {
    let same = store.layers().notes().filter(|(_, diff_id)| **diff_id == layer.diff_id).map(|(blob, _)| blob);
    for blob in std::iter::once(&layer.blob).chain(same) {
        if let Some(kept) = shop.shelf.get(blob).await {
            return Some((blob.clone(), kept));
        }
    }
    None
}

fn compression_of(kept: &Kept) -> io::Result<Compression> {
    let mut start = Vec::new();
    kept.reader()?.take(Compression::SNIFF_BYTES as u64).read_to_end(&mut start)?;
    Ok(Compression::sniff(&start))
}

struct Held(BTreeMap<Digest, Kept>);

impl Blobs for Held {
    fn open(&mut self, blob: &Digest) -> io::Result<Box<dyn Read + '_>> {
        let kept = self.0.get(blob).ok_or(io::ErrorKind::NotFound)?;
        kept.reader()
    }
}

/// What is written becomes blobs of the browser, so that no archive has to fit into memory.
#[derive(Default)]
struct Pieces {
    buffer: Vec<u8>,
    blobs: Array,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let parts = Array::of1(&Uint8Array::from(self.buffer.as_slice()));
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &BlobPropertyBag::new());
        let blob = blob.map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        self.blobs.push(&blob);
        self.buffer.clear();
        Ok(())
    }
}

impl Pieces {
    fn finish(mut self, name: &str) -> Option<File> {
        self.flush().ok()?;
        File::new_with_blob_sequence(&self.blobs, name).ok()
    }
}
