//! What there is to see after so many events of a pull: a fold, so that every step can be taken back.

use layerlab_core::{
    digest::{ChainId, Digest, ImageId},
    store::{Bytes, ImageRecord, PullEvent, Step},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub step: Option<Step>,
    /// What of the documents came, or was here.
    pub asked: bool,
    pub index: Sheet,
    pub manifest: Sheet,
    pub config: Sheet,
    pub image: Sheet,
    /// Base first.
    pub layers: Vec<LayerScene>,
    pub bytes: Bytes,
    pub tagged: bool,
    pub refused: bool,
    /// The layer that the last event speaks of.
    pub at: Option<usize>,
}

/// A document, or the question whether the image is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sheet {
    #[default]
    There,
    /// Asked for, and not here.
    Missing,
    /// It came.
    Here,
    /// It was here before.
    Known,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LayerScene {
    pub chain: ChainId,
    pub blob: Digest,
    pub size: u64,
    pub state: LayerState,
    /// The blob has its digest.
    pub blob_sealed: bool,
    /// What was in it has its diff_id.
    pub diff_sealed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerState {
    /// Only at the registry, as far as anybody knows.
    There,
    LookedFor,
    /// Nobody looks for it any more: it will be fetched.
    Skipped,
    /// It is here: its outline glides onto the slab.
    Exists,
    Flying,
    Arrived,
    Open,
    Placed,
}

impl Scene {
    /// Before the first event.
    pub fn new(record: &ImageRecord) -> Self {
        let chains = record.chain_ids();
        let layers = record.layers.iter().zip(chains).map(|(layer, chain)| LayerScene {
            chain,
            blob: layer.blob.clone(),
            size: layer.blob_size,
            state: LayerState::There,
            blob_sealed: false,
            diff_sealed: false,
        });
        Self {
            layers: layers.collect(),
            step: None,
            asked: false,
            index: Sheet::There,
            manifest: Sheet::There,
            config: Sheet::There,
            image: Sheet::There,
            bytes: Bytes::default(),
            tagged: false,
            refused: false,
            at: None,
        }
    }

    pub fn after(record: &ImageRecord, events: &[PullEvent]) -> Self {
        let mut scene = Self::new(record);
        for event in events {
            scene.apply(event, record);
        }
        scene
    }

    fn apply(&mut self, event: &PullEvent, record: &ImageRecord) {
        self.step = Some(event.step());
        self.at = event.layer();
        let came = event.came();
        match event.layer() {
            None => self.bytes.documents += came,
            Some(_) => self.bytes.layers += came,
        }
        match event {
            PullEvent::Ask { .. } => self.asked = true,
            PullEvent::Index { .. } => self.index = Sheet::Here,
            PullEvent::Manifest { .. } => self.manifest = Sheet::Here,
            PullEvent::Config { .. } => self.config = Sheet::Here,
            PullEvent::DocumentLookUp { digest, found } => {
                if let Some(sheet) = self.sheet(digest, record) {
                    *sheet = if *found { Sheet::Known } else { Sheet::Missing };
                }
            }
            PullEvent::ImageLookUp { found, .. } => {
                self.image = if *found { Sheet::Known } else { Sheet::Missing };
                if *found {
                    self.all_exist();
                }
            }
            PullEvent::ImageRegistered { .. } => self.image = Sheet::Here,
            PullEvent::Tagged { .. } => self.tagged = true,
            PullEvent::Refused { .. } => self.refused = true,
            PullEvent::LayerLookUp { layer, .. } => self.set(*layer, LayerState::LookedFor),
            PullEvent::LookUpStopped { layer } => {
                for above in *layer + 1..self.layers.len() {
                    self.set(above, LayerState::Skipped);
                }
            }
            PullEvent::Exists { layer, size, .. } => {
                self.bytes.saved += size;
                self.set(*layer, LayerState::Exists);
            }
            PullEvent::Fetch { layer, .. } => self.set(*layer, LayerState::Flying),
            PullEvent::BlobVerified { layer, .. } => {
                self.set(*layer, LayerState::Arrived);
                self.with(*layer, |layer| layer.blob_sealed = true);
            }
            PullEvent::Decompress { layer, .. } => self.set(*layer, LayerState::Open),
            PullEvent::DiffIdVerified { layer, .. } => self.with(*layer, |layer| layer.diff_sealed = true),
            PullEvent::Register { layer, .. } => self.register(*layer),
        }
    }

    /// A layer that takes its place without having flown did not have to come either.
    fn register(&mut self, layer: usize) {
        if let Some(it) = self.layers.get(layer)
            && !it.blob_sealed
        {
            self.bytes.saved += it.size;
        }
        self.set(layer, LayerState::Placed);
    }

    /// The image is here, so no layer is even looked for.
    fn all_exist(&mut self) {
        for layer in &mut self.layers {
            layer.state = LayerState::Exists;
            self.bytes.saved += layer.size;
        }
    }

    fn sheet(&mut self, digest: &Digest, record: &ImageRecord) -> Option<&mut Sheet> {
        let is = |document: &Option<layerlab_core::store::Document>| {
            document.as_ref().is_some_and(|document| document.digest == *digest)
        };
        if is(&record.index) {
            Some(&mut self.index)
        } else if is(&record.manifest) {
            Some(&mut self.manifest)
        } else if record.id() == ImageId(digest.clone()) {
            Some(&mut self.config)
        } else {
            None
        }
    }

    fn set(&mut self, layer: usize, state: LayerState) {
        self.with(layer, |layer| layer.state = state);
    }

    fn with(&mut self, layer: usize, change: impl FnOnce(&mut LayerScene)) {
        if let Some(layer) = self.layers.get_mut(layer) {
            change(layer);
        }
    }
}

#[cfg(test)]
mod tests {
    use layerlab_core::store::{ImageName, Policy, Store, plan};

    use super::*;
    use crate::testing::{image, pulled};

    fn states(scene: &Scene) -> Vec<LayerState> {
        scene.layers.iter().map(|layer| layer.state).collect()
    }

    #[test]
    fn the_counters_at_the_end_are_those_of_the_plan() {
        let mut store = Store::new();
        pulled(&mut store, "old:1", &image(&["a", "b"]));
        for policy in Policy::ALL {
            for layers in [&["a", "b", "c"][..], &["x", "b"], &["x", "x"], &["a", "b"]] {
                let record = image(layers);
                let plan = plan(&store, &ImageName::parse("new:1"), &record, policy);
                assert_eq!(Scene::after(&record, &plan.events).bytes, plan.bytes, "{policy:?} {layers:?}");
            }
        }
    }

    #[test]
    fn layers_go_through_their_states() {
        use LayerState::{Arrived, Exists, Flying, Open, Placed, Skipped, There};
        let mut store = Store::new();
        pulled(&mut store, "old:1", &image(&["a"]));
        let record = image(&["a", "b", "c"]);
        let plan = plan(&store, &ImageName::parse("new:1"), &record, Policy::Classic);
        let after = |key: &str| {
            let end = plan.events.iter().position(|event| event.key() == key).unwrap() + 1;
            states(&Scene::after(&record, &plan.events[..end]))
        };
        assert_eq!(after("config"), [There, There, There]);
        assert_eq!(after("exists"), [Exists, There, There]);
        assert_eq!(after("look-up-stopped")[2], Skipped);
        assert_eq!(after("fetch")[1], Flying);
        assert_eq!(after("blob-verified")[1], Arrived);
        assert_eq!(after("decompress")[1], Open);
        assert_eq!(after("tagged"), [Exists, Placed, Placed]);
    }
}
