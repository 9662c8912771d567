//! One directory tree: a lowerdir, or the upperdir.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    inode::{Ino, Inode, Kind, Name},
    path::MergedPath,
};

/// A directory tree with its inodes. A clone shares all inodes with its original, so that a state of the model can be
/// kept for every step of an undo list.
#[derive(Clone, Debug)]
pub struct Layer {
    inodes: Vec<Option<Arc<Inode>>>,
}

impl Default for Layer {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer {
    pub const ROOT: Ino = Ino(0);

    /// An empty directory of mode 0755.
    pub fn new() -> Self {
        Self { inodes: vec![Some(Arc::new(Inode::directory(0o755)))] }
    }

    /// The inode of a number that a directory of this layer holds.
    pub fn inode(&self, ino: Ino) -> &Inode {
        self.inodes[ino.0 as usize].as_ref().expect("a number in a directory or in the index stands for an inode")
    }

    pub fn entries(&self, directory: Ino) -> Option<&BTreeMap<Name, Ino>> {
        match &self.inode(directory).kind {
            Kind::Directory(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn child(&self, directory: Ino, name: &[u8]) -> Option<Ino> {
        self.entries(directory)?.get(name).copied()
    }

    /// The inode at a path, no symbolic link followed.
    pub fn find(&self, path: &MergedPath) -> Option<Ino> {
        path.components().try_fold(Self::ROOT, |at, name| self.child(at, name))
    }

    /// What `stat` says of the link count on a plain file system: a directory has one for its name, one for `.`, and
    /// one for each subdirectory's `..`.
    pub fn links(&self, ino: Ino) -> u32 {
        match self.entries(ino) {
            Some(entries) => 2 + entries.values().filter(|&&child| self.inode(child).is_directory()).count() as u32,
            None => self.inode(ino).links,
        }
    }

    /// Bytes of its regular files, each inode once: what engines print as the size of a layer.
    pub fn file_bytes(&self) -> u64 {
        self.inodes
            .iter()
            .flatten()
            .filter(|inode| inode.is_file() && !inode.overlay.metacopy)
            .map(|inode| inode.size())
            .fold(0, u64::saturating_add)
    }

    /// How many inodes there are, the root included.
    pub fn inodes(&self) -> usize {
        self.inodes.iter().flatten().count()
    }

    /// Every path but the root, parents first, in the order of the names' bytes.
    pub fn walk(&self) -> Vec<(MergedPath, Ino)> {
        let mut out = Vec::new();
        let mut pending = vec![(MergedPath::root(), Self::ROOT)];
        while let Some((path, ino)) = pending.pop() {
            if let Some(entries) = self.entries(ino) {
                pending.extend(entries.iter().rev().map(|(name, &child)| (path.join(name), child)));
            }
            if !path.is_root() {
                out.push((path, ino));
            }
        }
        out
    }

    /// Puts an inode at a path, in the place of what was there; a directory over a directory keeps the entries. Missing parents become directories of mode 0755; a
    /// parent that is no directory is replaced by one, as unpacking an archive does.
    pub fn put(&mut self, path: &MergedPath, inode: Inode) -> Ino {
        if path.is_root() {
            let entries = std::mem::take(self.entries_mut(Self::ROOT));
            *self.inode_mut(Self::ROOT) = Inode { kind: Kind::Directory(entries), ..inode };
            return Self::ROOT;
        }
        let parent = self.make_parents(path);
        if let (Some(there), true) = (self.child(parent, &path.name()), inode.is_directory())
            && self.inode(there).is_directory()
        {
            let entries = std::mem::take(self.entries_mut(there));
            let links = self.inode(there).links;
            *self.inode_mut(there) = Inode { kind: Kind::Directory(entries), links, ..inode };
            return there;
        }
        let ino = self.add(inode);
        self.link(parent, path.name(), ino);
        ino
    }

    /// Gives the inode at `target` a second name. `None` where there is none, or a directory.
    pub fn put_link(&mut self, path: &MergedPath, target: &MergedPath) -> Option<Ino> {
        let ino = self.find(target)?;
        if self.inode(ino).is_directory() || path.is_root() || path == target {
            return None;
        }
        let parent = self.make_parents(path);
        self.link(parent, path.name(), ino);
        Some(ino)
    }

    /// Removes a name and all below it.
    pub fn remove(&mut self, path: &MergedPath) {
        if let Some(parent) = self.find(&path.parent())
            && !path.is_root()
        {
            self.unlink(parent, &path.name());
        }
    }

    pub(super) fn add(&mut self, inode: Inode) -> Ino {
        self.inodes.push(Some(Arc::new(inode)));
        Ino(self.inodes.len() as u32 - 1)
    }

    /// The number the next inode gets.
    pub(super) fn next_ino(&self) -> Ino {
        Ino(self.inodes.len() as u32)
    }

    pub fn inode_mut(&mut self, ino: Ino) -> &mut Inode {
        let inode = self.inodes[ino.0 as usize].as_mut();
        Arc::make_mut(inode.expect("a number in a directory or in the index stands for an inode"))
    }

    /// Adds or replaces an entry and counts the link.
    pub(super) fn link(&mut self, directory: Ino, name: Name, ino: Ino) {
        self.inode_mut(ino).links += 1;
        if let Some(replaced) = self.entries_mut(directory).insert(name, ino) {
            self.drop_link(replaced);
        }
    }

    /// Removes an entry; the last link takes the inode along, and a directory all that is in it.
    pub(super) fn unlink(&mut self, directory: Ino, name: &[u8]) -> Option<()> {
        let ino = self.entries_mut(directory).remove(name)?;
        self.drop_link(ino);
        Some(())
    }

    pub(super) fn drop_link(&mut self, first: Ino) {
        let mut pending = vec![first];
        while let Some(ino) = pending.pop() {
            let inode = self.inode_mut(ino);
            inode.links -= 1;
            if inode.links == 0 {
                if let Kind::Directory(entries) = &inode.kind {
                    pending.extend(entries.values());
                }
                self.inodes[ino.0 as usize] = None;
            }
        }
    }

    pub(super) fn entries_mut(&mut self, directory: Ino) -> &mut BTreeMap<Name, Ino> {
        match &mut self.inode_mut(directory).kind {
            Kind::Directory(entries) => entries,
            _ => unreachable!("only directories are given entries"),
        }
    }

    fn make_parents(&mut self, path: &MergedPath) -> Ino {
        let mut at = Self::ROOT;
        for ancestor in path.ancestors().into_iter().skip(1) {
            at = match self.child(at, &ancestor.name()) {
                Some(child) if self.inode(child).is_directory() => child,
                _ => {
                    let made = self.add(Inode::directory(0o755));
                    self.link(at, ancestor.name(), made);
                    made
                }
            };
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_a_snapshot() {
        let mut layer = Layer::new();
        layer.put(&"/etc/motd".into(), Inode::file(b"hello", 0o644));
        let before = layer.clone();
        layer.remove(&"/etc".into());
        assert!(layer.walk().is_empty());
        assert_eq!(before.walk().len(), 2);
    }

    #[test]
    fn links_are_counted_as_stat_does() {
        let mut layer = Layer::new();
        let file = layer.put(&"/a/f".into(), Inode::file(b"", 0o644));
        layer.put_link(&"/g".into(), &"/a/f".into());
        layer.put(&"/a/d".into(), Inode::directory(0o755));
        assert_eq!(layer.links(file), 2);
        assert_eq!(layer.links(layer.find(&"/a".into()).unwrap()), 3);
        layer.remove(&"/a".into());
        assert_eq!(layer.links(file), 1);
        assert_eq!(layer.put_link(&"/h".into(), &"/".into()), None);
    }
}
