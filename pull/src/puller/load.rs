//! An image of an opened archive goes into the store, as `docker load` takes it.

use std::io::Read;

use layerlab_core::{
    archive::{DocumentRole, ImageArchive, LayerSource, Location},
    digest::Digest,
    report::ImageReport,
    store::{ImageName, ImageRecord, Policy, PullEvent, plan},
};
use web_sys::File;

use super::{changed, open, shop::Shop};
use crate::opfs::{Kept, blob_lock};

/// Copies the blobs of the image, each verified while it is written, and registers it. Everything was read once when
/// the archive was opened, and is read again now: the file may have changed.
pub async fn load(plan_of: &ImageArchive, image: usize, report: &ImageReport, files: Vec<File>) -> Result<(), String> {
    let shop = Shop::open().await.map_err(|trouble| trouble.to_string())?;
    let planned = plan_of.images.get(image).ok_or("There is no such image.")?;
    let config = planned.config.as_ref().ok_or("The image has no config, so it has no ID.")?;
    let mut record = ImageRecord::from_report(report, config.size)
        .ok_or("A layer of the image is absent, or is not what the config says: it is not loaded.")?;
    for (role, digest) in [
        (DocumentRole::Config, Some(record.config.digest.clone())),
        (DocumentRole::Manifest, record.manifest.as_ref().map(|manifest| manifest.digest.clone())),
    ] {
        let Some(digest) = &digest else { continue };
        let document = plan_of.documents.iter().find(|document| document.role == role && document.digest == *digest);
        match document.map(|document| bytes_at(&files, document.location)).transpose()? {
            Some(bytes) if Digest::sha256(&bytes) == *digest => {
                shop.shelf.put(digest, &bytes).await.map_err(|trouble| trouble.to_string())?;
            }
            // An image can do without a manifest, and not without a config.
            _ if role == DocumentRole::Config => return Err("The config cannot be read again.".into()),
            _ => record.manifest = None,
        }
    }
    record.index = None;
    let store = shop.read().await;
    for (number, (layer, place)) in record.layers.iter_mut().zip(&planned.layers).enumerate() {
        let LayerSource::Blob(blob) = place.source else { return Err(format!("Layer {} is absent.", number + 1)) };
        let location = plan_of.blobs.get(blob.0 as usize).map(|blob| blob.location);
        let location = location.ok_or_else(|| format!("Layer {} is absent.", number + 1))?;
        if store.has_diff(&layer.diff_id) {
            continue;
        }
        let _lock = blob_lock(&layer.blob).await;
        let source = slice(&files, location)?;
        let mut part = shop.shelf.part(&layer.blob).await.map_err(|trouble| trouble.to_string())?;
        part.clear();
        let mut reader = source.reader().map_err(|error| error.to_string())?;
        let (mut buffer, mut at) = (vec![0; 1 << 20], 0);
        loop {
            let read = reader.read(&mut buffer).map_err(|error| error.to_string())?;
            if read == 0 {
                break;
            }
            part.write(at, &buffer[..read]).await.map_err(|trouble| trouble.to_string())?;
            at += read as u64;
        }
        let kept = shop.shelf.finished(part).await.map_err(|trouble| trouble.to_string())?;
        let opened = open::open(&kept, &layer.blob, layer.diff_id.0.algorithm()).map_err(|error| error.to_string())?;
        if opened.blob != layer.blob || opened.diff_id != layer.diff_id.0 {
            shop.shelf.discard(&layer.blob).await;
            return Err(format!("Layer {} is not what it was when the archive was opened.", number + 1));
        }
        layer.facts = Some(opened.facts);
        shop.shelf.keep(&layer.blob, opened.blob_size).await.map_err(|trouble| trouble.to_string())?;
    }
    let names: Vec<ImageName> = report.tags.iter().map(|tag| ImageName::parse(tag)).collect();
    let id = record.id();
    let fallback = ImageName { host: "loaded".into(), path: "image".into(), tag: id.0.short().into() };
    for name in if names.is_empty() { vec![fallback] } else { names } {
        let events = loaded(&shop, &name, &record).await;
        shop.apply(&events).await.map_err(|trouble| trouble.to_string())?;
    }
    changed().await;
    Ok(())
}

/// The steps of a pull that changed the store as this load did.
async fn loaded(shop: &Shop, name: &ImageName, record: &ImageRecord) -> Vec<PullEvent> {
    plan(&shop.read().await, name, record, Policy::ByContent).events
}

fn slice(files: &[File], location: Location) -> Result<Kept, String> {
    let file = files.get(location.volume as usize).ok_or("The archive is not open any more.")?;
    let (first, last) = (location.offset as f64, location.offset.saturating_add(location.size) as f64);
    let slice = file.slice_with_f64_and_f64(first, last).map_err(|_| "The file changed while it was read.")?;
    let parts = js_sys::Array::of1(&slice);
    File::new_with_blob_sequence(&parts, "layer").map(Kept::File).map_err(|_| "The file cannot be read.".into())
}

fn bytes_at(files: &[File], location: Location) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut reader = slice(files, location)?.reader().map_err(|error| error.to_string())?;
    reader.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}
