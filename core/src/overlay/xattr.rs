//! Extended attributes that processes set.
//!
//! Source: xattr(7); overlayfs.rst ("Nesting overlayfs mounts").

use std::collections::BTreeMap;

use super::{
    Overlay,
    copy_up::For,
    errno::{Errno, Reason, Refusal, no_such_entry, refuse},
    event::Event,
    inode::{Bytes, Inode, Name},
    lookup::Dentry,
    metadata::last_link,
    op::{Outcome, XattrFlag},
};

const NAME_MAX: usize = 255;
const VALUE_MAX: usize = 65_536;
const OWN_PREFIX: &[u8] = b"trusted.overlay.";

impl Overlay {
    pub(super) fn set_xattr(
        &mut self,
        path: &[u8],
        name: &[u8],
        value: &[u8],
        flag: XattrFlag,
        follow: bool,
    ) -> Result<Outcome, Refusal> {
        check_length(name)?;
        if value.len() > VALUE_MAX {
            return refuse(Errno::E2BIG, Reason::XattrTooLong);
        }
        let dentry = self.walk_existing(path, last_link(follow))?;
        let stored = stored_name(name)?;
        if !may_have(self.inode(&dentry), name) {
            return refuse(Errno::EPERM, Reason::UserXattrOnSpecialFile);
        }
        // The copy-up comes first, so that it happens even if the flag then refuses the attribute.
        let dentry = self.with_upper_inode(dentry)?;
        let Some(ino) = dentry.upper else { return no_such_entry() };
        match (flag, self.inode(&dentry).xattrs.contains_key(&stored)) {
            (XattrFlag::Create, true) => return refuse(Errno::EEXIST, Reason::XattrExists),
            (XattrFlag::Replace, false) => return refuse(Errno::ENODATA, Reason::NoSuchXattr),
            _ => {}
        }
        self.emit(Event::SetXattr { path: dentry.path, ino, name: stored, value: value.into() });
        Ok(Outcome::Done)
    }

    pub(super) fn get_xattr(&mut self, path: &[u8], name: &[u8], follow: bool) -> Result<Outcome, Refusal> {
        check_length(name)?;
        let dentry = self.walk_existing(path, last_link(follow))?;
        let inode = self.inode(&dentry);
        if !may_have(inode, name) {
            return refuse(Errno::ENODATA, Reason::NoSuchXattr);
        }
        match inode.xattrs.get(&stored_name(name)?) {
            Some(value) => Ok(Outcome::Bytes(value.clone())),
            None => refuse(Errno::ENODATA, Reason::NoSuchXattr),
        }
    }

    pub(super) fn list_xattr(&mut self, path: &[u8], follow: bool) -> Result<Outcome, Refusal> {
        let dentry = self.walk_existing(path, last_link(follow))?;
        let xattrs = self.inode(&dentry).shown_xattrs();
        let shown: BTreeMap<Name, u64> = xattrs.map(|(name, value)| (name, value.len() as u64)).collect();
        Ok(Outcome::Xattrs(shown))
    }

    pub(super) fn remove_xattr(&mut self, path: &[u8], name: &[u8], follow: bool) -> Result<Outcome, Refusal> {
        check_length(name)?;
        let dentry = self.walk_existing(path, last_link(follow))?;
        let stored = stored_name(name)?;
        if !may_have(self.inode(&dentry), name) {
            return refuse(Errno::EPERM, Reason::UserXattrOnSpecialFile);
        }
        // Nothing is copied up for the sake of an attribute that is not there.
        if !self.inode(&dentry).xattrs.contains_key(&stored) {
            return refuse(Errno::ENODATA, Reason::NoSuchXattr);
        }
        let dentry = self.with_upper_inode(dentry)?;
        let Some(ino) = dentry.upper else { return no_such_entry() };
        self.emit(Event::RemoveXattr { path: dentry.path, ino, name: stored });
        Ok(Outcome::Done)
    }

    /// Attributes belong to the inode: with an index it may be in the upperdir though this name of it is not.
    fn with_upper_inode(&mut self, dentry: Dentry) -> Result<Dentry, Refusal> {
        if dentry.upper.is_some() { Ok(dentry) } else { self.copy_up(&dentry.path, For::Metadata) }
    }
}

impl Inode {
    /// The attributes as a process sees them in the merged view.
    pub fn shown_xattrs(&self) -> impl Iterator<Item = (Name, &Bytes)> {
        self.xattrs.iter().map(|(name, value)| (shown_name(name), value))
    }
}

fn check_length(name: &[u8]) -> Result<(), Refusal> {
    if name.is_empty() || name.len() > NAME_MAX {
        return refuse(Errno::ERANGE, Reason::XattrNameInvalid);
    }
    Ok(())
}

/// The name under which the upperdir keeps it: OverlayFS's own names, when a process uses them, are escaped, so that
/// one overlay can lie in another.
fn stored_name(name: &[u8]) -> Result<Name, Refusal> {
    for prefix in [&b"user."[..], b"trusted.", b"security."] {
        if name == prefix {
            return refuse(Errno::EINVAL, Reason::XattrNameInvalid);
        }
        if name.starts_with(prefix) {
            return Ok(match name.strip_prefix(OWN_PREFIX) {
                Some(rest) => [OWN_PREFIX, b"overlay.", rest].concat().into(),
                None => name.into(),
            });
        }
    }
    refuse(Errno::EOPNOTSUPP, Reason::XattrUnknownNamespace)
}

fn shown_name(stored: &Name) -> Name {
    match stored.strip_prefix(&[OWN_PREFIX, b"overlay."].concat()[..]) {
        Some(rest) => [OWN_PREFIX, rest].concat().into(),
        None => stored.clone(),
    }
}

fn may_have(inode: &Inode, name: &[u8]) -> bool {
    !name.starts_with(b"user.") || inode.is_file() || inode.is_directory()
}
