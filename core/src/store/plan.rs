//! The plan of a pull: what is here, what must come, and every step of it, before a byte is asked for.
//!
//! Sources: moby 24, `distribution/pull_v2.go` and `distribution/xfer/download.go`; containerd 1.7, `pull.go`,
//! `unpacker.go` and `remotes/handlers.go`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Document, ImageKey, ImageName, ImageRecord, LookUp, PullEvent, Store, StoredLayer};
use crate::digest::{ChainId, Digest, ImageId};

/// How a store decides what must come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Docker with its overlay2 store: the blob's note gives the diff_id, the diff_id the chain ID; the first miss
    /// from the base upward ends the look-up, and everything above is fetched.
    #[default]
    Classic,
    /// containerd, and Docker on its store: snapshots by chain ID from the base upward; above the first miss, blobs
    /// by digest.
    Containerd,
    /// This app's: every layer by its content, whatever lies below it.
    ByContent,
}

impl Policy {
    pub const ALL: [Self; 3] = [Self::Classic, Self::Containerd, Self::ByContent];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Containerd => "containerd",
            Self::ByContent => "by-content",
        }
    }
}

/// A pull, planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PullPlan {
    pub policy: Policy,
    pub name: ImageName,
    pub id: ImageId,
    /// The image is here, and no layer is looked at.
    pub up_to_date: bool,
    /// Base first.
    pub layers: Vec<LayerPlan>,
    pub bytes: Bytes,
    /// In the order in which they are told. Downloads overlap in reality; here each follows the other.
    pub events: Vec<PullEvent>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerPlan {
    pub chain: ChainId,
    pub blob: Digest,
    pub size: u64,
    pub action: LayerAction,
}

/// What has to be done for a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerAction {
    /// Nothing: it is here, in its place.
    Present,
    /// Its bytes are here, and only take their place on this parent.
    Reuse,
    Fetch,
}

/// What the pull costs, and what it does not, in bytes as stored at the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    /// Index, manifest and config that come.
    pub documents: u64,
    /// Layers that come.
    pub layers: u64,
    /// Layers that do not have to.
    pub saved: u64,
}

impl Bytes {
    pub fn came(&self) -> u64 {
        self.documents.saturating_add(self.layers)
    }
}

/// A layer for which the policies do not do the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyDifference {
    /// 0 is the base.
    pub layer: usize,
    pub size: u64,
    /// In the order of [`Policy::ALL`].
    pub actions: [LayerAction; 3],
}

/// Plans the pull of an image under a name. The store is not changed: apply the plan's events to do it.
pub fn plan(store: &Store, name: &ImageName, image: &ImageRecord, policy: Policy) -> PullPlan {
    let mut planner = Planner { store: store.clone(), events: Vec::new(), fetched: HashSet::new() };
    let mut plan = PullPlan {
        policy,
        name: name.clone(),
        id: image.id(),
        up_to_date: false,
        layers: Vec::new(),
        bytes: Bytes::default(),
        events: Vec::new(),
    };
    planner.tell(PullEvent::Ask { name: name.clone() });
    planner.documents(image, policy);
    plan.up_to_date = planner.image_look_up(image, policy);
    if !plan.up_to_date {
        planner.config(&image.config, policy);
        planner.layers(&mut plan, image);
        planner.tell(PullEvent::ImageRegistered { record: Box::new(image.clone()) });
    }
    plan.bytes.documents = planner.events.iter().filter(|event| event.layer().is_none()).map(PullEvent::came).sum();
    plan.bytes.layers = planner.events.iter().filter(|event| event.layer().is_some()).map(PullEvent::came).sum();
    let all: u64 = image.layers.iter().map(|layer| layer.blob_size).fold(0, u64::saturating_add);
    plan.bytes.saved = all.saturating_sub(plan.bytes.layers);
    planner.tagged(name, image);
    plan.events = planner.events;
    plan
}

/// The layers on which the policies differ, base first; empty where all agree.
pub fn differences(store: &Store, name: &ImageName, image: &ImageRecord) -> Vec<PolicyDifference> {
    let plans = Policy::ALL.map(|policy| plan(store, name, image, policy));
    let action =
        |plan: &PullPlan, layer: usize| plan.layers.get(layer).map_or(LayerAction::Present, |layer| layer.action);
    let rows = image.layers.iter().enumerate().map(|(layer, record)| PolicyDifference {
        layer,
        size: record.blob_size,
        actions: plans.each_ref().map(|plan| action(plan, layer)),
    });
    rows.filter(|row| row.actions.iter().any(|action| *action != row.actions[0])).collect()
}

/// A pull being planned, on a store of its own that moves along.
struct Planner {
    store: Store,
    events: Vec<PullEvent>,
    /// Blobs that came in this pull: an image may use a layer twice.
    fetched: HashSet<Digest>,
}

impl Planner {
    fn tell(&mut self, event: PullEvent) {
        self.store.apply(&event);
        self.events.push(event);
    }

    /// The index and the manifest. A tag may have moved, so its target is always asked for.
    fn documents(&mut self, image: &ImageRecord, policy: Policy) {
        for (document, is_index) in [(&image.index, true), (&image.manifest, false)] {
            let Some(document) = document else { continue };
            if policy == Policy::Containerd {
                let found = self.store.content().contains(&document.digest);
                self.tell(PullEvent::DocumentLookUp { digest: document.digest.clone(), found });
                if found {
                    continue;
                }
            }
            let document = document.clone();
            self.tell(if is_index { PullEvent::Index { document } } else { PullEvent::Manifest { document } });
        }
    }

    /// Whether the image is here already. containerd asks no such question: it goes on to look for every part.
    fn image_look_up(&mut self, image: &ImageRecord, policy: Policy) -> bool {
        let id = image.id();
        let found = match (policy, image.target()) {
            (Policy::Containerd, Some(target)) => {
                let here = self.store.images().get(&id);
                let found = here.is_some_and(|here| here.records().iter().any(|it| it.target() == Some(target)));
                self.tell(PullEvent::ImageLookUp { by: ImageKey::Target(target.digest.clone()), found });
                return found;
            }
            _ => self.store.images().contains(&id),
        };
        self.tell(PullEvent::ImageLookUp { by: ImageKey::Config(id), found });
        found
    }

    fn config(&mut self, document: &Document, policy: Policy) {
        if policy == Policy::Containerd {
            let found = self.store.content().contains(&document.digest);
            self.tell(PullEvent::DocumentLookUp { digest: document.digest.clone(), found });
            if found {
                return;
            }
        }
        self.tell(PullEvent::Config { document: document.clone() });
    }

    /// First every look-up, then what has to come: so does Docker print it.
    fn layers(&mut self, plan: &mut PullPlan, image: &ImageRecord) {
        let chains = image.chain_ids();
        let mut missed = false;
        for (layer, (record, chain)) in image.layers.iter().zip(&chains).enumerate() {
            let action = match plan.policy {
                Policy::Classic if missed => LayerAction::Fetch,
                Policy::Classic => self.classic(layer, &record.blob, chain),
                Policy::Containerd => self.containerd(layer, &record.blob, chain, missed),
                Policy::ByContent => self.by_content(layer, image, chain),
            };
            if action == LayerAction::Present {
                let size = record.blob_size;
                self.tell(PullEvent::Exists { layer, chain: chain.clone(), size });
            } else if !missed {
                missed = true;
                if plan.policy == Policy::Classic && layer + 1 < image.layers.len() {
                    self.tell(PullEvent::LookUpStopped { layer });
                }
            }
            let chain = chain.clone();
            plan.layers.push(LayerPlan { chain, blob: record.blob.clone(), size: record.blob_size, action });
        }
        for (layer, planned) in plan.layers.iter_mut().enumerate() {
            self.bring(layer, planned, &chains, image);
        }
    }

    /// Blob → note → diff_id → chain ID → layer.
    fn classic(&mut self, layer: usize, blob: &Digest, chain: &ChainId) -> LayerAction {
        let noted = self.store.layers().diff_id_of(blob).is_some();
        self.tell(PullEvent::LayerLookUp { layer, by: LookUp::Note(blob.clone()), found: noted });
        if noted && self.chain_look_up(layer, chain) { LayerAction::Present } else { LayerAction::Fetch }
    }

    fn containerd(&mut self, layer: usize, blob: &Digest, chain: &ChainId, missed: bool) -> LayerAction {
        if !missed && self.chain_look_up(layer, chain) {
            return LayerAction::Present;
        }
        let found = self.store.content().contains(blob);
        self.tell(PullEvent::LayerLookUp { layer, by: LookUp::Blob(blob.clone()), found });
        if found { LayerAction::Reuse } else { LayerAction::Fetch }
    }

    fn by_content(&mut self, layer: usize, image: &ImageRecord, chain: &ChainId) -> LayerAction {
        let diff_id = &image.layers[layer].diff_id;
        let found = self.store.has_diff(diff_id);
        self.tell(PullEvent::LayerLookUp { layer, by: LookUp::DiffId(diff_id.clone()), found });
        match found {
            false => LayerAction::Fetch,
            true if self.store.layers().contains(chain) => LayerAction::Present,
            true => LayerAction::Reuse,
        }
    }

    fn chain_look_up(&mut self, layer: usize, chain: &ChainId) -> bool {
        let found = self.store.layers().contains(chain);
        self.tell(PullEvent::LayerLookUp { layer, by: LookUp::Chain(chain.clone()), found });
        found
    }

    fn bring(&mut self, layer: usize, planned: &mut LayerPlan, chains: &[ChainId], image: &ImageRecord) {
        let record = &image.layers[layer];
        let blob = || record.blob.clone();
        if planned.action == LayerAction::Present {
            return;
        }
        // The second use of a blob in one image shares the download of the first.
        if planned.action == LayerAction::Fetch && !self.fetched.insert(blob()) {
            planned.action = LayerAction::Reuse;
        }
        if planned.action == LayerAction::Fetch {
            self.tell(PullEvent::Fetch { layer, blob: blob(), size: record.blob_size });
            self.tell(PullEvent::BlobVerified { layer, blob: blob(), size: record.blob_size });
            let tar_size = record.facts.map(|facts| facts.tar_size);
            self.tell(PullEvent::Decompress { layer, blob: blob(), tar_size });
            self.tell(PullEvent::DiffIdVerified { layer, blob: blob(), diff_id: record.diff_id.clone() });
        }
        let stored = StoredLayer {
            diff_id: record.diff_id.clone(),
            parent: layer.checked_sub(1).map(|below| chains[below].clone()),
            facts: record.facts,
        };
        self.tell(PullEvent::Register { layer, chain: planned.chain.clone(), stored: Box::new(stored) });
    }

    fn tagged(&mut self, name: &ImageName, image: &ImageRecord) {
        let was = self.store.tags().get(name).cloned();
        let digest = image.target().map(|target| target.digest.clone());
        self.tell(PullEvent::Tagged { name: name.clone(), id: image.id(), digest, was });
    }
}
