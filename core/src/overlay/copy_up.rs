//! Copy-up: what a process changes must first be in the upperdir.
//!
//! Source: "Non-directories", "Metadata only copy up", "Index"; fs/overlayfs/copy_up.c.

use super::{
    Overlay,
    content::Content,
    errno::{Refusal, no_such_entry},
    event::{CopyUp, CopyUpTo, Event},
    inode::{Inode, Kind, Origin, OverlayXattrs},
    lookup::Dentry,
    path::MergedPath,
};

/// What the copy is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Metadata, a link, a move: with `metacopy=on` the data stays below.
    Metadata,
    /// The data is to be changed.
    Data,
    /// The file was opened to be emptied: none of the old data is worth copying.
    EmptyData,
}

impl Overlay {
    /// Brings a path into the upperdir, its parents first, and returns it anew. Copies nothing that is there already.
    pub(super) fn copy_up(&mut self, path: &MergedPath, purpose: For) -> Result<Dentry, Refusal> {
        let mut dentry = self.root();
        let mut components = path.components().peekable();
        while let Some(name) = components.next() {
            let parent = dentry;
            dentry = self.look_up(&parent, name, None)?;
            if !dentry.exists() {
                return no_such_entry();
            }
            let is_last = components.peek().is_none();
            if is_last || dentry.upper.is_none() {
                self.copy_up_one(&dentry, &parent, if is_last { purpose } else { For::Metadata })?;
                dentry = self.look_up(&parent, name, None)?;
            }
        }
        Ok(dentry)
    }

    fn copy_up_one(&mut self, dentry: &Dentry, parent: &Dentry, purpose: For) -> Result<(), Refusal> {
        let mut dentry = dentry.clone();
        let name = dentry.path.name();
        if dentry.upper.is_none() {
            self.make_copy(&dentry, parent, purpose);
            dentry = self.look_up(parent, &name, None)?;
        }
        if !dentry.upper_name {
            self.link_up(&dentry, parent);
            dentry = self.look_up(parent, &name, None)?;
        }
        if purpose != For::Metadata
            && self.inode(&dentry).is_file()
            && !self.has_upper_data(&dentry)
            && let (Some(ino), Some(data)) = (dentry.upper, dentry.lowers.last())
            && let Kind::File(content) = &self.lower_inode(*data).kind
        {
            let content = if purpose == For::EmptyData { Content::zeros(0) } else { content.clone() };
            let (path, written) = (dentry.path, !content.is_empty());
            self.emit(Event::CopyUpData { path: path.clone(), from: data.layer, ino, content });
            // The file is there already, so that its time, unlike that of a whole copy, changes as by any write.
            if written && self.upper.layer().inode(ino).mtime != self.now {
                self.emit(Event::SetTime { path, ino, mtime: self.now });
            }
        }
        Ok(())
    }

    fn make_copy(&mut self, dentry: &Dentry, parent: &Dentry, purpose: For) {
        let lower = dentry.lowers[0];
        let lower_links = self.lower_inode(lower).links;
        let mut inode = self.lower_inode(lower).bare();
        let origin = Origin { layer: lower.layer, ino: lower.ino };
        let hard_linked = !inode.is_directory() && lower_links > 1;
        let to = if hard_linked && self.mode.index() { CopyUpTo::Index(origin) } else { CopyUpTo::Name };
        if to == CopyUpTo::Name {
            self.set_impure(parent);
        }
        // A copied-up hard link that is not indexed has nothing to do with its origin any more: the link is broken.
        inode.overlay = OverlayXattrs {
            origin: (!hard_linked || to != CopyUpTo::Name).then_some(origin),
            nlink: (to != CopyUpTo::Name).then_some(lower_links as i32 - 1),
            ..OverlayXattrs::default()
        };
        let mut from = lower.layer;
        let what = match &mut inode.kind {
            Kind::Directory(_) => CopyUp::Directory,
            Kind::File(content) if self.mode.metacopy() && purpose == For::Metadata => {
                *content = Content::zeros(content.len());
                inode.overlay.metacopy = true;
                CopyUp::Metadata
            }
            Kind::File(content) => {
                if purpose == For::EmptyData {
                    *content = Content::default();
                } else if let Some(data) = dentry.lowers.last() {
                    // The lower file may itself be metadata only, with its data further down.
                    from = data.layer;
                    if let Kind::File(data) = &self.lowers[data.layer.0 as usize].inode(data.ino).kind {
                        *content = data.clone();
                    }
                }
                CopyUp::Data { bytes: content.len() }
            }
            Kind::Symlink(_) => CopyUp::Symlink,
            Kind::CharDevice(_) | Kind::BlockDevice(_) | Kind::Fifo | Kind::Socket => CopyUp::Node,
        };
        let ino = self.upper.layer().next_ino();
        self.emit(Event::CopyUp { path: dentry.path.clone(), from, what, ino, inode: Box::new(inode), to });
    }

    /// Gives an inode that was copied up under another name this one too.
    fn link_up(&mut self, dentry: &Dentry, parent: &Dentry) {
        self.set_impure(parent);
        let links = self.union_links(dentry);
        if let Some(ino) = dentry.upper {
            self.emit(Event::Link { path: dentry.path.clone(), ino });
            self.set_union_links(&dentry.path, dentry, links);
        }
    }

    /// Marks an upper directory as one that may hold entries that were copied up.
    pub(super) fn set_impure(&mut self, directory: &Dentry) {
        if let Some(ino) = directory.upper
            && !self.upper.layer().inode(ino).overlay.impure
        {
            self.emit(Event::Impure { path: directory.path.clone(), ino, impure: true });
        }
    }

    /// What `stat` says of the link count of something that is no directory. With an index the names that were copied
    /// up and those that were not are counted together, and the index's own link is not.
    pub(super) fn union_links(&self, dentry: &Dentry) -> u32 {
        let inode = self.inode(dentry);
        match (dentry.index, inode.overlay.nlink) {
            (Some(_), Some(difference)) => inode.links.saturating_add_signed(difference),
            _ => inode.links,
        }
    }

    /// Stores the union's link count relative to the upper inode's, so that both can change together later.
    pub(super) fn set_union_links(&mut self, path: &MergedPath, dentry: &Dentry, links: u32) {
        if let (Some(ino), Some(_)) = (dentry.upper, dentry.index) {
            let upper: &Inode = self.upper.layer().inode(ino);
            let difference = links as i32 - upper.links as i32;
            if upper.overlay.nlink != Some(difference) {
                self.emit(Event::UnionLinks { path: path.clone(), ino, difference });
            }
        }
    }

    /// Before a name of an indexed inode goes away: the count must be stored, so the inode must be in the index, and
    /// therefore a lower hard link is copied up only to be deleted. Returns the path as it is after that.
    pub(super) fn before_link_count_changes(&mut self, dentry: &Dentry) -> Result<Dentry, Refusal> {
        if !dentry.exists() || self.inode(dentry).is_directory() {
            return Ok(dentry.clone());
        }
        let needs_index =
            self.mode.index() && dentry.lowers.first().is_some_and(|&lower| self.lower_inode(lower).links > 1);
        if needs_index && !dentry.upper_name {
            return self.copy_up(&dentry.path, For::Metadata);
        }
        Ok(dentry.clone())
    }

    /// After a name of `dentry` went away, of which there were `links` before.
    pub(super) fn after_name_removed(&mut self, dentry: &Dentry, links: u32) {
        if let Some(origin) = dentry.index
            && links == 1
        {
            self.emit(Event::Unindex { origin });
        }
    }
}
