//! One layer as dive sees it.

use super::Stack;
use crate::{
    layer::changeset::{Changeset, EntryKind},
    path::PathId,
};

/// One layer's own tree.
pub struct LayerTree {
    /// In dive's order: siblings by name, children before their parent, the root last.
    pub nodes: Vec<LayerNode>,
    pub bytes: u128,
}

#[derive(Clone, Copy)]
pub struct LayerNode {
    pub path: PathId,
    pub size: u64,
    pub directory: bool,
    pub leaf: bool,
    /// Bytes at and below it.
    pub weight: u64,
}

impl LayerTree {
    pub fn read(stack: &mut Stack, changeset: &Changeset) -> Self {
        let places = stack.places(changeset);
        let mut layer = Self { nodes: Vec::new(), bytes: 0 };
        layer.ensure(stack, PathId::ROOT);
        for entry in &changeset.entries {
            let marker = matches!(entry.kind, EntryKind::Whiteout(_));
            if entry.path == PathId::ROOT && !marker {
                continue;
            }
            layer.bytes += u128::from(entry.size);
            let (path, node) = stack.place_of(changeset, &places, entry);
            let index = layer.ensure(stack, path);
            if node {
                layer.nodes[index].size = entry.size;
                layer.nodes[index].directory = entry.kind == EntryKind::Directory;
            }
        }
        layer.sort(stack);
        layer.weigh(stack);
        layer
    }

    /// The index of a node, made with its parents where it is not there. The root is 0.
    fn ensure(&mut self, stack: &mut Stack, path: PathId) -> usize {
        stack.grow();
        let mut missing = Vec::new();
        let mut at = path;
        let known = loop {
            if let Some(index) = self.index(stack, at) {
                break Some(index);
            }
            missing.push(at);
            if at == PathId::ROOT {
                break None;
            }
            at = stack.paths.parent(at);
        };
        if let (Some(index), false) = (known, missing.is_empty()) {
            self.nodes[index].leaf = false;
        }
        for &path in missing.iter().rev() {
            stack.slots[path.index()] = self.nodes.len() as u32;
            let leaf = path == missing[0];
            self.nodes.push(LayerNode { path, size: 0, directory: false, leaf, weight: 0 });
        }
        self.index(stack, path).unwrap_or_default()
    }

    /// Where a path is among the nodes.
    pub fn index(&self, stack: &Stack, path: PathId) -> Option<usize> {
        let index = *stack.slots.get(path.index())? as usize;
        self.nodes.get(index).filter(|node| node.path == path).map(|_| index)
    }

    /// The reverse of "a node, then its children from the last name to the first" is dive's order.
    fn sort(&mut self, stack: &mut Stack) {
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate().skip(1) {
            if let Some(parent) = self.index(stack, stack.paths.parent(node.path)) {
                children[parent].push(index as u32);
            }
        }
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut todo = vec![0_u32];
        while let Some(index) = todo.pop() {
            order.push(self.nodes[index as usize]);
            let mut below = std::mem::take(&mut children[index as usize]);
            below.sort_unstable_by_key(|&child| stack.paths.name(self.nodes[child as usize].path));
            todo.extend(below);
        }
        order.reverse();
        self.nodes = order;
        for (index, node) in self.nodes.iter().enumerate() {
            stack.slots[node.path.index()] = index as u32;
        }
    }

    fn weigh(&mut self, stack: &Stack) {
        for index in 0..self.nodes.len() {
            let node = &mut self.nodes[index];
            node.weight = node.weight.saturating_add(node.size);
            let (weight, path) = (node.weight, node.path);
            if path != PathId::ROOT
                && let Some(parent) = self.index(stack, stack.paths.parent(path))
            {
                self.nodes[parent].weight = self.nodes[parent].weight.saturating_add(weight);
            }
        }
    }

    pub fn without_root(&self) -> impl Iterator<Item = &LayerNode> {
        self.nodes.iter().filter(|node| node.path != PathId::ROOT)
    }
}
