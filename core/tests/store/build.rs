//! Images from words: a layer is the digest of its word, and its sizes follow from it.

use layerlab_core::{
    digest::{DiffId, Digest},
    layer::Compression,
    spec::platform::Platform,
    store::{Document, ImageName, ImageRecord, LayerFacts, LayerRecord, Policy, PullPlan, Store, plan},
};

/// An image of these layers, base first. `gzip:base` and `zstd:base` are the same layer, stored in two ways.
pub fn image(layers: &[&str]) -> ImageRecord {
    let record = |word: &str| {
        let content = word.rsplit(':').next().unwrap();
        LayerRecord {
            blob: Digest::sha256(format!("blob {word}").as_bytes()),
            blob_size: 100,
            media_type: String::new(),
            diff_id: diff_id(content),
            created_by: Some(format!("COPY {content} /")),
            facts: Some(LayerFacts { compression: Compression::Gzip, tar_size: 2_000, unpacked_size: 1_000 }),
        }
    };
    let contents: Vec<&str> = layers.iter().map(|word| word.rsplit(':').next().unwrap()).collect();
    ImageRecord {
        index: None,
        manifest: Some(Document::new(format!("manifest {layers:?}").as_bytes(), "manifest")),
        config: Document::new(format!("config {contents:?}").as_bytes(), "config"),
        layers: layers.iter().map(|word| record(word)).collect(),
        platform: Platform::default(),
        created: None,
        history: Vec::new(),
    }
}

pub fn diff_id(word: &str) -> DiffId {
    DiffId(Digest::sha256(word.as_bytes()))
}

pub fn pull(store: &mut Store, name: &str, image: &ImageRecord, policy: Policy) -> PullPlan {
    let plan = plan(store, &ImageName::parse(name), image, policy);
    for event in &plan.events {
        store.apply(event);
    }
    plan
}

/// The store after classic pulls of these images.
pub fn store(images: &[(&str, &[&str])]) -> Store {
    let mut store = Store::new();
    for (name, layers) in images {
        pull(&mut store, name, &image(layers), Policy::Classic);
    }
    store
}
