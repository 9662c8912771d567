//! rename, within a layer and across.
//!
//! Source: "Renaming directories"; fs/overlayfs/dir.c; rename(2).

use super::{
    Overlay,
    copy_up::For,
    errno::{Errno, Reason, Refusal, is_a_directory, no_such_entry, not_a_directory, refuse},
    event::{Event, Removed},
    inode::Bytes,
    lookup::Dentry,
    op::Outcome,
    path::MergedPath,
    walk::{Last, LastLink, Walked},
};

/// The module parameter `redirect_max`.
const REDIRECT_MAX: usize = 256;

impl Overlay {
    pub(super) fn rename(&mut self, from: &[u8], to: &[u8], no_replace: bool) -> Result<Outcome, Refusal> {
        let old = self.walk(from, LastLink::Keep)?;
        let new = self.walk(to, LastLink::Keep)?;
        if old.last != Last::Name {
            return refuse(Errno::EBUSY, Reason::NotAnEntry);
        }
        if new.last != Last::Name {
            return refuse(if no_replace { Errno::EEXIST } else { Errno::EBUSY }, Reason::NotAnEntry);
        }
        if !old.dentry.exists() {
            return no_such_entry();
        }
        if no_replace && new.dentry.exists() {
            return refuse(Errno::EEXIST, Reason::AlreadyExists);
        }
        let is_dir = self.inode(&old.dentry).is_directory();
        if !is_dir && (old.trailing_slash || new.trailing_slash) {
            return not_a_directory();
        }
        if old.dentry.path.is_ancestor_of(&new.dentry.path) {
            return refuse(Errno::EINVAL, Reason::IntoItself);
        }
        if new.dentry.path.is_ancestor_of(&old.dentry.path) {
            return refuse(Errno::ENOTEMPTY, Reason::IntoItself);
        }
        if self.is_same_inode(&old.dentry, &new.dentry) {
            return Ok(Outcome::Done);
        }
        if new.dentry.exists() {
            match (is_dir, self.inode(&new.dentry).is_directory()) {
                (true, false) => return not_a_directory(),
                (false, true) => return is_a_directory(),
                _ => {}
            }
        }
        self.rename_over(old, new)
    }

    fn rename_over(&mut self, old: Walked, new: Walked) -> Result<Outcome, Refusal> {
        self.check_can_move(&old.dentry)?;
        let samedir = old.parent.path == new.parent.path;
        let lower_positive = self.is_lower_positive(&old.parent, &old.dentry);
        let new_is_dir = new.dentry.exists() && self.inode(&new.dentry).is_directory();
        // A directory that is only in the upperdir is left to the file system there, which refuses it last of all: what
        // was copied up for the move, and the redirect, then stay.
        let pure_upper = self.is_pure_upper(&new.dentry);
        let check = |overlay: &Self, early: bool| {
            if new_is_dir && early != pure_upper { overlay.whiteouts_of_empty(&new.dentry) } else { Ok(Vec::new()) }
        };
        let whiteouts = check(self, true)?;

        let old_dentry = self.copy_up(&old.dentry.path, For::Metadata)?;
        let new_parent = self.copy_up(&new.parent.path, For::Metadata)?;
        let new_dentry = self.before_link_count_changes(&new.dentry)?;
        let links = if new_dentry.exists() { self.union_links(&new_dentry) } else { 0 };
        self.clear_whiteouts(&new_dentry, whiteouts);
        if !samedir && self.has_origin(&old_dentry) {
            self.set_impure(&new_parent);
        }
        self.mark_move(&old_dentry, &new_parent, samedir)?;
        check(self, false)?;

        let (from, to) = (old_dentry.path, new_dentry.path.clone());
        if new_dentry.in_upper() {
            let what = if new_is_dir { Removed::EmptyDirectory } else { Removed::Name };
            self.emit(Event::Remove { path: to.clone(), what });
        } else if new_dentry.is_upper_whiteout() {
            self.emit(Event::Remove { path: to.clone(), what: Removed::Whiteout });
        }
        self.emit(Event::Move { from: from.clone(), to });
        if lower_positive {
            self.emit(Event::Whiteout { path: from });
        }
        if new_dentry.exists() && !new_is_dir {
            self.after_name_removed(&new_dentry, links);
        }
        let old_parent = self.existing(&old.parent.path)?;
        self.touch(&old_parent);
        if !samedir {
            self.touch(&new_parent);
        }
        Ok(Outcome::Done)
    }

    pub(super) fn exchange(&mut self, a: &[u8], b: &[u8]) -> Result<Outcome, Refusal> {
        let old = self.walk(a, LastLink::Keep)?;
        let new = self.walk(b, LastLink::Keep)?;
        if old.last != Last::Name || new.last != Last::Name {
            return refuse(Errno::EBUSY, Reason::NotAnEntry);
        }
        if !old.dentry.exists() || !new.dentry.exists() {
            return no_such_entry();
        }
        for side in [&new, &old] {
            if side.trailing_slash && !self.inode(&side.dentry).is_directory() {
                return not_a_directory();
            }
        }
        if old.dentry.path.is_ancestor_of(&new.dentry.path) || new.dentry.path.is_ancestor_of(&old.dentry.path) {
            return refuse(Errno::EINVAL, Reason::IntoItself);
        }
        if self.is_same_inode(&old.dentry, &new.dentry) {
            return Ok(Outcome::Done);
        }
        self.check_can_move(&old.dentry)?;
        self.check_can_move(&new.dentry)?;
        let samedir = old.parent.path == new.parent.path;
        let old_dentry = self.copy_up(&old.dentry.path, For::Metadata)?;
        let new_dentry = self.copy_up(&new.dentry.path, For::Metadata)?;
        let (old_parent, new_parent) = (self.existing(&old.parent.path)?, self.existing(&new.parent.path)?);
        if !samedir {
            if self.has_origin(&old_dentry) {
                self.set_impure(&new_parent);
            }
            if self.has_origin(&new_dentry) {
                self.set_impure(&old_parent);
            }
        }
        self.mark_move(&old_dentry, &new_parent, samedir)?;
        self.mark_move(&new_dentry, &old_parent, samedir)?;
        self.emit(Event::Exchange { a: old_dentry.path, b: new_dentry.path });
        self.touch(&old_parent);
        if !samedir {
            self.touch(&new_parent);
        }
        Ok(Outcome::Done)
    }

    /// Stores in the upperdir where the lower part of something stays behind.
    pub(super) fn set_redirect(&mut self, dentry: &Dentry, samedir: bool) -> Result<(), Refusal> {
        let inode = self.inode(dentry);
        // Names of one hard-linked file may be in several directories: a relative redirect would fit only one of them.
        let absolute = !samedir
            || (!inode.is_directory() && dentry.lowers.first().is_some_and(|&lower| self.lower_inode(lower).links > 1));
        if let Some(present) = &inode.overlay.redirect
            && (!absolute || present.starts_with(b"/"))
        {
            return Ok(());
        }
        let to = if absolute { self.absolute_redirect(&dentry.path)? } else { dentry.path.name() };
        if let Some(ino) = dentry.upper {
            self.emit(Event::Redirect { path: dentry.path.clone(), ino, to });
        }
        Ok(())
    }

    /// Where the lower part of a path is, counted from the roots of the lower layers: the nearest absolute redirect on
    /// the way up, and below it each directory's redirect or else its name.
    fn absolute_redirect(&self, path: &MergedPath) -> Result<Bytes, Refusal> {
        let mut out: Vec<u8> = Vec::new();
        let mut at = path.clone();
        while !at.is_root() {
            let dentry = self.existing(&at)?;
            let redirect = dentry.upper.and_then(|ino| self.upper.layer().inode(ino).overlay.redirect.clone());
            let part = redirect.unwrap_or_else(|| at.name());
            let mut longer = if part.starts_with(b"/") { Vec::new() } else { vec![b'/'] };
            longer.extend_from_slice(&part);
            longer.extend_from_slice(&out);
            out = longer;
            if out.len() > REDIRECT_MAX {
                return refuse(Errno::EXDEV, Reason::RedirectTooLong);
            }
            if part.starts_with(b"/") {
                break;
            }
            at = at.parent();
        }
        Ok(out.into())
    }

    /// Before a move: a redirect for what has a lower part, and the opaque mark for a directory that has none, lest it
    /// merge with what lies below its new name.
    fn mark_move(&mut self, dentry: &Dentry, new_parent: &Dentry, samedir: bool) -> Result<(), Refusal> {
        if self.is_merge(dentry) {
            return self.set_redirect(dentry, samedir);
        }
        let inode = self.inode(dentry);
        if let Some(ino) = dentry.upper
            && inode.is_directory()
            && !inode.overlay.opaque
            && self.is_merge(new_parent)
        {
            self.emit(Event::Opaque { path: dentry.path.clone(), ino });
        }
        Ok(())
    }

    fn check_can_move(&self, dentry: &Dentry) -> Result<(), Refusal> {
        if !self.mode.redirect_dir() && self.inode(dentry).is_directory() && self.is_merge_or_lower(dentry) {
            return refuse(Errno::EXDEV, Reason::LowerDirectoryCannotMove);
        }
        Ok(())
    }

    /// Two names of one inode, as the merged view has it: names of a lower hard link are strangers to each other
    /// unless there is an index.
    fn is_same_inode(&self, a: &Dentry, b: &Dentry) -> bool {
        if a.path == b.path {
            return a.exists();
        }
        match (a.upper, b.upper) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.mode.index() && !a.lowers.is_empty() && a.lowers.first() == b.lowers.first(),
            _ => false,
        }
    }
}
