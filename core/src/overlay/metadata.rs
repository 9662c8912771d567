//! stat, readlink, chmod, chown, utimensat.

use super::{
    Overlay,
    copy_up::For,
    errno::{Errno, Reason, Refusal, refuse},
    event::Event,
    inode::{Ino, Kind},
    lookup::Dentry,
    op::{Outcome, Stat},
    path::MergedPath,
    walk::LastLink,
};
use crate::layer::changeset::DeviceNumber;

impl Overlay {
    pub(super) fn stat(&mut self, path: &[u8], follow: bool) -> Result<Outcome, Refusal> {
        let dentry = self.walk_existing(path, last_link(follow))?;
        Ok(Outcome::Stat(self.stat_of(&dentry)))
    }

    pub(super) fn stat_of(&self, dentry: &Dentry) -> Stat {
        let inode = self.inode(dentry);
        Stat {
            file_type: inode.file_type(),
            mode: inode.mode,
            uid: inode.uid,
            gid: inode.gid,
            size: inode.size(),
            links: self.links(dentry),
            mtime: inode.mtime,
            device: match inode.kind {
                Kind::CharDevice(number) | Kind::BlockDevice(number) => number,
                _ => DeviceNumber { major: 0, minor: 0 },
            },
        }
    }

    pub(super) fn read_link(&mut self, path: &[u8]) -> Result<Outcome, Refusal> {
        let dentry = self.walk_existing(path, LastLink::FollowBeforeSlash)?;
        match &self.inode(&dentry).kind {
            Kind::Symlink(target) => Ok(Outcome::Bytes(target.clone())),
            _ => refuse(Errno::EINVAL, Reason::NotASymlink),
        }
    }

    pub(super) fn chmod(&mut self, path: &[u8], mode: u16) -> Result<Outcome, Refusal> {
        let (path, ino) = self.for_metadata(path, true)?;
        self.set_mode(path, ino, mode & 0o7777);
        Ok(Outcome::Done)
    }

    pub(super) fn chown(&mut self, path: &[u8], uid: u32, gid: u32, follow: bool) -> Result<Outcome, Refusal> {
        let (path, ino) = self.for_metadata(path, follow)?;
        let inode = self.upper.layer().inode(ino);
        let mut mode = inode.mode;
        // A new owner must not inherit a setuid program; setgid without group execution is only a lock mark.
        if !inode.is_directory() {
            mode &= !0o4000;
            if mode & 0o2010 == 0o2010 {
                mode &= !0o2000;
            }
        }
        if (inode.uid, inode.gid) != (uid, gid) {
            self.emit(Event::SetOwner { path: path.clone(), ino, uid, gid });
        }
        self.set_mode(path, ino, mode);
        Ok(Outcome::Done)
    }

    pub(super) fn set_mtime(&mut self, path: &[u8], mtime: i64, follow: bool) -> Result<Outcome, Refusal> {
        let (path, ino) = self.for_metadata(path, follow)?;
        if self.upper.layer().inode(ino).mtime != mtime {
            self.emit(Event::SetTime { path, ino, mtime });
        }
        Ok(Outcome::Done)
    }

    fn set_mode(&mut self, path: MergedPath, ino: Ino, mode: u16) {
        if self.upper.layer().inode(ino).mode != mode {
            self.emit(Event::SetMode { path, ino, mode });
        }
    }

    /// Copies up what a path leads to, for a change of metadata.
    fn for_metadata(&mut self, path: &[u8], follow: bool) -> Result<(MergedPath, Ino), Refusal> {
        let dentry = self.walk_existing(path, last_link(follow))?;
        let dentry = self.copy_up(&dentry.path, For::Metadata)?;
        match dentry.upper {
            Some(ino) => Ok((dentry.path, ino)),
            None => refuse(Errno::EIO, Reason::NoSuchEntry),
        }
    }

    /// "Inode properties": a merged directory says 1, since counting its subdirectories would mean reading it.
    fn links(&self, dentry: &Dentry) -> u32 {
        if !self.inode(dentry).is_directory() {
            return self.union_links(dentry);
        }
        if self.is_merge(dentry) {
            return 1;
        }
        match (dentry.upper, dentry.lowers.first()) {
            (None, Some(lower)) => self.lower(lower.layer).links(lower.ino),
            (upper, _) => upper.map_or(1, |ino| self.upper.layer().links(ino)),
        }
    }
}

pub(super) fn last_link(follow: bool) -> LastLink {
    if follow { LastLink::Follow } else { LastLink::FollowBeforeSlash }
}
