//! The upperdir with its workdir.

use std::collections::BTreeMap;

use super::{
    event::{CopyUpTo, Event},
    inode::{Ino, Inode, Kind, Origin, OverlayXattrs},
    layer::Layer,
    path::MergedPath,
};

/// The writable layer, and of the workdir the part that lasts: the index of copied-up hard links.
#[derive(Clone, Debug, Default)]
pub struct Upper {
    layer: Layer,
    index: BTreeMap<Origin, Ino>,
}

impl Upper {
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    pub(super) fn from_layer(layer: Layer) -> Self {
        Self { layer, index: BTreeMap::new() }
    }

    /// The upper inodes of lower hard links that were copied up (`index=on`).
    pub fn index(&self) -> &BTreeMap<Origin, Ino> {
        &self.index
    }

    /// Applies one event; those that change nothing here are passed over. Events of another history are not for this:
    /// they may name paths and inodes that this upperdir never had.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::CopyUp { path, ino, inode, to, .. } => {
                let made = self.layer.add((**inode).clone());
                debug_assert_eq!(made, *ino);
                match to {
                    CopyUpTo::Name => self.link(path, made),
                    CopyUpTo::Index(origin) => {
                        self.layer.inode_mut(made).links += 1;
                        self.index.insert(*origin, made);
                    }
                }
            }
            Event::Create { path, ino, inode } => {
                let made = self.layer.add((**inode).clone());
                debug_assert_eq!(made, *ino);
                self.link(path, made);
            }
            Event::CopyUpData { ino, content, .. } => {
                let inode = self.layer.inode_mut(*ino);
                inode.kind = Kind::File(content.clone());
                inode.overlay.metacopy = false;
            }
            Event::Link { path, ino } => self.link(path, *ino),
            Event::Write { ino, content, .. } => self.layer.inode_mut(*ino).kind = Kind::File(content.clone()),
            Event::SetMode { ino, mode, .. } => self.layer.inode_mut(*ino).mode = *mode,
            Event::SetOwner { ino, uid, gid, .. } => {
                let inode = self.layer.inode_mut(*ino);
                (inode.uid, inode.gid) = (*uid, *gid);
            }
            Event::SetTime { ino, mtime, .. } => self.layer.inode_mut(*ino).mtime = *mtime,
            Event::SetXattr { ino, name, value, .. } => {
                self.layer.inode_mut(*ino).xattrs.insert(name.clone(), value.clone());
            }
            Event::RemoveXattr { ino, name, .. } => {
                self.layer.inode_mut(*ino).xattrs.remove(name);
            }
            Event::Whiteout { path } => {
                let made = self.layer.add(Inode::whiteout());
                self.link(path, made);
            }
            Event::Opaque { ino, .. } => self.layer.inode_mut(*ino).overlay.opaque = true,
            Event::Clear { ino, whiteouts, .. } => {
                whiteouts.iter().for_each(|path| self.layer.remove(path));
                // It is another directory now, made like any new one.
                self.layer.inode_mut(*ino).overlay = OverlayXattrs { opaque: true, ..OverlayXattrs::default() };
            }
            Event::Redirect { ino, to, .. } => self.layer.inode_mut(*ino).overlay.redirect = Some(to.clone()),
            Event::Impure { ino, impure, .. } => self.layer.inode_mut(*ino).overlay.impure = *impure,
            Event::UnionLinks { ino, difference, .. } => {
                self.layer.inode_mut(*ino).overlay.nlink = Some(*difference);
            }
            Event::Unindex { origin } => {
                if let Some(ino) = self.index.remove(origin) {
                    self.layer.drop_link(ino);
                }
            }
            Event::Remove { path, .. } => self.layer.remove(path),
            Event::Move { from, to } => {
                if let Some(ino) = self.take(from) {
                    self.give(to, ino);
                }
            }
            Event::Exchange { a, b } => {
                if let (Some(was_a), Some(was_b)) = (self.take(a), self.take(b)) {
                    self.give(a, was_b);
                    self.give(b, was_a);
                }
            }
            Event::LookUp { .. } | Event::Read { .. } | Event::Refuse { .. } => {}
        }
    }

    /// Mode and owner for the root of an upperdir that is still empty.
    pub(super) fn take_root_from(&mut self, lower_root: &Inode) {
        let root = self.layer.inode_mut(Layer::ROOT);
        (root.mode, root.uid, root.gid, root.mtime) =
            (lower_root.mode, lower_root.uid, lower_root.gid, lower_root.mtime);
    }

    /// The tree as it is found later by a mount that has it as a lower layer. What the index linked keeps that link:
    /// the workdir is still there.
    pub(super) fn into_layer(self) -> Layer {
        self.layer
    }

    fn parent(&self, path: &MergedPath) -> Ino {
        self.layer.find(&path.parent()).expect("an event names a path whose parent is in the upperdir")
    }

    fn link(&mut self, path: &MergedPath, ino: Ino) {
        let parent = self.parent(path);
        self.layer.link(parent, path.name(), ino);
    }

    /// Takes an entry out without counting down its links; [`Self::give`] puts it back.
    fn take(&mut self, path: &MergedPath) -> Option<Ino> {
        let parent = self.parent(path);
        self.layer.entries_mut(parent).remove(&path.name())
    }

    fn give(&mut self, path: &MergedPath, ino: Ino) {
        let parent = self.parent(path);
        self.layer.entries_mut(parent).insert(path.name(), ino);
    }
}
