//! The names of a tree that are there now: a record a path, with doubly linked lists of children, so that a subtree
//! goes at the cost of its living members and not of all that ever stood in its directories.

use crate::path::PathId;

/// One record for each path of a table, in the order of their ids; most of a stack's paths stay alive.
#[derive(Clone, Debug)]
pub struct Forest<T>(Vec<Node<T>>);

#[derive(Clone, Copy, Debug, Default)]
pub struct Node<T> {
    pub alive: bool,
    /// What is known of the path. It outlives the path's death.
    pub value: T,
    first_child: u32,
    next: u32,
    previous: u32,
}

/// No node: the root is nobody's child.
const NONE: u32 = 0;

impl<T: Copy + Default> Default for Forest<T> {
    fn default() -> Self {
        Self(vec![Node { alive: true, ..Node::default() }])
    }
}

impl<T: Copy + Default> Forest<T> {
    /// Makes room for the paths of a table of `len`.
    pub fn grow(&mut self, len: usize) {
        self.0.resize(len.max(self.0.len()), Node::default());
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

    /// Takes a living node and all below it out of the tree; `visit` sees each once, a parent before its children.
    /// Paths can be thousands deep, so there is no recursion.
    pub fn remove(&mut self, path: PathId, parent: PathId, mut visit: impl FnMut(PathId, T)) {
        self.unlink(path, parent);
        let mut stack = vec![path];
        while let Some(at) = stack.pop() {
            stack.extend(self.children(at));
            let node = &mut self[at];
            (node.alive, node.next, node.previous, node.first_child) = (false, NONE, NONE, NONE);
            visit(at, node.value);
        }
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

    fn unlink(&mut self, path: PathId, parent: PathId) {
        let Node { next, previous, .. } = self[path];
        match previous {
            NONE => self[parent].first_child = next,
            _ => self[PathId(previous)].next = next,
        }
        if next != NONE {
            self[PathId(next)].previous = previous;
        }
    }
}

impl<T> std::ops::Index<PathId> for Forest<T> {
    type Output = Node<T>;

    fn index(&self, path: PathId) -> &Node<T> {
        &self.0[path.index()]
    }
}

impl<T> std::ops::IndexMut<PathId> for Forest<T> {
    fn index_mut(&mut self, path: PathId) -> &mut Node<T> {
        &mut self.0[path.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::PathTable;

    #[test]
    fn a_subtree_goes_at_once_and_its_siblings_stay() {
        let mut table = PathTable::new();
        let [a, b, c] = [b"a", b"b", b"c"].map(|name| table.child(PathId::ROOT, name));
        let below = table.child(b, b"x");
        let mut forest: Forest<u8> = Forest::default();
        forest.grow(table.len());
        for (path, parent) in [(a, PathId::ROOT), (b, PathId::ROOT), (c, PathId::ROOT), (below, b)] {
            forest.link(path, parent);
        }
        let mut removed = Vec::new();
        forest.remove(b, PathId::ROOT, |path, _| removed.push(path));
        assert_eq!(removed, [b, below]);
        assert_eq!(forest.children(PathId::ROOT).collect::<Vec<_>>(), [c, a]);
        forest.link(b, PathId::ROOT);
        assert!(!forest.has_children(b));
        assert_eq!(forest.living().collect::<Vec<_>>(), [a, b, c]);
    }
}
