//! Images as trees that share their trunks: a column for each image, and a slab as wide as all that stand on it.

use std::collections::BTreeMap;

use layerlab_core::digest::{ChainId, ImageId};

/// Slabs by column and level, and the images on them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    /// A trunk before its branches.
    pub slabs: Vec<Slab>,
    pub columns: usize,
    /// Layers of the highest stack.
    pub levels: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Slab {
    pub chain: ChainId,
    /// 0 is the base.
    pub level: usize,
    /// First column, and how many.
    pub from: usize,
    pub span: usize,
    /// Its number among all slabs: what its hue follows from.
    pub number: usize,
    /// Images that end here.
    pub images: Vec<ImageId>,
}

/// An image that is to be drawn: its layers' chain IDs, base first.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    pub id: ImageId,
    pub chains: Vec<ChainId>,
}

#[derive(Debug, Default)]
struct Node {
    images: Vec<ImageId>,
    /// In the order in which they were first met.
    order: Vec<ChainId>,
    above: BTreeMap<ChainId, Node>,
}

impl Forest {
    /// Stacks are placed in the given order, as far as their shared trunks allow.
    pub fn new(stacks: &[Stack]) -> Self {
        let mut root = Node::default();
        for stack in stacks {
            let top = stack.chains.iter().fold(&mut root, |node, chain| {
                if !node.above.contains_key(chain) {
                    node.order.push(chain.clone());
                }
                node.above.entry(chain.clone()).or_default()
            });
            if !top.images.contains(&stack.id) {
                top.images.push(stack.id.clone());
            }
        }
        let mut forest = Self::default();
        forest.grow(&root, 0);
        forest
    }

    pub fn slab(&self, chain: &ChainId) -> Option<&Slab> {
        self.slabs.iter().find(|slab| slab.chain == *chain)
    }

    /// Places what stands on `node`, and returns how many columns that takes.
    fn grow(&mut self, node: &Node, level: usize) -> usize {
        let mut taken = 0;
        for chain in &node.order {
            let Some(above) = node.above.get(chain) else { continue };
            let (at, from) = (self.slabs.len(), self.columns);
            let images = above.images.clone();
            self.slabs.push(Slab { chain: chain.clone(), level, from, span: 1, number: at, images });
            self.levels = self.levels.max(level + 1);
            let span = self.grow(above, level + 1);
            if span == 0 {
                self.columns += 1;
            }
            self.slabs[at].span = span.max(1);
            taken += span.max(1);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use layerlab_core::digest::{DiffId, Digest};

    use super::*;

    fn stack(layers: &[&str]) -> Stack {
        let diff_ids: Vec<DiffId> = layers.iter().map(|word| DiffId(Digest::sha256(word.as_bytes()))).collect();
        Stack { id: ImageId(Digest::sha256(layers.concat().as_bytes())), chains: ChainId::chain(&diff_ids) }
    }

    /// `level:from+span` of each slab.
    fn drawn(stacks: &[Stack]) -> Vec<String> {
        let slabs = Forest::new(stacks).slabs;
        slabs.iter().map(|slab| format!("{}:{}+{}", slab.level, slab.from, slab.span)).collect()
    }

    #[test]
    fn a_trunk_is_as_wide_as_its_branches() {
        let stacks = [stack(&["a", "b", "x"]), stack(&["a", "b", "y"]), stack(&["c"])];
        assert_eq!(drawn(&stacks), ["0:0+2", "1:0+2", "2:0+1", "2:1+1", "0:2+1"]);
        let forest = Forest::new(&stacks);
        assert_eq!((forest.columns, forest.levels), (3, 3));
    }

    #[test]
    fn an_image_below_another_needs_no_column_of_its_own() {
        let (low, high) = (stack(&["a"]), stack(&["a", "b"]));
        let forest = Forest::new(&[low.clone(), high.clone()]);
        assert_eq!(forest.columns, 1);
        assert_eq!(forest.slabs[0].images, [low.id]);
        assert_eq!(forest.slabs[1].images, [high.id]);
    }

    #[test]
    fn branches_that_come_apart_in_the_list_come_together_on_their_trunk() {
        let stacks = [stack(&["a", "x"]), stack(&["c"]), stack(&["a", "y"])];
        assert_eq!(drawn(&stacks), ["0:0+2", "1:0+1", "1:1+1", "0:2+1"]);
        assert_eq!(Forest::new(&[]), Forest::default());
    }
}
