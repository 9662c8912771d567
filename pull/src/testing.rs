//! Images from words, for the tests: a layer is the digest of its word.

use layerlab_core::{
    digest::{DiffId, Digest},
    layer::Compression,
    spec::platform::Platform,
    store::{Document, ImageName, ImageRecord, LayerFacts, LayerRecord, Policy, Store, plan},
};

pub fn image(layers: &[&str]) -> ImageRecord {
    let layer = |word: &&str| LayerRecord {
        blob: Digest::sha256(format!("blob {word}").as_bytes()),
        blob_size: 100,
        media_type: String::new(),
        diff_id: DiffId(Digest::sha256(word.as_bytes())),
        created_by: None,
        facts: Some(LayerFacts { compression: Compression::Gzip, tar_size: 2_000, unpacked_size: 1_000 }),
    };
    ImageRecord {
        index: None,
        manifest: Some(Document::new(format!("manifest {layers:?}").as_bytes(), "manifest")),
        config: Document::new(format!("config {layers:?}").as_bytes(), "config"),
        layers: layers.iter().map(layer).collect(),
        platform: Platform::default(),
        created: None,
        history: Vec::new(),
    }
}

pub fn pulled(store: &mut Store, name: &str, image: &ImageRecord) {
    let plan = plan(store, &ImageName::parse(name), image, Policy::Classic);
    plan.events.iter().for_each(|event| store.apply(event));
}
