//! The registry of a scenario, and `docker pull` from it.

use std::sync::Arc;

use flate2::{Compression as Level, write::GzEncoder};
use serde_json::json;

use super::{Effect, Engine, EngineError, History, Image, ImageLayer, RunConfig, full_reference, image::Blob};
use crate::{
    digest::{DiffId, Digest, ImageId},
    layer::Compression,
    limits::Limits,
    overlay::{Layer, Mode, Overlay},
    store::{self, ImageName, ImageRecord, LayerFacts, Policy, PullEvent, PullPlan, Store, StoredLayer, Terminal},
};

/// A layer that is given and not made here.
#[derive(Clone, Debug)]
pub struct NewLayer {
    /// In OverlayFS's form.
    pub layer: Arc<Layer>,
    /// The instruction that made it.
    pub created_by: String,
    /// What its files take, where the layer holds only a few of them.
    pub size: Option<u64>,
    /// What its blob takes in a registry, where that is not what the layer here compresses to.
    pub download: Option<u64>,
}

impl Engine {
    /// Makes an image of layers, base first, as if it had been pulled.
    pub fn add_image_of(
        &mut self,
        reference: &str,
        layers: Vec<NewLayer>,
        run_config: RunConfig,
    ) -> Result<ImageId, EngineError> {
        let reference = full_reference(reference)?;
        let image = self.made(layers, run_config)?;
        let id = image.id.clone();
        self.hold(image);
        self.tags.insert(reference, id.clone());
        Ok(id)
    }

    /// Takes over an image whose digests are known, but of whose files the bytes may not be.
    pub fn add_known_image(
        &mut self,
        reference: &str,
        id: ImageId,
        layers: Vec<(NewLayer, DiffId)>,
    ) -> Result<ImageId, EngineError> {
        let reference = full_reference(reference)?;
        let (mut kept, mut history) = (Vec::new(), Vec::new());
        for (new, diff_id) in layers {
            let size = new.size.unwrap_or_else(|| new.layer.file_bytes());
            kept.push(ImageLayer { layer: new.layer, diff_id, size, blob: None });
            history.push(History { created_by: new.created_by, created: self.now, has_layer: true });
        }
        self.hold(Image { id: id.clone(), ..self.image_of(kept, history, RunConfig::default()) });
        self.tags.insert(reference, id.clone());
        Ok(id)
    }

    /// Puts an image into the registry, from where it can be pulled.
    pub fn publish(
        &mut self,
        reference: &str,
        layers: Vec<NewLayer>,
        run_config: RunConfig,
    ) -> Result<ImageId, EngineError> {
        let reference = full_reference(reference)?;
        let image = self.made(layers, run_config)?;
        let id = image.id.clone();
        self.registry.insert(reference, image);
        Ok(id)
    }

    /// What can be pulled, by name.
    pub fn registry(&self) -> impl Iterator<Item = (&str, &Image)> {
        self.registry.iter().map(|(name, image)| (&name[..], image))
    }

    /// What a pull would do now.
    pub fn pull_plan(&self, reference: &str) -> Result<PullPlan, EngineError> {
        let full = full_reference(reference)?;
        let image = self.registry.get(&full).ok_or_else(|| EngineError::NotInRegistry(reference.into()))?;
        Ok(store::plan(&self.store(), &ImageName::parse(&full), &image.record(), self.policy))
    }

    /// Pulls an image, and gives the lines that Docker prints.
    pub(super) fn pull(&mut self, reference: &str) -> Result<(Vec<String>, Effect), EngineError> {
        let plan = self.pull_plan(reference)?;
        let full = full_reference(reference)?;
        let image = self.registry.get(&full).cloned().ok_or_else(|| EngineError::NotInRegistry(reference.into()))?;
        let blobs: Vec<Digest> = plan.layers.iter().map(|layer| layer.blob.clone()).collect();
        let lines = Terminal::after(&plan.events, &blobs).lines();
        self.tags.insert(full, image.id.clone());
        self.hold(image);
        Ok((lines, Effect::Pulled(Box::new(plan))))
    }

    /// The store that these images make: what a pull looks things up in.
    pub fn store(&self) -> Store {
        let mut store = Store::new();
        for image in &self.images {
            if image.layers.iter().all(|layer| layer.blob.is_some()) {
                let name = self.tags.iter().find(|(_, id)| **id == image.id).map_or("<none>", |(name, _)| name);
                let plan = store::plan(&store, &ImageName::parse(name), &image.record(), self.policy);
                plan.events.iter().for_each(|event| store.apply(event));
                continue;
            }
            // What was built or committed here never was a blob, so that no note leads from one to it.
            let chains = image.chain_ids();
            for (number, (layer, chain)) in image.layers.iter().zip(&chains).enumerate() {
                let parent = number.checked_sub(1).map(|below| chains[below].clone());
                let stored = Box::new(StoredLayer { diff_id: layer.diff_id.clone(), parent, facts: None });
                store.apply(&PullEvent::Register { layer: number, chain: chain.clone(), stored });
            }
            store.apply(&PullEvent::ImageRegistered { record: Box::new(image.record()) });
        }
        for (name, id) in &self.tags {
            store.tag(id, ImageName::parse(name));
        }
        store
    }

    fn made(&mut self, layers: Vec<NewLayer>, run_config: RunConfig) -> Result<Image, EngineError> {
        let mut made: Vec<ImageLayer> = Vec::new();
        let mut history = Vec::new();
        for new in layers {
            let lowers = made.iter().map(|layer| layer.layer.clone()).collect();
            let overlay = Overlay::with_upper(lowers, (*new.layer).clone(), Mode::Default);
            let committed = self.committed(&overlay, new.layer.file_bytes())?;
            let blob = Blob::of(&committed.tar, new.download);
            let mut layer = ImageLayer { blob: Some(blob), ..ImageLayer::from(committed) };
            layer.size = new.size.unwrap_or(layer.size);
            made.push(layer);
            history.push(History { created_by: new.created_by, created: self.now, has_layer: true });
        }
        Ok(self.image_of(made, history, run_config))
    }

    /// An image that is here already stays as it is.
    pub(super) fn hold(&mut self, image: Image) {
        if !self.images.iter().any(|present| present.id == image.id) {
            self.images.push(image);
        }
    }
}

impl Blob {
    fn of(tar: &[u8], size: Option<u64>) -> Self {
        let mut gzip = GzEncoder::new(Vec::new(), Level::fast());
        std::io::Write::write_all(&mut gzip, tar).expect("a vector takes every byte");
        let bytes = gzip.finish().expect("a vector takes every byte");
        Self { digest: Digest::sha256(&bytes), size: size.unwrap_or(bytes.len() as u64), tar_size: tar.len() as u64 }
    }
}

impl Image {
    /// The documents of the image as a registry has them. A layer that never was a blob stands with its diff_id.
    pub fn record(&self) -> ImageRecord {
        let layers: Vec<_> = self
            .layers
            .iter()
            .map(|layer| {
                let (digest, size) = match &layer.blob {
                    Some(blob) => (&blob.digest, blob.size),
                    None => (&layer.diff_id.0, layer.size),
                };
                json!({
                    "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                    "digest": digest.to_string(),
                    "size": size,
                })
            })
            .collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": self.id.0.to_string(),
                "size": self.config.len(),
            },
            "layers": layers,
        });
        let mut record = ImageRecord::from_documents(manifest.to_string().as_bytes(), &self.config, &Limits::default())
            .expect("both documents were written here, with one diff_id a layer");
        // The config of an image that was taken over is written anew, so that its digest is not the ID.
        record.config.digest = self.id.0.clone();
        for (layer, stored) in self.layers.iter().zip(&mut record.layers) {
            stored.facts = layer.blob.as_ref().map(|blob| LayerFacts {
                compression: Compression::Gzip,
                tar_size: blob.tar_size,
                unpacked_size: layer.size,
            });
        }
        record
    }
}

impl Engine {
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// How pulls decide what must come.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }
}
