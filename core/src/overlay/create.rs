//! New names: mkdir, mknod, symlink, link, and files made by opening them.

use super::{
    Overlay,
    copy_up::For,
    errno::{Errno, Reason, Refusal, no_such_entry, refuse},
    event::{Event, Removed},
    inode::{Inode, Kind, WHITEOUT_DEVICE},
    lookup::Dentry,
    op::{NodeKind, Outcome},
    path::MergedPath,
    walk::{Last, LastLink, PATH_MAX, Walked},
};

impl Overlay {
    pub(super) fn mkdir(&mut self, path: &[u8], mode: u16) -> Result<Outcome, Refusal> {
        let (parent, path) = self.new_name(path, true)?;
        // mkdir(2) takes the permission and sticky bits; setuid and setgid are not for the caller to set.
        self.create(&parent, &path, Inode::directory(mode & 0o1777))?;
        Ok(Outcome::Done)
    }

    pub(super) fn mknod(&mut self, path: &[u8], kind: NodeKind, mode: u16) -> Result<Outcome, Refusal> {
        let (parent, path) = self.new_name(path, false)?;
        let kind = match kind {
            NodeKind::CharDevice(WHITEOUT_DEVICE) => return refuse(Errno::EPERM, Reason::WouldBeWhiteout),
            NodeKind::File => Kind::File(Default::default()),
            NodeKind::CharDevice(number) => Kind::CharDevice(number),
            NodeKind::BlockDevice(number) => Kind::BlockDevice(number),
            NodeKind::Fifo => Kind::Fifo,
            NodeKind::Socket => Kind::Socket,
        };
        self.create(&parent, &path, Inode::new(kind, mode & 0o7777))?;
        Ok(Outcome::Done)
    }

    pub(super) fn symlink(&mut self, target: &[u8], path: &[u8]) -> Result<Outcome, Refusal> {
        if target.is_empty() {
            return refuse(Errno::ENOENT, Reason::EmptyPath);
        }
        if target.contains(&0) {
            return refuse(Errno::EINVAL, Reason::NulInPath);
        }
        if target.len() >= PATH_MAX {
            return refuse(Errno::ENAMETOOLONG, Reason::PathTooLong);
        }
        let (parent, path) = self.new_name(path, false)?;
        self.create(&parent, &path, Inode::symlink(target))?;
        Ok(Outcome::Done)
    }

    pub(super) fn hard_link(&mut self, from: &[u8], to: &[u8]) -> Result<Outcome, Refusal> {
        let old = self.walk_existing(from, LastLink::FollowBeforeSlash)?;
        let (parent, new) = self.new_name(to, false)?;
        if self.inode(&old).is_directory() {
            return refuse(Errno::EPERM, Reason::HardLinkToDirectory);
        }
        let old = self.copy_up(&old.path, For::Metadata)?;
        let parent = self.copy_up(&parent.path, For::Metadata)?;
        let links = self.union_links(&old);
        if self.inode(&old).is_file() && !self.has_upper_data(&old) {
            self.set_redirect(&old, false)?;
        }
        if self.has_origin(&old) {
            self.set_impure(&parent);
        }
        self.clear_whiteout(&parent, &new)?;
        if let Some(ino) = old.upper {
            self.emit(Event::Link { path: new, ino });
        }
        self.set_union_links(&old.path, &old, links + 1);
        self.touch(&parent);
        Ok(Outcome::Done)
    }

    /// Makes `inode` at a path where nothing is, perhaps because a whiteout hides it.
    pub(super) fn create(&mut self, parent: &Dentry, path: &MergedPath, inode: Inode) -> Result<(), Refusal> {
        let parent = self.copy_up(&parent.path, For::Metadata)?;
        let over_whiteout = self.clear_whiteout(&parent, path)?;
        let parent_inode = self.inode(&parent);
        let inherited_gid = (parent_inode.mode & 0o2000 != 0).then_some(parent_inode.gid);
        let mut inode = Inode { mtime: self.now, ..inode };
        if let Some(gid) = inherited_gid {
            inode.gid = gid;
            inode.mode |= if inode.is_directory() { 0o2000 } else { 0 };
        }
        // Over a whiteout the mark is needed, or the deleted directory's entries would come back. Elsewhere in a merged
        // directory it only saves the look-ups below.
        let opaque =
            inode.is_directory() && (over_whiteout || self.is_merge(&parent) && !self.mode.allows_offline_changes());
        let ino = self.upper.layer().next_ino();
        self.emit(Event::Create { path: path.clone(), ino, inode: Box::new(inode) });
        if opaque {
            self.emit(Event::Opaque { path: path.clone(), ino });
        }
        self.touch(&parent);
        Ok(())
    }

    /// A name for something new, its directory, and the errors that come before any file system is asked.
    pub(super) fn new_name(&mut self, path: &[u8], directory: bool) -> Result<(Dentry, MergedPath), Refusal> {
        let Walked { parent, last, trailing_slash, dentry } = self.walk(path, LastLink::Keep)?;
        if last != Last::Name || dentry.exists() {
            return refuse(Errno::EEXIST, Reason::AlreadyExists);
        }
        if trailing_slash && !directory {
            return no_such_entry();
        }
        Ok((parent, dentry.path))
    }

    /// Takes a whiteout out of the way of something new. Says whether there was one.
    fn clear_whiteout(&mut self, parent: &Dentry, path: &MergedPath) -> Result<bool, Refusal> {
        let there = self.look_up(parent, &path.name(), None)?.is_upper_whiteout();
        if there {
            self.emit(Event::Remove { path: path.clone(), what: Removed::Whiteout });
        }
        Ok(there)
    }

    /// A directory's time changes when its entries do.
    pub(super) fn touch(&mut self, directory: &Dentry) {
        if let Some(ino) = directory.upper
            && self.upper.layer().inode(ino).mtime != self.now
        {
            self.emit(Event::SetTime { path: directory.path.clone(), ino, mtime: self.now });
        }
    }
}
