//! All open images as trees that share their trunk: one node a chain ID, so that a layer is one with another only on
//! the same parent, as in a store.
//!
//! Source: OCI image-spec, config.md ("Layer ChainID").

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{
    compare::diff_id,
    digest::{ChainId, DiffId, ImageId},
    report::{ImageReport, LayerReport},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forest {
    /// Every parent before its children; siblings in the order in which their images were given.
    pub nodes: Vec<Node>,
    pub images: Vec<Planted>,
    pub savings: Savings,
}

/// A layer on top of all the layers below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub chain_id: ChainId,
    pub diff_id: DiffId,
    /// Whether the diff_ids of the chain were computed, or one is only declared.
    pub computed: bool,
    /// Index of the node below; none for a base.
    pub parent: Option<usize>,
    /// Nodes above.
    pub children: Vec<usize>,
    /// Height above the base, which is at 0.
    pub height: u64,
    /// Images that stand on it, those whose top it is included: indexes of [`Forest::images`].
    pub images: Vec<usize>,
    pub bytes: Bytes,
    pub created_by: Option<String>,
    /// The same content stands elsewhere on another parent: an unpacked store keeps it twice, a blob store once.
    pub twin: bool,
}

/// What a layer takes. `None` counts as nothing: the layer is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    /// As stored in the archive.
    pub stored: u64,
    /// As an uncompressed tar.
    pub unpacked: u64,
}

/// One image; listed twice in an archive, or in two archives, it is still one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planted {
    pub listed: Vec<Listed>,
    /// Every tag it has anywhere, as written.
    pub tags: Vec<String>,
    pub config_digest: Option<ImageId>,
    /// Its topmost node; none where it has no layer, or none that says what it is.
    pub top: Option<usize>,
    /// False where a layer says nothing of what it is: what is above it is left out.
    pub whole: bool,
    /// Of all its layers, and of those that no other image has.
    pub all: Bytes,
    pub own: Bytes,
}

/// Where an image is listed: the caller's number of the archive, and the place in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub archive: usize,
    pub image: usize,
}

/// What sharing saves: `logical` is each image's layers summed, `physical` each node once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Savings {
    pub logical: Bytes,
    pub physical: Bytes,
    pub saved: Bytes,
}

/// Plants the images in the order given.
pub fn forest<'a>(images: impl IntoIterator<Item = (Listed, &'a ImageReport)>) -> Forest {
    let mut planting = Planting::default();
    for (listed, report) in images {
        planting.plant(listed, report);
    }
    planting.finish()
}

#[derive(Default)]
struct Planting {
    forest: Forest,
    nodes: HashMap<ChainId, usize>,
    /// An image is one with another of the same config on the same layers.
    images: HashMap<(Option<ImageId>, usize), usize>,
}

impl Planting {
    fn plant(&mut self, listed: Listed, report: &ImageReport) {
        let mut top = None;
        let mut path = Vec::new();
        let (mut computed, mut whole) = (true, true);
        for layer in &report.layers {
            let Some(id) = diff_id(layer) else {
                whole = false;
                break;
            };
            computed &= layer.diff_id.is_some();
            let node = self.node(top, id, layer, computed);
            path.push(node);
            top = Some(node);
        }
        let key = top.map(|top| (report.config_digest.clone(), top));
        let known = key.as_ref().filter(|key| key.0.is_some()).and_then(|key| self.images.get(key)).copied();
        let image = known.unwrap_or_else(|| {
            let number = self.forest.images.len();
            self.forest.images.push(Planted {
                listed: Vec::new(),
                tags: Vec::new(),
                config_digest: report.config_digest.clone(),
                top,
                whole,
                all: Bytes::default(),
                own: Bytes::default(),
            });
            if let Some(key) = key {
                self.images.insert(key, number);
            }
            for &node in &path {
                self.forest.nodes[node].images.push(number);
            }
            number
        });
        let planted = &mut self.forest.images[image];
        planted.listed.push(listed);
        for tag in &report.tags {
            if !planted.tags.contains(tag) {
                planted.tags.push(tag.clone());
            }
        }
    }

    fn node(&mut self, parent: Option<usize>, diff_id: &DiffId, layer: &LayerReport, computed: bool) -> usize {
        let chain_id = match parent {
            None => ChainId::base(diff_id),
            Some(parent) => self.forest.nodes[parent].chain_id.then(diff_id),
        };
        let bytes = Bytes { stored: layer.blob_size.unwrap_or_default(), unpacked: layer.tar_size.unwrap_or_default() };
        if let Some(&known) = self.nodes.get(&chain_id) {
            // One archive may lack the layer that another has.
            let node = &mut self.forest.nodes[known];
            if computed && !node.computed {
                (node.computed, node.bytes) = (true, bytes);
            }
            return known;
        }
        let number = self.forest.nodes.len();
        self.nodes.insert(chain_id.clone(), number);
        let height = parent.map_or(0, |parent| self.forest.nodes[parent].height + 1);
        if let Some(parent) = parent {
            self.forest.nodes[parent].children.push(number);
        }
        self.forest.nodes.push(Node {
            chain_id,
            diff_id: diff_id.clone(),
            computed,
            parent,
            children: Vec::new(),
            height,
            images: Vec::new(),
            bytes,
            created_by: layer.created_by.clone(),
            twin: false,
        });
        number
    }

    fn finish(mut self) -> Forest {
        let mut places: BTreeMap<&DiffId, u64> = BTreeMap::new();
        for node in &self.forest.nodes {
            *places.entry(&node.diff_id).or_default() += 1;
        }
        let twins: HashSet<DiffId> =
            places.into_iter().filter(|(_, places)| *places > 1).map(|(id, _)| id.clone()).collect();
        let Forest { nodes, images, savings } = &mut self.forest;
        for node in nodes {
            node.twin = twins.contains(&node.diff_id);
            for &image in &node.images {
                let planted = &mut images[image];
                planted.all = planted.all.plus(node.bytes);
                if node.images.len() == 1 {
                    planted.own = planted.own.plus(node.bytes);
                }
                savings.logical = savings.logical.plus(node.bytes);
            }
            savings.physical = savings.physical.plus(node.bytes);
        }
        savings.saved = savings.logical.minus(savings.physical);
        self.forest
    }
}

impl Bytes {
    pub fn plus(self, other: Self) -> Self {
        Self {
            stored: self.stored.saturating_add(other.stored),
            unpacked: self.unpacked.saturating_add(other.unpacked),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            stored: self.stored.saturating_sub(other.stored),
            unpacked: self.unpacked.saturating_sub(other.unpacked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::{BlobId, Outer},
        digest::Digest,
        limits::Limits,
        report::{
            assemble,
            testing::{absent_layer, archive, image, layer, reading, summary},
        },
        tree::testing::file,
    };

    /// An image whose config and layers are named.
    fn stack(name: &str, seeds: &[&str]) -> ImageReport {
        let readings: Vec<_> = seeds.iter().map(|seed| reading(seed, &[file("a", "1")])).collect();
        let places = readings.iter().enumerate().map(|(at, reading)| layer(at as u32, &reading.summary)).collect();
        let readings = readings.iter().enumerate().map(|(at, one)| (BlobId(at as u32), Ok(one.clone()))).collect();
        let report = assemble(&archive(vec![image(places)]), "x", 0, Outer::None, &readings, &Limits::default());
        let mut report = report.images.into_iter().next().unwrap();
        report.tags = vec![name.into()];
        report.config_digest = Some(ImageId(Digest::sha256(name.as_bytes())));
        report
    }

    fn plant(reports: &[ImageReport]) -> Forest {
        forest(reports.iter().enumerate().map(|(image, report)| (Listed { archive: 0, image }, report)))
    }

    /// A line a node, indented by its height, with the images that stand on it.
    fn drawn(forest: &Forest) -> Vec<String> {
        let line = |node: &Node| {
            let images: Vec<&str> = node.images.iter().map(|&image| forest.images[image].tags[0].as_str()).collect();
            let twin = if node.twin { " twin" } else { "" };
            format!("{}{}{twin}", " ".repeat(node.height as usize), images.join("+"))
        };
        forest.nodes.iter().map(line).collect()
    }

    #[test]
    fn images_share_the_trunk_and_branch_where_they_part() {
        let forest = plant(&[
            stack("redis:6", &["debian", "user", "redis6"]),
            stack("redis:7", &["debian", "user", "redis7"]),
            stack("mongo:4", &["debian", "redis7"]),
            stack("alpine:3", &["alpine"]),
        ]);
        assert_eq!(
            drawn(&forest),
            ["redis:6+redis:7+mongo:4", " redis:6+redis:7", "  redis:6", "  redis:7 twin", " mongo:4 twin", "alpine:3",]
        );
        assert_eq!(forest.nodes[0].children, [1, 4]);
        // Each layer is 100 bytes stored: nine layers in the images, six nodes.
        let Savings { logical, physical, saved } = forest.savings;
        assert_eq!((logical.stored, physical.stored, saved.stored), (900, 600, 300));
        assert_eq!((forest.images[0].all.stored, forest.images[0].own.stored), (300, 100));
    }

    #[test]
    fn an_image_that_is_listed_twice_is_one() {
        let mut again = stack("a:1", &["base"]);
        again.tags = vec!["a:latest".into()];
        let forest = plant(&[stack("a:1", &["base"]), again, stack("b:1", &["base"])]);
        assert_eq!(forest.images.len(), 2);
        assert_eq!(forest.images[0].tags, ["a:1", "a:latest"]);
        assert_eq!(forest.images[0].listed.len(), 2);
        assert_eq!(drawn(&forest), ["a:1+b:1"]);
    }

    #[test]
    fn an_absent_layer_has_its_place_by_what_the_config_declares() {
        let absent = absent_layer(&summary("base"));
        let report =
            assemble(&archive(vec![image(vec![absent])]), "x", 0, Outer::None, &BTreeMap::new(), &Limits::default());
        let whole = stack("whole:1", &["base"]);
        let forest = plant(&[report.images.into_iter().next().unwrap(), whole]);
        assert_eq!((forest.nodes.len(), forest.nodes[0].computed, forest.nodes[0].bytes.stored), (1, true, 100));
    }

    #[test]
    fn no_images_make_no_forest() {
        assert_eq!(forest([]), Forest::default());
    }
}
