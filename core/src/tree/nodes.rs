//! The names of a tree that are there now: a record a path, with doubly linked lists of children, so that a subtree
//! goes at the cost of its living members and not of all that ever stood in its directories.

use super::inode::InodeId;
use crate::path::PathId;

/// One record for each path of the table, in the order of their ids; most of a stack's paths stay alive.
#[derive(Clone, Debug)]
pub struct Nodes(Vec<Node>);

#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What the name is bound to, while it is alive.
    pub inode: InodeId,
    /// The layer whose entry (or implied parent) the name is.
    pub layer: u32,
    /// The layer since which the path has been there without a gap.
    pub since: u32,
    /// One more than the last layer that lists the path.
    pub listed_by: u32,
    pub alive: bool,
    /// The name came as a hard link.
    pub hard_link: bool,
    first_child: u32,
    next: u32,
    previous: u32,
}

/// No node: the root is nobody's child.
const NONE: u32 = 0;

impl Default for Nodes {
    fn default() -> Self {
        Self(vec![Node { alive: true, ..Node::dead() }])
    }
}

impl Node {
    const fn dead() -> Self {
        Self {
            inode: InodeId(u32::MAX),
            layer: 0,
            since: 0,
            listed_by: 0,
            alive: false,
            hard_link: false,
            first_child: NONE,
            next: NONE,
            previous: NONE,
        }
    }
}

impl Nodes {
    /// Makes room for the paths of a table of `len`.
    pub fn grow(&mut self, len: usize) {
        self.0.resize(len.max(self.0.len()), Node::dead());
    }

    /// Puts a dead node among the children of `parent`.
    pub fn link(&mut self, path: PathId, parent: PathId) {
        let first = std::mem::replace(&mut self[parent].first_child, path.0);
        if first != NONE {
            self[PathId(first)].previous = path.0;
        }
        let node = &mut self[path];
        (node.alive, node.next, node.previous, node.first_child) = (true, first, NONE, NONE);
    }

    /// Takes a living node from the children of `parent`; what is below it must be taken or killed too.
    pub fn unlink(&mut self, path: PathId, parent: PathId) {
        let Node { next, previous, .. } = self[path];
        match previous {
            NONE => self[parent].first_child = next,
            _ => self[PathId(previous)].next = next,
        }
        if next != NONE {
            self[PathId(next)].previous = previous;
        }
        let node = &mut self[path];
        (node.alive, node.next, node.previous) = (false, NONE, NONE);
    }

    /// Marks a node as gone whose directory goes too, so that no list need be mended.
    pub fn kill(&mut self, path: PathId) {
        let node = &mut self[path];
        (node.alive, node.next, node.previous, node.first_child) = (false, NONE, NONE, NONE);
    }

    /// The living children, the last added first.
    pub fn children(&self, path: PathId) -> impl Iterator<Item = PathId> {
        let some = |id: u32| (id != NONE).then_some(PathId(id));
        std::iter::successors(some(self[path].first_child), move |&child| some(self[child].next))
    }

    pub fn has_children(&self, path: PathId) -> bool {
        self[path].first_child != NONE
    }

    /// All living paths, the root excluded, every parent before its children.
    pub fn living(&self) -> impl Iterator<Item = PathId> {
        (1..self.0.len() as u32).map(PathId).filter(|&path| self[path].alive)
    }
}

impl std::ops::Index<PathId> for Nodes {
    type Output = Node;

    fn index(&self, path: PathId) -> &Node {
        &self.0[path.index()]
    }
}

impl std::ops::IndexMut<PathId> for Nodes {
    fn index_mut(&mut self, path: PathId) -> &mut Node {
        &mut self.0[path.index()]
    }
}
