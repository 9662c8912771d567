//! `/var/lib/containerd` with the overlayfs snapshotter.
//!
//! Source: containerd 1.7, `content/local`, `snapshots/overlay`, `metadata` and `docs/content-flow.md`. The metadata
//! is in a database, `meta.db`; here each of its buckets is a text.

use std::collections::HashMap;

use super::{FileKind, FileNode, Role, Tree};
use crate::{
    digest::{ChainId, Digest},
    store::{BlobRole, Store, StoredImage},
};

const CONTENT: &str = "io.containerd.content.v1.content";
const SNAPSHOTS: &str = "io.containerd.snapshotter.v1.overlayfs";
const METADATA: &str = "io.containerd.metadata.v1.bolt/meta.db";

/// Every file that containerd keeps for the images of a store, and what its database says of them.
pub fn containerd(store: &Store) -> Vec<FileNode> {
    let mut tree = Tree::default();
    tree.folder(CONTENT, Role::Folder);
    tree.folder(format!("{CONTENT}/blobs"), Role::Folder);
    tree.folder(format!("{CONTENT}/blobs/sha256"), Role::Folder);
    for (digest, blob) in store.content().iter() {
        let path = format!("{CONTENT}/blobs/{}/{}", digest.algorithm().as_str(), digest.encoded());
        tree.add(path, Role::Blob, FileKind::File { bytes: Some(blob.size) });
    }
    let numbers = numbers(store);
    snapshots(&mut tree, store, &numbers);
    tree.about_nothing();
    tree.folder("io.containerd.metadata.v1.bolt", Role::Folder);
    tree.folder(METADATA, Role::Folder);
    for (name, id) in store.tags().iter() {
        let Some(image) = store.images().get(id) else { continue };
        let Some(target) = image.record().target() else { continue };
        tree.about_image(id);
        tree.text(format!("{METADATA}/images/{}", name.canonical()), Role::MetadataImages, target.digest.to_string());
    }
    for image in store.images().iter() {
        tree.about_image(&image.id);
        labels(&mut tree, store, image);
    }
    for (chain, number) in ordered(&numbers) {
        tree.about_layer(chain);
        let parent = store.layers().get(chain).and_then(|layer| layer.parent.as_ref());
        let parent = parent.map_or("no parent".to_owned(), |parent| format!("parent {parent}"));
        let text = format!("{number}, committed, {parent}");
        tree.text(format!("{METADATA}/snapshots/overlayfs/{chain}"), Role::MetadataSnapshots, text).invented();
    }
    tree.nodes
}

/// Snapshots are numbered as they are made; here image by image and base first.
fn numbers(store: &Store) -> HashMap<&ChainId, usize> {
    let mut numbers = HashMap::new();
    for chain in store.images().iter().flat_map(StoredImage::chain_ids).filter(|it| store.layers().contains(it)) {
        let next = numbers.len() + 1;
        numbers.entry(chain).or_insert(next);
    }
    numbers
}

fn ordered<'a>(numbers: &HashMap<&'a ChainId, usize>) -> Vec<(&'a ChainId, usize)> {
    let mut ordered: Vec<_> = numbers.iter().map(|(chain, number)| (*chain, *number)).collect();
    ordered.sort_by_key(|(_, number)| *number);
    ordered
}

fn snapshots(tree: &mut Tree, store: &Store, numbers: &HashMap<&ChainId, usize>) {
    tree.folder(SNAPSHOTS, Role::Folder);
    tree.folder(format!("{SNAPSHOTS}/snapshots"), Role::Folder);
    for (chain, number) in ordered(numbers) {
        tree.about_layer(chain);
        let folder = format!("{SNAPSHOTS}/snapshots/{number}");
        let bytes = store.layers().get(chain).and_then(|layer| layer.facts).map(|facts| facts.unpacked_size);
        tree.folder(folder.clone(), Role::Snapshot).invented();
        tree.add(format!("{folder}/fs"), Role::SnapshotFs, FileKind::Tree { bytes }).invented();
        tree.folder(format!("{folder}/work"), Role::SnapshotWork).invented();
    }
}

/// What keeps a blob from the garbage collector: each document names what it leads to, and a config the top snapshot.
fn labels(tree: &mut Tree, store: &Store, image: &StoredImage) {
    let record = image.record();
    let mut label = |digest: &Digest, lines: Vec<String>| {
        if store.content().contains(digest) && !lines.is_empty() {
            tree.text(format!("{METADATA}/content/{digest}"), Role::BlobLabels, lines.join("\n"));
        }
    };
    if let (Some(index), Some(manifest)) = (&record.index, &record.manifest) {
        label(&index.digest, vec![format!("containerd.io/gc.ref.content.m.0={}", manifest.digest)]);
    }
    if let Some(manifest) = &record.manifest {
        let config = format!("containerd.io/gc.ref.content.config={}", record.config.digest);
        let layers = record.layers.iter().enumerate();
        let layers = layers.map(|(number, layer)| format!("containerd.io/gc.ref.content.l.{number}={}", layer.blob));
        label(&manifest.digest, [config].into_iter().chain(layers).collect());
    }
    let top = image.chain_ids().last();
    label(
        &record.config.digest,
        top.map(|top| format!("containerd.io/gc.ref.snapshot.overlayfs={top}")).into_iter().collect(),
    );
    for layer in &record.layers {
        let is_layer = store.content().get(&layer.blob).is_some_and(|blob| blob.role == BlobRole::Layer);
        let lines = is_layer.then(|| format!("containerd.io/uncompressed={}", layer.diff_id)).into_iter().collect();
        label(&layer.blob, lines);
    }
}
