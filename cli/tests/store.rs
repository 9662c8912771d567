//! The store's layers against those of containers-storage, which podman and buildah keep: skopeo writes one.
//!
//! Its layer IDs are a chain too, SHA-256 of "parent+diff_id" in hex, so the same layers are shared, and the same layer
//! on another parent is another one, exactly where our chain IDs say so.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use layerlab_core::{
    digest::{ChainId, DiffId, Digest},
    limits::Limits,
    store::{ImageName, ImageRecord, Policy, Store, plan},
};
use layerlab_tests::{Image, oci_archive, registry};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn containers_storage_keeps_the_same_layers_once() {
    if Command::new("skopeo").arg("--version").output().is_err() {
        eprintln!("not compared with containers-storage: skopeo is not installed here");
        return;
    }
    let folder = TempDir::new().unwrap();
    let mut store = Store::new();
    for sample in registry::all() {
        let name = format!("{}:{}", sample.path.trim_start_matches("library/"), sample.tag);
        keep(&mut store, &name, &sample.image);
        if !copy(folder.path(), &name, &sample.image) {
            eprintln!("not compared with containers-storage: it cannot be written here");
            return;
        }
    }
    let theirs = layers(folder.path());
    let ours: BTreeMap<String, (String, u64)> = store
        .layers()
        .iter()
        .map(|(chain, layer)| {
            let size = tar_sizes().get(&layer.diff_id).copied().unwrap();
            (storage_id(&store, chain), (layer.diff_id.to_string(), size))
        })
        .collect();
    assert_eq!(theirs, ours);
}

fn keep(store: &mut Store, name: &str, image: &Image) {
    let record =
        ImageRecord::from_documents(&image.manifest_document(), &image.config_document(), &Limits::default()).unwrap();
    let plan = plan(store, &ImageName::parse(name), &record, Policy::Classic);
    plan.events.iter().for_each(|event| store.apply(event));
}

fn copy(folder: &Path, name: &str, image: &Image) -> bool {
    let archive = folder.join("image.tar");
    fs::write(&archive, oci_archive(&[image]).tar()).unwrap();
    let (root, run) = (folder.join("root"), folder.join("run"));
    let to = format!("containers-storage:[vfs@{}+{}]{name}", root.display(), run.display());
    let from = format!("oci-archive:{}", archive.display());
    let output = Command::new("skopeo").args(["--insecure-policy", "copy", "--quiet", &from, &to]).output().unwrap();
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}

/// Layer ID to diff_id and size of the uncompressed tar.
fn layers(folder: &Path) -> BTreeMap<String, (String, u64)> {
    let text = fs::read(folder.join("root/vfs-layers/layers.json")).unwrap();
    let layers: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    layers
        .iter()
        .map(|layer| (text(&layer["id"]), (text(&layer["diff-digest"]), layer["diff-size"].as_u64().unwrap())))
        .collect()
}

/// What containers-storage calls a layer in its place.
fn storage_id(store: &Store, chain: &ChainId) -> String {
    let layer = store.layers().get(chain).unwrap();
    match &layer.parent {
        None => layer.diff_id.0.encoded().to_owned(),
        Some(parent) => {
            let text = format!("{}+{}", storage_id(store, parent), layer.diff_id.0.encoded());
            Digest::sha256(text.as_bytes()).encoded().to_owned()
        }
    }
}

fn tar_sizes() -> BTreeMap<DiffId, u64> {
    let tars = registry::all().into_iter().flat_map(|sample| sample.image.tars());
    tars.map(|tar| (DiffId(Digest::sha256(&tar)), tar.len() as u64)).collect()
}
